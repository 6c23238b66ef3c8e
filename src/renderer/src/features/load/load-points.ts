/** Points of a run for the charts, computed once a second of the run however often they are drawn. */
import type { LoadSecond } from '../../../../core/load/load-second.ts';
import { pointsOf, secondsPerPoint, wholeSeconds, type LoadPoint } from '../../../../core/load/load-series.ts';

export const POINTS_MAX = 600;

/** Rows are replaced when they change, so a row itself is its key. */
const caches = new Map<string, WeakMap<LoadSecond, LoadPoint>>();

/** One point a second, several seconds a point in long runs. */
export function cachedPoints(
  all: readonly LoadSecond[],
  quantiles: readonly number[],
  worker: string | null,
): LoadPoint[] {
  const rows = wholeSeconds(all);
  const step = secondsPerPoint(rows.length, POINTS_MAX);
  const seen = worker === null ? rows : rows.map((row) => ofWorker(row, worker));
  if (step > 1 || worker !== null) return pointsOf(seen, { quantiles, step });
  const key = quantiles.join();
  const cache = caches.get(key) ?? new WeakMap<LoadSecond, LoadPoint>();
  caches.set(key, cache);
  return rows.flatMap((row) => {
    const known = cache.get(row);
    if (known !== undefined) return [known];
    const [point] = pointsOf([row], { quantiles });
    if (point === undefined) return [];
    cache.set(row, point);
    return [point];
  });
}

/** A row as if one worker alone had answered. */
const ofWorker = (row: LoadSecond, worker: string): LoadSecond => ({
  ...row,
  intended: row.workers[worker] ?? [],
  service: [],
});

/** Run time of a moment in seconds; before the first row its beginning. */
export function secondAt(rows: readonly LoadSecond[], atMs: number): number {
  const row = rows.findLast((one) => one.atMs <= atMs);
  if (row === undefined) return rows[0]?.second ?? 0;
  return row.second + Math.min(1, (atMs - row.atMs) / 1_000);
}
