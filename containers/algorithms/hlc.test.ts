import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareHlc, createHlc, formatHlc, HLC_AHEAD_MS_MAX, parseHlc } from './hlc.ts';

describe('hybrid logical clock', () => {
  test('grows although wall time stands still or goes back', () => {
    const hlc = createHlc('a');
    const stamps = [hlc.tick(100), hlc.tick(100), hlc.tick(90), hlc.tick(101)];
    expect([...stamps].sort(compareHlc)).toEqual(stamps);
    expect(new Set(stamps).size).toBe(4);
    expect(parseHlc(stamps[3] ?? '')).toEqual({ wallMs: 101, counter: 0, node: 'a' });
  });

  test('orders strings as it orders parts, over all digits', () => {
    const parts = fc.record({
      wallMs: fc.nat({ max: 2 ** 48 - 1 }),
      counter: fc.nat({ max: 0xffff }),
      node: fc.constantFrom('a', 'b', 'worker-10'),
    });
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        const byParts =
          a.wallMs - b.wallMs || a.counter - b.counter || (a.node < b.node ? -1 : a.node > b.node ? 1 : 0);
        expect(Math.sign(compareHlc(formatHlc(a), formatHlc(b)))).toBe(Math.sign(byParts));
        expect(parseHlc(formatHlc(a))).toEqual(a);
      }),
    );
  });

  test('refuses a stamp too far ahead and keeps its own time', () => {
    const hlc = createHlc('a');
    const before = hlc.tick(1_000);
    const far = formatHlc({ wallMs: 1_000 + HLC_AHEAD_MS_MAX + 1, counter: 0, node: 'b' });
    expect(() => hlc.receive(far, 1_000)).toThrow(expect.objectContaining({ code: 'clock-ahead' }));
    expect(hlc.tick(1_000)).toBe(formatHlc({ ...parseHlc(before), counter: 1 }));
    const near = formatHlc({ wallMs: 1_000 + HLC_AHEAD_MS_MAX, counter: 7, node: 'b' });
    expect(parseHlc(hlc.receive(near, 1_000))).toEqual({ wallMs: 1_000 + HLC_AHEAD_MS_MAX, counter: 8, node: 'a' });
  });

  test('refuses what is no stamp', () => {
    for (const bad of ['', 'x', '0000000000640000', '000000000064000g@a', '0000000000640000@']) {
      expect(() => parseHlc(bad)).toThrow(expect.objectContaining({ code: 'bad-request' }));
    }
  });

  test('carries a full counter over into the next millisecond', () => {
    const hlc = createHlc('a', { last: formatHlc({ wallMs: 5, counter: 0xffff, node: 'a' }) });
    expect(parseHlc(hlc.tick(5))).toEqual({ wallMs: 6, counter: 0, node: 'a' });
  });

  test('goes on after its last stamp from before a restart', () => {
    const last = formatHlc({ wallMs: 9_000, counter: 3, node: 'a' });
    expect(compareHlc(createHlc('a', { last }).tick(10), last)).toBeGreaterThan(0);
  });

  test('keeps cause before effect among nodes with skewed clocks, within the skew', () => {
    const nodes = ['a', 'b', 'c', 'd'];
    const skews = fc.array(fc.integer({ min: -200, max: 200 }), { minLength: 4, maxLength: 4 });
    const moves = fc.array(
      fc.record({ from: fc.nat({ max: 3 }), to: fc.nat({ max: 3 }), elapsedMs: fc.nat({ max: 20 }) }),
      { maxLength: 200 },
    );
    fc.assert(
      fc.property(skews, moves, (skewsMs, steps) => {
        const clocks = nodes.map((node) => createHlc(node));
        const newest = new Map<number, string>();
        let trueMs = 1_000_000;
        const record = (node: number, stamp: string): void => {
          const before = newest.get(node);
          if (before !== undefined) expect(compareHlc(before, stamp)).toBeLessThan(0);
          expect(parseHlc(stamp).wallMs).toBeLessThanOrEqual(trueMs + 200);
          newest.set(node, stamp);
        };
        for (const { from, to, elapsedMs } of steps) {
          trueMs += elapsedMs;
          const sent = clocks[from]?.tick(trueMs + (skewsMs[from] ?? 0)) ?? '';
          record(from, sent);
          const received = clocks[to]?.receive(sent, trueMs + (skewsMs[to] ?? 0)) ?? '';
          expect(compareHlc(sent, received)).toBeLessThan(0);
          record(to, received);
        }
      }),
    );
  });
});
