/** Latencies of the last minutes: windows of src/core/latency-window.ts, and all series taken together. */
import { countOf, merge, quantile, type Buckets } from '../../../../containers/algorithms/histogram.ts';
import type { LatencySeries, Sample } from '../../../../containers/protocol/stream.ts';
import {
  emptyWindows,
  points,
  recent,
  withBatches,
  type LatencyPoint,
  type LatencyWindows,
} from '../../../core/latency-window.ts';

export const WINDOW_MS = 2_000;
/** Ten minutes; charts show at most 150 windows. */
const WINDOWS_KEPT = 300;

export type OverallPoint = { startMs: number; perSecond: number | null; p95Ms: number | null };

export type LatencyHistory = {
  add(sample: Pick<Sample, 'atMs' | 'latencies'>): void;
  clear(): void;
  /** Series that had a measurement. */
  series(): LatencySeries[];
  /** Start of the first window kept, ms. */
  begunMs(series: LatencySeries): number | undefined;
  points(series: LatencySeries, fromMs: number, toMs: number): LatencyPoint[];
  recent(series: LatencySeries, nowMs: number, spanMs: number): Omit<LatencyPoint, 'startMs'>;
  /** Rate and p95 over all series, one point a window; nulls before the first measurement. */
  overall(fromMs: number, toMs: number): OverallPoint[];
};

function overallOf(windows: LatencyWindows, fromMs: number, toMs: number): OverallPoint[] {
  const together = new Map<number, Buckets>();
  for (const series of Object.values(windows.series)) {
    for (const { startMs, buckets } of series) {
      if (startMs >= fromMs - WINDOW_MS) together.set(startMs, merge(together.get(startMs) ?? [], buckets));
    }
  }
  const result: OverallPoint[] = [];
  const begunMs = Math.min(...Object.values(windows.series).map((series) => series[0]?.startMs ?? Infinity));
  const first = Math.floor(fromMs / WINDOW_MS) * WINDOW_MS;
  for (let startMs = first; startMs + WINDOW_MS <= toMs; startMs += WINDOW_MS) {
    const buckets = together.get(startMs) ?? [];
    const p95Us = quantile(buckets, 0.95);
    const perSecond = startMs < begunMs ? null : (countOf(buckets) * 1_000) / WINDOW_MS;
    result.push({ startMs, perSecond, p95Ms: p95Us === null ? null : p95Us / 1_000 });
  }
  return result;
}

export function createLatencyHistory(): LatencyHistory {
  const empty = emptyWindows({ windowMs: WINDOW_MS, windowsMax: WINDOWS_KEPT });
  let windows = empty;
  return {
    add({ atMs, latencies }) {
      if (latencies.length > 0) windows = withBatches(windows, latencies, atMs);
    },
    clear() {
      windows = empty;
    },
    series: () => Object.keys(windows.series) as LatencySeries[],
    begunMs: (series) => windows.series[series]?.[0]?.startMs,
    points: (series, fromMs, toMs) => points(windows, series, fromMs, toMs),
    recent: (series, nowMs, spanMs) => recent(windows, series, nowMs, spanMs),
    overall: (fromMs, toMs) => overallOf(windows, fromMs, toMs),
  };
}
