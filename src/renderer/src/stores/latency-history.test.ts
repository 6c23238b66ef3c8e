import { expect, test } from 'vitest';
import { bucketOf } from '../../../../containers/algorithms/histogram.ts';
import type { LatencyBatch } from '../../../../containers/protocol/stream.ts';
import { createLatencyHistory, WINDOW_MS } from './latency-history.ts';

const batch = (series: LatencyBatch['series'], ms: number, count: number): LatencyBatch => ({
  series,
  buckets: [[bucketOf(ms * 1_000), count]],
});

test('the overall line counts every series and takes its p95 from all of them together', () => {
  const history = createLatencyHistory();
  history.add({ atMs: 10_000, latencies: [batch('task-sync', 1, 90)] });
  history.add({ atMs: 11_500, latencies: [batch('record-put', 40, 10)] });
  const [point] = history.overall(10_000, 10_000 + WINDOW_MS);
  expect(point?.perSecond).toBe(50);
  expect(point?.p95Ms).toBeGreaterThan(39);
});

test('a window in which nothing happened is a gap, not a zero', () => {
  const history = createLatencyHistory();
  history.add({ atMs: 10_000, latencies: [batch('task-sync', 1, 1)] });
  const line = history.overall(10_000, 10_000 + 3 * WINDOW_MS);
  expect(line.map((point) => point.p95Ms === null)).toEqual([false, true, true]);
});

test('an unfinished window is not shown', () => {
  const history = createLatencyHistory();
  history.add({ atMs: 10_000, latencies: [batch('task-sync', 1, 1)] });
  expect(history.overall(10_000, 10_000 + WINDOW_MS - 1)).toEqual([]);
});

test('clearing forgets all', () => {
  const history = createLatencyHistory();
  history.add({ atMs: 10_000, latencies: [batch('task-sync', 1, 1)] });
  history.clear();
  expect(history.overall(10_000, 12_000)).toEqual([{ startMs: 10_000, perSecond: null, p95Ms: null }]);
});
