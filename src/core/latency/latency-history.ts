/**
 * The history of latencies: rows of histogram counts by window, series, kind and node, kept in several
 * resolutions; and what is read from them. Every figure is taken from counts added up, so a percentile
 * over an hour is that of the hour's requests, not a mean of percentiles.
 */
import { bucketUpperUs, type Buckets } from '../../../containers/algorithms/histogram.ts';
import type { LatencySeries, Sample } from '../../../containers/protocol/stream.ts';
import type { Monitor } from '../node-names.ts';
import { mergeAll, populationOf, quantileMs, type Counts } from '../load/latency-counts.ts';
import { HEAT_ROWS, heatRowOf } from '../load/load-series.ts';

/** `node`: where the time was spent; a monitor's own name: whole requests that came to it. `kind`: of a task, else empty. */
export type LatencyKey = { series: LatencySeries; kind: string; node: string };
export type LatencyRow = LatencyKey & { startMs: number; counts: Counts };

/** Resolutions, finest first: length of a window, and for how long its rows are kept. */
export const TIERS = [
  { windowMs: 2_000, keptMs: 30 * 60_000 },
  { windowMs: 20_000, keptMs: 4 * 3_600_000 },
  { windowMs: 180_000, keptMs: 36 * 3_600_000 },
  { windowMs: 1_800_000, keptMs: 30 * 86_400_000 },
] as const;
export type Tier = (typeof TIERS)[number];

export const GROUPINGS = ['series', 'kind', 'role', 'node'] as const;
export type Grouping = (typeof GROUPINGS)[number];

export type LatencyQuery = {
  fromMs: number;
  toMs: number;
  quantiles: number[];
  by: Grouping;
  /** The group whose points are wanted; null: all whole requests. */
  group: string | null;
};

/** `values`: one a wanted quantile, ms; null without requests. */
export type LatencyGroup = { group: string; count: number; values: (number | null)[] };
/** `heat`: rows of the heat map (load-series.ts) and how many requests are in them. */
export type LatencyPoint = {
  atMs: number;
  count: number;
  values: (number | null)[];
  heat: [row: number, count: number][];
};
export type LatencyHistory = {
  stepMs: number;
  /** In order of time; a window without requests has none. */
  points: LatencyPoint[];
  /** Of the whole span, most requests first. */
  groups: LatencyGroup[];
};

const POINTS_MAX = 400;

/** The finest resolution that reaches back far enough for a span that ends now. */
export function tierFor(spanMs: number): Tier {
  return TIERS.find(({ keptMs }) => spanMs <= keptMs) ?? TIERS[TIERS.length - 1] ?? TIERS[0];
}

/** Length of a point of time: whole windows, so many that there are at most POINTS_MAX points. */
export function stepFor(spanMs: number, { windowMs }: Tier): number {
  return Math.max(1, Math.ceil(spanMs / windowMs / POINTS_MAX)) * windowMs;
}

/** What a monitor measured, with the keys under which it is kept. */
export function keyed(sample: Pick<Sample, 'latencies' | 'nodeLatencies'>, monitor: Monitor) {
  const whole = sample.latencies.map((batch) => ({ ...batch, node: monitor }));
  return [...whole, ...(sample.nodeLatencies ?? [])].map(({ series, kind = '', node, buckets }) => ({
    key: { series, kind, node } satisfies LatencyKey,
    buckets,
  }));
}

const isTask = (series: LatencySeries): boolean => series.startsWith('task-');
const isWhole = ({ node }: LatencyKey): boolean => node === 'master' || node === 'headnode';

/** The group that a row belongs to; null: to none, or it would count a request twice. */
export function groupOf(row: LatencyKey, by: Grouping): string | null {
  switch (by) {
    case 'series':
      return isWhole(row) ? row.series : null;
    case 'kind':
      return isWhole(row) && row.kind !== '' ? row.kind : null;
    case 'node':
      return row.node;
    case 'role':
      if (isWhole(row)) return row.node;
      return isTask(row.series) ? 'worker' : 'datanode';
  }
}

/** Points and groups of the rows of one tier. */
export function historyOf(rows: readonly LatencyRow[], query: LatencyQuery, stepMs: number): LatencyHistory {
  const windows = new Map<number, Buckets[]>();
  const groups = new Map<string, Buckets[]>();
  for (const row of rows) {
    const group = groupOf(row, query.by);
    if (group !== null) put(groups, group, row.counts);
    const wanted = query.group === null ? isWhole(row) : group === query.group;
    if (wanted) put(windows, Math.floor(row.startMs / stepMs) * stepMs, row.counts);
  }
  const points = [...windows].sort((a, b) => a[0] - b[0]);
  const summed = [...groups].map(([group, histograms]) => ({ group, ...figures(histograms, query.quantiles) }));
  return {
    stepMs,
    points: points.map(([atMs, histograms]) => {
      const counts = mergeAll(histograms);
      return { atMs, ...figures([counts], query.quantiles), heat: heatOf(counts) };
    }),
    groups: summed.sort((a, b) => b.count - a.count || (a.group < b.group ? -1 : 1)),
  };
}

function put<Key>(map: Map<Key, Buckets[]>, key: Key, counts: Buckets): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [counts]);
  else known.push(counts);
}

function figures(histograms: readonly Buckets[], quantiles: readonly number[]) {
  const population = populationOf(histograms, 0);
  return { count: population.answered, values: quantiles.map((q) => quantileMs(population, q)) };
}

function heatOf(counts: Counts): [row: number, count: number][] {
  const heat = new Map<number, number>();
  for (const [bucket, count] of counts) {
    const row = Math.min(HEAT_ROWS - 1, Math.floor(heatRowOf(bucketUpperUs(bucket) / 1_000)));
    heat.set(row, (heat.get(row) ?? 0) + count);
  }
  return [...heat];
}
