import { expect, test } from 'vitest';
import { bucketOf, quantile } from '../algorithms/histogram.ts';
import { createLatencyRecorder } from './latency-recorder.ts';

test('a latency recorder hands out what came since the last take', () => {
  const recorder = createLatencyRecorder();
  for (const durationMs of [12, 1.5, 12]) recorder.record('task-sync', durationMs);
  recorder.record('record-put', 3);
  expect(recorder.take()).toEqual([
    {
      series: 'task-sync',
      buckets: [
        [bucketOf(1_500), 1],
        [bucketOf(12_000), 2],
      ],
    },
    { series: 'record-put', buckets: [[bucketOf(3_000), 1]] },
  ]);
  recorder.record('task-sync', 7);
  const [batch] = recorder.take();
  expect(quantile(batch?.buckets ?? [], 0.5)).toBeGreaterThanOrEqual(7_000);
  expect(recorder.take()).toEqual([]);
});
