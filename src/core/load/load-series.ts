/** A run as points over its time, for charts: seconds, or several of them merged where there are many. */
import { bucketUpperUs } from '../../../containers/algorithms/histogram.ts';
import type { Counts } from './latency-counts.ts';
import { mergeAll, populationOf, quantileMs } from './latency-counts.ts';
import type { LoadSecond } from './load-second.ts';

/** Counts a second; latencies in ms, null where nothing was answered. */
export type LoadPoint = {
  second: number;
  atMs: number;
  offered: number;
  sent: number;
  ok: number;
  errors: number;
  /** The same by kind. */
  kinds: Record<string, number>;
  notSent: number;
  inFlight: number;
  ready: number | null;
  /** One value a wanted quantile, in their order. */
  intended: (number | null)[];
  service: (number | null)[];
};

/** How many seconds make a point so that a run of `seconds` has at most `pointsMax`. */
export function secondsPerPoint(seconds: number, pointsMax: number): number {
  return Math.max(1, Math.ceil(seconds / pointsMax));
}

const WHOLE_MS = 900;

/**
 * Rows without a last second that is not over yet, or in which only the last answers came: on a chart
 * it would look like a fall.
 */
export function wholeSeconds(rows: readonly LoadSecond[]): readonly LoadSecond[] {
  const last = rows.at(-1);
  return rows.length > 1 && last !== undefined && last.watchedMs < WHOLE_MS ? rows.slice(0, -1) : rows;
}

/** Points in order of time; a second in which nothing was measured has none: a gap is shown as a gap. */
export function pointsOf(
  rows: readonly LoadSecond[],
  options: { quantiles: readonly number[]; step?: number },
): LoadPoint[] {
  return grouped(rows, options.step ?? 1).map((group) => pointOf(group, options.quantiles));
}

function grouped(rows: readonly LoadSecond[], step: number): LoadSecond[][] {
  const groups = new Map<number, LoadSecond[]>();
  for (const row of rows) {
    const key = Math.floor(row.second / step);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return [...groups].sort((a, b) => a[0] - b[0]).map(([, group]) => group);
}

function pointOf(group: readonly LoadSecond[], quantiles: readonly number[]): LoadPoint {
  const [first] = group;
  const sum = (read: (row: LoadSecond) => number) => group.reduce((total, row) => total + read(row), 0) / group.length;
  const errorsOf = (row: LoadSecond) => Object.values(row.errors).reduce((total, times) => total + times, 0);
  return {
    second: first?.second ?? 0,
    atMs: first?.atMs ?? 0,
    offered: sum((row) => row.offered),
    sent: sum((row) => row.sent),
    ok: sum((row) => row.ok),
    errors: sum(errorsOf),
    kinds: kindsOf(group),
    notSent: sum((row) => row.notSent),
    inFlight: Math.max(...group.map((row) => row.inFlight)),
    ready: group.findLast((row) => row.ready !== null)?.ready ?? null,
    intended: quantilesOf(
      group.map((row) => row.intended),
      quantiles,
    ),
    service: quantilesOf(
      group.map((row) => row.service),
      quantiles,
    ),
  };
}

function kindsOf(group: readonly LoadSecond[]): Record<string, number> {
  const kinds: Record<string, number> = {};
  for (const row of group)
    for (const [kind, times] of Object.entries(row.errors)) kinds[kind] = (kinds[kind] ?? 0) + times / group.length;
  return kinds;
}

function quantilesOf(histograms: Counts[], quantiles: readonly number[]): (number | null)[] {
  const population = populationOf(histograms, 0);
  return quantiles.map((q) => quantileMs(population, q));
}

/** One column a point, its requests by decade-and-a-bit of latency: what a heat map draws. */
export type HeatColumn = { second: number; cells: number[] };

/** Rows of the heat map an octave, and its span in octaves from 0.128 ms. */
const HEAT_PER_OCTAVE = 3;
const HEAT_OCTAVES = 18;
export const HEAT_ROWS = HEAT_PER_OCTAVE * HEAT_OCTAVES;
const HEAT_LOW_US = 128;

/** The row of a latency in ms, not rounded, for marks and lines. */
export const heatRowOf = (ms: number): number =>
  Math.min(HEAT_ROWS, Math.max(0, Math.log2((ms * 1_000) / HEAT_LOW_US) * HEAT_PER_OCTAVE));

export function heatOf(
  rows: readonly LoadSecond[],
  options: { field: 'intended' | 'service'; step: number },
): HeatColumn[] {
  return grouped(rows, options.step).map((group) => {
    const cells = Array.from({ length: HEAT_ROWS }, () => 0);
    for (const [bucket, count] of mergeAll(group.map((row) => row[options.field]))) {
      const row = Math.min(HEAT_ROWS - 1, Math.floor(heatRowOf(bucketUpperUs(bucket) / 1_000)));
      cells[row] = (cells[row] ?? 0) + count;
    }
    return { second: group[0]?.second ?? 0, cells };
  });
}
