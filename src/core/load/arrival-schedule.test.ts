import { describe, expect, test } from 'vitest';
import { createRandom } from '../../../containers/algorithms/seeded-random.ts';
import { createArrivals, expectedArrivals, peakRate, rateAt, type OpenLoad } from './arrival-schedule.ts';
import type { LoadShape } from './load-plan.ts';

function all(load: OpenLoad, durationMs: number, options: { seed?: string; warmupMs?: number } = {}): number[] {
  const { seed = 'arrivals', warmupMs = 0 } = options;
  const next = createArrivals({ load, durationMs, warmupMs, random: createRandom(seed).next });
  const times: number[] = [];
  for (let at = next(); at < Infinity; at = next()) times.push(at);
  return times;
}

/** χ² of values that should be exponential with mean 1, over equally likely bins. */
function chiSquare(values: readonly number[], bins = 20): number {
  const counts = Array.from({ length: bins }, () => 0);
  for (const value of values) {
    const bin = Math.min(bins - 1, Math.floor((1 - Math.exp(-value)) * bins));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  const expected = values.length / bins;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}
/** Exceeded by chance once in a thousand times with 19 degrees of freedom. */
const CHI_SQUARE_MAX = 43.8;

const SHAPES: LoadShape[] = [
  { kind: 'poisson' },
  { kind: 'step', steps: [{ atMs: 20_000, rate: 400 }] },
  { kind: 'ramp', toRate: 500 },
  { kind: 'spike', rate: 2_000, atMs: 10_000, forMs: 5_000 },
  { kind: 'sine', amplitude: 150, periodMs: 20_000 },
];
const DURATION_MS = 60_000;

describe('arrivals', () => {
  test('are evenly spaced when constant', () => {
    expect(all({ rate: 4, shape: { kind: 'constant' } }, 1_000)).toEqual([0, 250, 500, 750]);
  });

  test.each(SHAPES)('of shape $kind come at the rate asked for', (shape) => {
    const load = { rate: 100, shape };
    const expected = expectedArrivals(load, DURATION_MS);
    const found = all(load, DURATION_MS).length;
    // Four standard deviations of a Poisson count.
    expect(Math.abs(found - expected)).toBeLessThan(4 * Math.sqrt(expected));
  });

  test.each(SHAPES)('of shape $kind are a Poisson process: rescaled gaps are exponential', (shape) => {
    const load = { rate: 100, shape };
    const times = all(load, DURATION_MS);
    const gaps = times.map((at, index) => {
      // The area under the rate since the arrival before (Brown and others 2002), by the midpoint rule.
      const from = times[index - 1] ?? 0;
      const steps = 200;
      let area = 0;
      for (let step = 0; step < steps; step += 1)
        area += rateAt(load, from + ((step + 0.5) / steps) * (at - from), DURATION_MS);
      return (area / steps) * ((at - from) / 1_000);
    });
    expect(chiSquare(gaps)).toBeLessThan(CHI_SQUARE_MAX);
  });

  test('would be caught if they were not', () => {
    const times = all({ rate: 100, shape: { kind: 'constant' } }, DURATION_MS);
    expect(chiSquare(times.map((at, index) => (at - (times[index - 1] ?? 0)) / 10))).toBeGreaterThan(CHI_SQUARE_MAX);
  });

  test('begin with the warm-up, at the rate of the start', () => {
    const load: OpenLoad = { rate: 200, shape: { kind: 'ramp', toRate: 0 } };
    const times = all(load, 10_000, { warmupMs: 10_000 });
    expect(times[0]).toBeLessThan(-9_000);
    const early = times.filter((at) => at < 0).length;
    expect(Math.abs(early - 2_000)).toBeLessThan(4 * Math.sqrt(2_000));
  });

  test('can be repeated by their seed', () => {
    const load: OpenLoad = { rate: 50, shape: { kind: 'poisson' } };
    expect(all(load, 5_000, { seed: 'a' })).toEqual(all(load, 5_000, { seed: 'a' }));
    expect(all(load, 5_000, { seed: 'a' })).not.toEqual(all(load, 5_000, { seed: 'b' }));
  });

  test('stop where the rate is zero', () => {
    const load: OpenLoad = { rate: 100, shape: { kind: 'step', steps: [{ atMs: 1_000, rate: 0 }] } };
    expect(all(load, 10_000).every((at) => at < 1_000)).toBe(true);
  });

  test('know their peak', () => {
    expect(peakRate({ rate: 100, shape: { kind: 'spike', rate: 900, atMs: 100, forMs: 50 } }, 1_000)).toBe(900);
    expect(peakRate({ rate: 100, shape: { kind: 'sine', amplitude: 50, periodMs: 400 } }, 1_000)).toBeCloseTo(150, 3);
  });
});
