import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bucketOf, quantile } from '../../containers/algorithms/histogram.ts';
import type { LatencyBatch } from '../../containers/protocol/stream.ts';
import { emptyWindows, points, recent, withBatches } from './latency-window.ts';

const batch = (...valuesUs: number[]): LatencyBatch => ({
  series: 'task-sync',
  buckets: valuesUs.map((value) => [bucketOf(value), 1]),
});

test('percentiles come from merged counts, however the values were batched', () => {
  const values = fc.array(fc.array(fc.integer({ min: 1, max: 5_000_000 }), { minLength: 1, maxLength: 20 }), {
    minLength: 1,
    maxLength: 10,
  });
  fc.assert(
    fc.property(values, (batches) => {
      let windows = emptyWindows({ windowMs: 1_000, windowsMax: 10 });
      for (const some of batches) windows = withBatches(windows, [batch(...some)], 5_300);
      const all = batches.flat();
      const p99 = quantile(
        all.map((value) => [bucketOf(value), 1]),
        0.99,
      );
      const [point] = points(windows, 'task-sync', 5_000, 6_000);
      expect(point).toMatchObject({ startMs: 5_000, count: all.length, p99Ms: (p99 ?? 0) / 1_000 });
    }),
  );
});

test('a window in which nothing happened is a point without values', () => {
  const windows = withBatches(emptyWindows({ windowMs: 1_000, windowsMax: 10 }), [batch(1_000)], 2_500);
  expect(points(windows, 'task-sync', 1_000, 4_000)).toEqual([
    { startMs: 1_000, count: 0, p50Ms: null, p95Ms: null, p99Ms: null, maxMs: null },
    {
      startMs: 2_000,
      count: 1,
      p50Ms: expect.closeTo(1, 1),
      p95Ms: expect.closeTo(1, 1),
      p99Ms: expect.closeTo(1, 1),
      maxMs: expect.closeTo(1, 1),
    },
    { startMs: 3_000, count: 0, p50Ms: null, p95Ms: null, p99Ms: null, maxMs: null },
  ]);
});

test('keeps so many windows and no more, and never changes what it was given', () => {
  const empty = Object.freeze(emptyWindows({ windowMs: 10, windowsMax: 3 }));
  let windows = empty;
  for (let atMs = 0; atMs < 100; atMs += 10) windows = withBatches(windows, [batch(5)], atMs);
  expect(windows.series['task-sync']?.map((window) => window.startMs)).toEqual([70, 80, 90]);
  expect(empty.series).toEqual({});
});

test('a recent span counts only young windows', () => {
  let windows = emptyWindows({ windowMs: 100, windowsMax: 100 });
  for (let atMs = 0; atMs < 1_000; atMs += 100) windows = withBatches(windows, [batch(200)], atMs);
  expect(recent(windows, 'task-sync', 1_000, 300).count).toBe(3);
  expect(recent(windows, 'record-get', 1_000, 300)).toEqual({
    count: 0,
    p50Ms: null,
    p95Ms: null,
    p99Ms: null,
    maxMs: null,
  });
});
