/** Rate and p95 of all requests over the last minutes, for the strip below every page. The Latency page asks the panel. */
import { countOf, quantile } from '../../../../containers/algorithms/histogram.ts';
import type { Sample } from '../../../../containers/protocol/stream.ts';

export const WINDOW_MS = 2_000;
/** A little more than the strip shows. */
const WINDOWS_KEPT = 180;

/** `startMs` is a multiple of WINDOW_MS. */
type Window = { startMs: number; counts: Map<number, number>; point: OverallPoint | null };
export type OverallPoint = { startMs: number; perSecond: number | null; p95Ms: number | null };

export type LatencyHistory = {
  add(sample: Pick<Sample, 'atMs' | 'latencies'>): void;
  clear(): void;
  /** Over all series, one point a window that is over; nulls before the first measurement. */
  overall(fromMs: number, toMs: number): OverallPoint[];
};

export function createLatencyHistory(): LatencyHistory {
  /** In order of time: samples of the two monitors differ by less than a window. */
  const windows = new Map<number, Window>();
  let begunMs = Infinity;

  function windowAt(atMs: number): Window {
    const startMs = Math.floor(atMs / WINDOW_MS) * WINDOW_MS;
    const known = windows.get(startMs);
    if (known !== undefined) return known;
    const made: Window = { startMs, counts: new Map(), point: null };
    windows.set(startMs, made);
    begunMs = Math.min(begunMs, startMs);
    const [oldest] = windows.keys();
    if (windows.size > WINDOWS_KEPT && oldest !== undefined) windows.delete(oldest);
    return made;
  }

  return {
    add({ atMs, latencies }) {
      if (latencies.length === 0) return;
      const window = windowAt(atMs);
      window.point = null;
      for (const { buckets } of latencies)
        for (const [bucket, count] of buckets) window.counts.set(bucket, (window.counts.get(bucket) ?? 0) + count);
    },
    clear() {
      windows.clear();
      begunMs = Infinity;
    },
    overall(fromMs, toMs) {
      const points: OverallPoint[] = [];
      const first = Math.floor(fromMs / WINDOW_MS) * WINDOW_MS;
      for (let startMs = first; startMs + WINDOW_MS <= toMs; startMs += WINDOW_MS) {
        const window = windows.get(startMs);
        if (window === undefined) points.push({ startMs, perSecond: startMs < begunMs ? null : 0, p95Ms: null });
        else points.push((window.point ??= pointOf(window)));
      }
      return points;
    },
  };
}

function pointOf({ startMs, counts }: Window): OverallPoint {
  const buckets = [...counts];
  const p95Us = quantile(buckets, 0.95);
  const perSecond = (countOf(buckets) * 1_000) / WINDOW_MS;
  return { startMs, perSecond, p95Ms: p95Us === null ? null : p95Us / 1_000 };
}
