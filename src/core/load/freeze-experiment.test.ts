import { describe, expect, test } from 'vitest';
import type { JournalBody } from '../journal.ts';
import { expectedQuantileMs, FREEZE, freezePlan, frozenMs, judgeFreeze } from './freeze-experiment.ts';
import { summarise } from './load-summary.ts';
import { runVirtually, type VirtualServer } from './sender-bench.ts';

const mark = (atMs: number, paused: boolean) => {
  const body: JournalBody = { type: 'node-paused', node: 'worker-1', paused, atMs };
  return { seq: atMs, atMs, body };
};

test('the freeze is as long as the engine says, over all nodes', () => {
  expect(frozenMs([mark(100, true), mark(130, true), mark(6_080, false), mark(6_110, false)])).toBe(6_010);
  expect(frozenMs([mark(100, true)])).toBeNull();
  expect(frozenMs([])).toBeNull();
});

test('percentiles are computed from the share of the time that was frozen', () => {
  expect(expectedQuantileMs(0.9, 6_000, 30_000)).toBeCloseTo(3_000);
  expect(expectedQuantileMs(0.99, 6_000, 30_000)).toBeCloseTo(5_700);
  expect(expectedQuantileMs(0.5, 6_000, 30_000)).toBe(0);
});

describe('a server that stands still for 6 s of 30', () => {
  /** Answers after 2 ms; what comes in the freeze is answered at its end. */
  const freezing: VirtualServer = (atMs) => {
    const from = 2_000 + FREEZE.fromMs;
    const to = from + FREEZE.forMs;
    return { doneMs: Math.max(atMs, atMs >= from && atMs < to ? to : 0) + 2 };
  };
  const { plan, seconds } = runVirtually(freezePlan('test'), freezing);
  const summary = summarise(plan, seconds);

  test('is shown as it is by intended latency, hardly at all by who waits, and Little agrees', () => {
    const checks = judgeFreeze(summary, FREEZE.forMs);
    expect(checks.map(({ name, ok }) => [name, ok])).toEqual([
      ['intended', true],
      ['naive', true],
      ['little', true],
    ]);
    expect(summary.naive.p90Ms).toBeLessThan(5);
  });
  test('is not what was computed for another freeze', () => {
    expect(judgeFreeze(summary, 4_000)[0]?.ok).toBe(false);
  });
  test('a percentile among failures is unknown, not good', () => {
    const failed = { ...summary, intended: { ...summary.intended, p90Ms: null } };
    expect(judgeFreeze(failed, FREEZE.forMs)[0]).toMatchObject({ found: null, ok: null });
  });
});
