import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { erlangC, lateAlone, lateShare, rateSustained, serversNeeded } from './erlang.ts';
import type { ServiceShape } from './erlang.ts';

const constant = (meanMs: number): ServiceShape => ({ meanMs, cv2: 0, parts: [[meanMs, 1]] });

function exponential(meanMs: number): ServiceShape {
  const parts: [number, number][] = [];
  const stepMs = meanMs / 200;
  for (let ms = stepMs / 2; ms < meanMs * 20; ms += stepMs) {
    parts.push([ms, Math.exp(-(ms - stepMs / 2) / meanMs) - Math.exp(-(ms + stepMs / 2) / meanMs)]);
  }
  return { meanMs, cv2: 1, parts };
}

describe('erlangC', () => {
  test.each([
    // One server: the chance to wait is the load.
    [1, 0.5, 0.5],
    [2, 1, 1 / 3],
    // From Erlang's tables.
    [10, 8, 0.409],
    [5, 0, 0],
    [3, 3, 1],
    [3, 7, 1],
  ])('%i servers, load %d: %d', (servers, load, waits) => {
    expect(erlangC(servers, load)).toBeCloseTo(waits, 3);
  });

  test('a server more never makes waiting likelier', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.double({ min: 0, max: 200, noNaN: true }), (servers, load) => {
        expect(erlangC(servers + 1, load)).toBeLessThanOrEqual(erlangC(servers, load) + 1e-12);
      }),
    );
  });
});

test('with exponential service times it is the closed form of M/M/n', () => {
  const [ratePerS, meanMs, servers, thresholdMs] = [50, 100, 7, 400];
  const mu = 1 / meanMs;
  const theta = servers * mu - ratePerS / 1_000;
  const c = erlangC(servers, (ratePerS * meanMs) / 1_000);
  const [slow, fast] = [Math.exp(-theta * thresholdMs), Math.exp(-mu * thresholdMs)];
  const closed = (1 - c) * fast + (c * (theta * fast - mu * slow)) / (theta - mu);
  expect(lateShare(ratePerS, exponential(meanMs), servers, thresholdMs)).toBeCloseTo(closed, 3);
});

test('one server, exponential: p95 is ln 20 / (μ − λ)', () => {
  const thresholdMs = (1_000 * Math.log(20)) / (20 - 12);
  expect(lateShare(12, exponential(50), 1, thresholdMs)).toBeCloseTo(0.05, 3);
});

describe('serversNeeded', () => {
  test.each([
    ['nothing to do', 0, exponential(100), 500, 1],
    ['constant service is no tail', 50, constant(100), 500, 6],
    ['20/s of 100 ms', 20, exponential(100), 500, 3],
    ['100/s of 100 ms', 100, exponential(100), 500, 11],
    ['a constant service of nearly the threshold', 1, constant(490), 500, 3],
  ])('%s', (_, ratePerS, service, thresholdMs, servers) => {
    expect(serversNeeded(ratePerS, service, thresholdMs)).toBe(servers);
  });

  test('no number of servers helps when the service alone is too slow', () => {
    expect(lateAlone(exponential(200), 500)).toBeGreaterThan(0.05);
    expect(serversNeeded(1, exponential(200), 500)).toBeNull();
    expect(serversNeeded(1, constant(501), 500)).toBeNull();
  });

  test('is enough, and one less is not', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.1, max: 300, noNaN: true }), fc.integer({ min: 1, max: 150 }), (rate, meanMs) => {
        const service = exponential(meanMs);
        const servers = serversNeeded(rate, service, 500) ?? 0;
        expect(lateShare(rate, service, servers, 500)).toBeLessThanOrEqual(0.05);
        if (servers > 1) expect(lateShare(rate, service, servers - 1, 500)).toBeGreaterThan(0.05);
      }),
      { numRuns: 30 },
    );
  });
});

test('rateSustained is where one server more is needed', () => {
  const service = exponential(100);
  const rate = rateSustained(service, 5, 500);
  expect(serversNeeded(rate * 0.98, service, 500)).toBe(5);
  expect(serversNeeded(rate * 1.03, service, 500)).toBe(6);
  expect(rateSustained(constant(600), 5, 500)).toBe(0);
});
