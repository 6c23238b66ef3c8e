/** Quantiles of any selection of histograms, taken together, without merging them each time. */
import { bucketUpperUs } from '../../../containers/algorithms/histogram.ts';
import type { Population } from './latency-counts.ts';

/** Gives the quantile in ms of the units at `chosen` (with repetition) taken together; Infinity among the failed. */
export type PooledQuantile = (chosen: readonly number[], q: number) => number;

/** Cumulative counts on common buckets: a quantile of many units is then one binary search. */
export function pooledQuantile(units: readonly Population[]): PooledQuantile {
  const buckets = [...new Set(units.flatMap((unit) => unit.counts.map(([bucket]) => bucket)))].sort((a, b) => a - b);
  const places = new Map(buckets.map((bucket, place) => [bucket, place]));
  const cumulative = units.map((unit) => {
    const sums = new Float64Array(buckets.length);
    for (const [bucket, count] of unit.counts) sums[places.get(bucket) ?? 0] = count;
    for (let place = 1; place < sums.length; place += 1) sums[place] = (sums[place] ?? 0) + (sums[place - 1] ?? 0);
    return sums;
  });
  const upTo = (chosen: readonly number[], place: number): number =>
    chosen.reduce((sum, unit) => sum + (cumulative[unit]?.[place] ?? 0), 0);
  return (chosen, q) => {
    const all = chosen.reduce((sum, index) => {
      const unit = units[index];
      return unit === undefined ? sum : sum + unit.answered + unit.failed;
    }, 0);
    const rank = Math.max(1, Math.ceil(q * all));
    let low = 0;
    let high = buckets.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (upTo(chosen, middle) >= rank) high = middle;
      else low = middle + 1;
    }
    const bucket = buckets[low];
    return bucket === undefined ? Infinity : bucketUpperUs(bucket) / 1_000;
  };
}
