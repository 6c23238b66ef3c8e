/**
 * Log-linear histogram of durations in microseconds: exact to 255 µs, above that 128 buckets an
 * octave, so that a value and the upper edge of its bucket differ by at most 1/128 (0.79 %).
 * The layout is fixed: histograms of any two nodes are merged by adding counts. After HdrHistogram.
 */

/** Sparse counts: `[bucket, count]` in any order. */
export type Buckets = readonly (readonly [bucket: number, count: number])[];

const SUB_BITS = 7;
const SUB_BUCKETS = 1 << SUB_BITS;
/** Everything longer (about 19 hours) counts as this. */
const VALUE_US_MAX = 2 ** 36 - 1;

/** The bucket of a duration in µs. Negative values and NaN count as 0. */
export function bucketOf(valueUs: number): number {
  if (!(valueUs > 0)) return 0;
  const value = Math.min(Math.round(valueUs), VALUE_US_MAX);
  if (value < 2 * SUB_BUCKETS) return value;
  const exponent = bitLength(value) - SUB_BITS - 1;
  return exponent * SUB_BUCKETS + Math.floor(value / 2 ** exponent);
}

/** The greatest value in µs that falls into `bucket`. */
export function bucketUpperUs(bucket: number): number {
  if (bucket < 2 * SUB_BUCKETS) return bucket;
  const exponent = Math.floor(bucket / SUB_BUCKETS) - 1;
  const mantissa = bucket - exponent * SUB_BUCKETS;
  return (mantissa + 1) * 2 ** exponent - 1;
}

/** Sum of two histograms, sorted by bucket. */
export function merge(a: Buckets, b: Buckets): [bucket: number, count: number][] {
  const counts = new Map<number, number>();
  for (const buckets of [a, b]) {
    for (const [bucket, count] of buckets) counts.set(bucket, (counts.get(bucket) ?? 0) + count);
  }
  return [...counts].sort((left, right) => left[0] - right[0]);
}

/** How many values a histogram holds. */
export function countOf(buckets: Buckets): number {
  let total = 0;
  for (const [, count] of buckets) total += count;
  return total;
}

/**
 * The `q`-quantile (0 to 1) in µs: the upper edge of the bucket with the value of rank ⌈q·n⌉. Null
 * when there are no values.
 */
export function quantile(buckets: Buckets, q: number): number | null {
  const total = countOf(buckets);
  if (total === 0) return null;
  const rank = Math.min(total, Math.max(1, Math.ceil(q * total)));
  let seen = 0;
  let upperUs = 0;
  for (const [bucket, count] of [...buckets].sort((left, right) => left[0] - right[0])) {
    seen += count;
    upperUs = bucketUpperUs(bucket);
    if (seen >= rank) break;
  }
  return upperUs;
}

function bitLength(value: number): number {
  return value < 2 ** 32 ? 32 - Math.clz32(value) : 64 - Math.clz32(Math.floor(value / 2 ** 32));
}
