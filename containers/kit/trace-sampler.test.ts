import { expect, test } from 'vitest';
import { bucketOf } from '../algorithms/histogram.ts';
import { createRandom } from '../algorithms/seeded-random.ts';
import type { KeptBecause, TracePart } from '../protocol/traces.ts';
import { TraceSampler } from './trace-sampler.ts';

const part = (because: KeptBecause, durationMs: number): TracePart => ({
  trace: 'a'.repeat(32),
  part: 'b'.repeat(16),
  series: 'task-sync',
  subject: 't',
  atMs: 0,
  durationMs,
  outcome: 'ok',
  because,
  spans: [],
});
const choose = (sampler: TraceSampler, durationMs: number, how: 'failed' | 'asked' | 'well' = 'well') =>
  sampler.choose('task-sync', durationMs, how === 'failed', how === 'asked');
const spread = (count: number) => [
  {
    series: 'task-sync' as const,
    buckets: Array.from({ length: 100 }, (_, ms): [number, number] => [bucketOf((ms + 1) * 1_000), count]),
  },
];

test('failed ones and those asked for are kept, up to a bound between two samples', () => {
  const sampler = new TraceSampler(() => 1);
  for (let n = 0; n < 30; n++) if (choose(sampler, 1, 'failed') === 'error') sampler.keep(part('error', 1));
  expect(choose(sampler, 1, 'asked')).toBe('asked');
  expect(sampler.take([])).toHaveLength(10);
  expect(choose(sampler, 1, 'failed')).toBe('error');
});

test('slow is what is above the 95th percentile of the series lately; before anything is known, nothing', () => {
  const sampler = new TraceSampler(() => 1);
  expect(choose(sampler, 10_000)).toBeNull();
  sampler.take(spread(1));
  expect(choose(sampler, 94)).toBeNull();
  expect(choose(sampler, 97)).toBe('slow');
  // The cluster slows down: what was slow is the rule now.
  for (let n = 0; n < 200; n++) sampler.take([{ series: 'task-sync', buckets: [[bucketOf(500_000), 20]] }]);
  expect(choose(sampler, 97)).toBeNull();
});

test('of too many slow ones the slowest are kept', () => {
  const sampler = new TraceSampler(() => 1);
  sampler.take(spread(1));
  for (let ms = 101; ms <= 140; ms++) if (choose(sampler, ms) === 'slow') sampler.keep(part('slow', ms));
  const kept = sampler.take([]).map(({ durationMs }) => durationMs);
  expect(kept.sort((a, b) => a - b)).toEqual([131, 132, 133, 134, 135, 136, 137, 138, 139, 140]);
});

test('of the rest about one in a hundred', () => {
  const sampler = new TraceSampler(createRandom('traces').next);
  let chosen = 0;
  for (let n = 0; n < 20_000; n++) if (choose(sampler, 1) !== null) chosen++;
  expect(chosen).toBeGreaterThan(140);
  expect(chosen).toBeLessThan(260);
});
