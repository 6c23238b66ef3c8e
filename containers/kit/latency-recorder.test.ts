import { expect, test } from 'vitest';
import { bucketOf, quantile } from '../algorithms/histogram.ts';
import { createLatencyRecorder } from './latency-recorder.ts';

test('a latency recorder hands out what came since the last take', () => {
  const recorder = createLatencyRecorder();
  for (const durationMs of [12, 1.5, 12]) recorder.record('task-sync', durationMs);
  recorder.record('record-put', 3);
  expect(recorder.take()).toEqual({
    latencies: [
      {
        series: 'task-sync',
        buckets: [
          [bucketOf(1_500), 1],
          [bucketOf(12_000), 2],
        ],
      },
      { series: 'record-put', buckets: [[bucketOf(3_000), 1]] },
    ],
    nodeLatencies: [],
  });
  recorder.record('task-sync', 7);
  const [batch] = recorder.take().latencies;
  expect(quantile(batch?.buckets ?? [], 0.5)).toBeGreaterThanOrEqual(7_000);
  expect(recorder.take()).toEqual({ latencies: [], nodeLatencies: [] });
});

test('kinds and nodes are told apart, and the time at a node is not the time of the request', () => {
  const recorder = createLatencyRecorder();
  recorder.record('task-sync', 20, 'echo');
  recorder.record('task-sync', 5, 'work');
  recorder.recordAt('worker-1', 'task-sync', 4, 'work');
  recorder.recordAt('worker-1', 'task-sync', 4, 'work');
  recorder.recordAt('datanode-2', 'record-put', 2);
  expect(recorder.take()).toEqual({
    latencies: [
      { series: 'task-sync', kind: 'echo', buckets: [[bucketOf(20_000), 1]] },
      { series: 'task-sync', kind: 'work', buckets: [[bucketOf(5_000), 1]] },
    ],
    nodeLatencies: [
      { node: 'worker-1', series: 'task-sync', kind: 'work', buckets: [[bucketOf(4_000), 2]] },
      { node: 'datanode-2', series: 'record-put', buckets: [[bucketOf(2_000), 1]] },
    ],
  });
});
