/**
 * Latencies of many requests as histogram counts, and what can be said of them. Requests that failed
 * have no latency; they rank above every one that was answered.
 */
import { bucketOf, bucketUpperUs, type Buckets } from '../../../containers/algorithms/histogram.ts';

/** Buckets are below this (histogram.ts caps durations at 2³⁶ µs). */
export const BUCKET_COUNT = 3_840;

export type Counts = [bucket: number, count: number][];

/** `counts` sorted by bucket. */
export type Population = { counts: Buckets; answered: number; failed: number };

/** The smallest value in µs that falls into `bucket`. */
const bucketLowerUs = (bucket: number): number => (bucket === 0 ? 0 : bucketUpperUs(bucket - 1) + 1);

/** Many histograms made one, sorted by bucket. */
export function mergeAll(histograms: Iterable<Buckets>): Counts {
  const dense = new Float64Array(BUCKET_COUNT);
  for (const buckets of histograms) for (const [bucket, count] of buckets) dense[bucket] = (dense[bucket] ?? 0) + count;
  return sparse(dense);
}

/** A dense histogram as sparse counts, sorted by bucket. */
export function sparse(dense: ArrayLike<number>): Counts {
  const counts: Counts = [];
  for (let bucket = 0; bucket < dense.length; bucket += 1) {
    const count = dense[bucket];
    if (count !== undefined && count > 0) counts.push([bucket, count]);
  }
  return counts;
}

export function populationOf(histograms: readonly Buckets[], failed: number): Population {
  const [first] = histograms;
  const isSorted = (buckets: Buckets) =>
    buckets.every(([bucket], at) => at === 0 || bucket > (buckets[at - 1]?.[0] ?? 0));
  const counts = first !== undefined && histograms.length === 1 && isSorted(first) ? first : mergeAll(histograms);
  return { counts, answered: counts.reduce((sum, [, count]) => sum + count, 0), failed };
}

/** Edges in ms of the bucket that holds the value of `rank` (1 is the smallest); null among the failed or beyond. */
function atRank({ counts, answered }: Population, rank: number): { lowMs: number; highMs: number } | null {
  if (rank > answered) return null;
  let seen = 0;
  for (const [bucket, count] of counts) {
    seen += count;
    if (seen >= rank) return { lowMs: bucketLowerUs(bucket) / 1_000, highMs: bucketUpperUs(bucket) / 1_000 };
  }
  return null;
}

/** The `q`-quantile in ms, failures included; Infinity when it lies among them, null without requests. */
export function quantileMs(population: Population, q: number): number | null {
  const total = population.answered + population.failed;
  if (total === 0) return null;
  return atRank(population, Math.min(total, Math.max(1, Math.ceil(q * total))))?.highMs ?? Infinity;
}

/** The standard normal quantile for a two-sided 95 % interval. */
const Z_95 = 1.959964;

export type Interval = { low: number; high: number };

/**
 * 95 % confidence interval of the `q`-quantile in ms by order statistics: the values at the ranks
 * n·q ± 1.96·√(n·q·(1−q)), which assumes nothing about the distribution. Unbounded where the ranks
 * leave the data. Null without requests.
 */
export function quantileInterval(population: Population, q: number): Interval | null {
  const total = population.answered + population.failed;
  if (total === 0) return null;
  const spread = Z_95 * Math.sqrt(total * q * (1 - q));
  const lowRank = Math.floor(total * q - spread);
  const highRank = Math.ceil(total * q + spread) + 1;
  const low = lowRank < 1 ? 0 : (atRank(population, lowRank)?.lowMs ?? Infinity);
  const high = highRank > total ? Infinity : (atRank(population, highRank)?.highMs ?? Infinity);
  return { low, high };
}

/** 95 % confidence interval of a share, after Wilson (1927). Null of none. */
export function shareInterval(hits: number, total: number): Interval | null {
  if (total === 0) return null;
  const share = hits / total;
  const z2 = Z_95 * Z_95;
  const middle = (share + z2 / (2 * total)) / (1 + z2 / total);
  const half = (Z_95 / (1 + z2 / total)) * Math.sqrt((share * (1 - share)) / total + z2 / (4 * total * total));
  return { low: hits === 0 ? 0 : Math.max(0, middle - half), high: hits === total ? 1 : Math.min(1, middle + half) };
}

/**
 * What a tester that waited for each answer would have recorded had it sent in time: each latency
 * above the interval stands also for the requests it held back, one interval shorter each
 * (HdrHistogram's correction for coordinated omission). A guess, shown beside the truth.
 */
export function corrected(counts: Buckets, intervalUs: number): Counts {
  const dense = new Float64Array(BUCKET_COUNT);
  const add = (valueUs: number, count: number): void => {
    const bucket = bucketOf(valueUs);
    dense[bucket] = (dense[bucket] ?? 0) + count;
  };
  for (const [bucket, count] of counts) {
    const valueUs = bucketUpperUs(bucket);
    add(valueUs, count);
    if (!(intervalUs > 0)) continue;
    for (let missedUs = valueUs - intervalUs; missedUs >= intervalUs; missedUs -= intervalUs) add(missedUs, count);
  }
  return sparse(dense);
}
