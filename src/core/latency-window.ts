/**
 * Latencies over time for the charts: batches of histogram buckets, merged into windows. A
 * percentile is taken from merged counts; percentiles are never averaged.
 */
import { countOf, merge, quantile, type Buckets } from '../../containers/algorithms/histogram.ts';
import type { LatencyBatch, LatencySeries } from '../../containers/protocol/stream.ts';

/** `startMs` is a multiple of the window's length, so that windows of all series line up. */
type LatencyWindow = { startMs: number; buckets: [bucket: number, count: number][] };

export type LatencyWindows = {
  readonly windowMs: number;
  /** Windows kept a series; older ones go. */
  readonly windowsMax: number;
  /** Oldest first, without empty ones. */
  readonly series: { readonly [Series in LatencySeries]?: readonly LatencyWindow[] };
};

/** `count` requests in the window; the quantiles in ms, null without requests. */
export type LatencyPoint = {
  startMs: number;
  count: number;
  p50Ms: number | null;
  p95Ms: number | null;
  p99Ms: number | null;
  maxMs: number | null;
};

/** No windows yet. */
export function emptyWindows(options: { windowMs: number; windowsMax: number }): LatencyWindows {
  return { ...options, series: {} };
}

/** The windows with the batches of one sample, taken at `atMs`, merged in. Never changes its input. */
export function withBatches(windows: LatencyWindows, batches: readonly LatencyBatch[], atMs: number): LatencyWindows {
  const startMs = Math.floor(atMs / windows.windowMs) * windows.windowMs;
  const series = { ...windows.series };
  for (const batch of batches) {
    if (batch.buckets.length > 0)
      series[batch.series] = merged(series[batch.series] ?? [], startMs, batch.buckets, windows.windowsMax);
  }
  return { ...windows, series };
}

/** One point a window from `fromMs` on, also for windows in which nothing happened: a gap is shown as a gap. */
export function points(windows: LatencyWindows, series: LatencySeries, fromMs: number, toMs: number): LatencyPoint[] {
  const known = new Map((windows.series[series] ?? []).map((window) => [window.startMs, window.buckets]));
  const result: LatencyPoint[] = [];
  const first = Math.floor(fromMs / windows.windowMs) * windows.windowMs;
  for (let startMs = first; startMs < toMs; startMs += windows.windowMs) {
    result.push({ startMs, ...summary(known.get(startMs) ?? []) });
  }
  return result;
}

/** Count and percentiles of everything in the last `spanMs` before `nowMs`. */
export function recent(
  windows: LatencyWindows,
  series: LatencySeries,
  nowMs: number,
  spanMs: number,
): Omit<LatencyPoint, 'startMs'> {
  const young = (windows.series[series] ?? []).filter(({ startMs }) => startMs + windows.windowMs > nowMs - spanMs);
  return summary(young.reduce<Buckets>((sum, window) => merge(sum, window.buckets), []));
}

function merged(
  known: readonly LatencyWindow[],
  startMs: number,
  buckets: Buckets,
  windowsMax: number,
): readonly LatencyWindow[] {
  const index = known.findIndex((window) => window.startMs === startMs);
  const before = known[index];
  if (before !== undefined) return known.with(index, { startMs, buckets: merge(before.buckets, buckets) });
  const next = [...known, { startMs, buckets: merge([], buckets) }];
  return next.sort((a, b) => a.startMs - b.startMs).slice(-windowsMax);
}

function summary(buckets: Buckets): Omit<LatencyPoint, 'startMs'> {
  const atMs = (q: number): number | null => {
    const valueUs = quantile(buckets, q);
    return valueUs === null ? null : valueUs / 1_000;
  };
  return { count: countOf(buckets), p50Ms: atMs(0.5), p95Ms: atMs(0.95), p99Ms: atMs(0.99), maxMs: atMs(1) };
}
