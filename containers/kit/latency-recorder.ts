import { bucketOf } from '../algorithms/histogram.ts';
import type { LatencyBatch, LatencySeries } from '../protocol/stream.ts';

export type LatencyRecorder = {
  record(series: LatencySeries, durationMs: number): void;
  /** What was recorded since the last take; series without values are left out. */
  take(): LatencyBatch[];
};

/** Collects durations into histogram buckets between two samples. */
export function createLatencyRecorder(): LatencyRecorder {
  let counts = new Map<LatencySeries, Map<number, number>>();
  return {
    record(series, durationMs) {
      let buckets = counts.get(series);
      if (buckets === undefined) {
        buckets = new Map();
        counts.set(series, buckets);
      }
      const bucket = bucketOf(durationMs * 1_000);
      buckets.set(bucket, (buckets.get(bucket) ?? 0) + 1);
    },
    take() {
      const batches = [...counts].map(([series, buckets]) => ({
        series,
        buckets: [...buckets].sort((a, b) => a[0] - b[0]),
      }));
      counts = new Map();
      return batches;
    },
  };
}
