import { bucketOf } from '../algorithms/histogram.ts';
import type { LatencyBatch, LatencySeries, NodeLatencyBatch } from '../protocol/stream.ts';

type Counts = Map<number, number>;
type BySeries = Map<LatencySeries, Map<string, Counts>>;

export type LatencyRecorder = {
  /** A whole request; `kind` of a task. */
  record(series: LatencySeries, durationMs: number, kind?: string): void;
  /** The part of a request that a worker or a datanode took. */
  recordAt(node: string, series: LatencySeries, durationMs: number, kind?: string): void;
  /** What was recorded since the last take; series without values are left out. */
  take(): { latencies: LatencyBatch[]; nodeLatencies: NodeLatencyBatch[] };
};

/** Collects durations into histogram buckets between two samples. */
export function createLatencyRecorder(): LatencyRecorder {
  let whole: BySeries = new Map();
  let byNode = new Map<string, BySeries>();
  return {
    record: (series, durationMs, kind = '') => count(whole, series, kind, durationMs),
    recordAt(node, series, durationMs, kind = '') {
      let counts = byNode.get(node);
      if (counts === undefined) {
        counts = new Map();
        byNode.set(node, counts);
      }
      count(counts, series, kind, durationMs);
    },
    take() {
      const taken = {
        latencies: batchesOf(whole),
        nodeLatencies: [...byNode].flatMap(([node, counts]) => batchesOf(counts).map((batch) => ({ node, ...batch }))),
      };
      whole = new Map();
      byNode = new Map();
      return taken;
    },
  };
}

function count(counts: BySeries, series: LatencySeries, kind: string, durationMs: number): void {
  let kinds = counts.get(series);
  if (kinds === undefined) {
    kinds = new Map();
    counts.set(series, kinds);
  }
  let buckets = kinds.get(kind);
  if (buckets === undefined) {
    buckets = new Map();
    kinds.set(kind, buckets);
  }
  const bucket = bucketOf(durationMs * 1_000);
  buckets.set(bucket, (buckets.get(bucket) ?? 0) + 1);
}

function batchesOf(counts: BySeries): LatencyBatch[] {
  return [...counts].flatMap(([series, kinds]) =>
    [...kinds].map(([kind, buckets]) => ({
      series,
      ...(kind === '' ? {} : { kind }),
      buckets: [...buckets].sort((a, b) => a[0] - b[0]),
    })),
  );
}
