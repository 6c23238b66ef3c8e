/** The Mann–Whitney U test: are values of one side larger than those of the other? */

/** Above this many values a side the normal approximation is as good as counting. */
const EXACT_MAX = 25;

/** Two-sided p-value; exact for few values without ties, else normal with correction for ties and continuity. */
export function mannWhitney(first: readonly number[], second: readonly number[]): number {
  const n = first.length;
  const m = second.length;
  if (n === 0 || m === 0) return 1;
  let u = 0;
  for (const a of first) for (const b of second) u += a > b ? 1 : a === b ? 0.5 : 0;
  const all = [...first, ...second];
  const hasTies = new Set(all).size < all.length;
  const smaller = Math.min(u, n * m - u);
  return !hasTies && n <= EXACT_MAX && m <= EXACT_MAX
    ? Math.min(1, 2 * exactTail(n, m, smaller))
    : normalTail(n, m, smaller, all);
}

/** P(U ≤ u) by counting the orders that lead to each U (recurrence of Mann and Whitney 1947). */
function exactTail(n: number, m: number, u: number): number {
  // ways[k] = number of orders with U = k, built up one value of the first side at a time: a Gaussian binomial.
  let ways = new Float64Array(n * m + 1);
  ways[0] = 1;
  for (let i = 1; i <= n; i += 1) {
    const times = new Float64Array(ways);
    for (let k = m + i; k <= n * m; k += 1) times[k] = (times[k] ?? 0) - (ways[k - m - i] ?? 0);
    for (let k = i; k <= n * m; k += 1) times[k] = (times[k] ?? 0) + (times[k - i] ?? 0);
    ways = times;
  }
  let all = 0;
  let tail = 0;
  ways.forEach((count, k) => {
    all += count;
    if (k <= u) tail += count;
  });
  return tail / all;
}

function normalTail(n: number, m: number, u: number, all: readonly number[]): number {
  const size = n + m;
  const counts = new Map<number, number>();
  for (const value of all) counts.set(value, (counts.get(value) ?? 0) + 1);
  let ties = 0;
  for (const count of counts.values()) ties += count ** 3 - count;
  const variance = ((n * m) / 12) * (size + 1 - ties / (size * (size - 1)));
  if (!(variance > 0)) return 1;
  const z = Math.max(0, (n * m) / 2 - u - 0.5) / Math.sqrt(variance);
  return Math.min(1, 2 * upperTail(z));
}

/** P(Z > z) of the standard normal, Abramowitz and Stegun 26.2.17, error below 7.5e-8. */
function upperTail(z: number): number {
  const t = 1 / (1 + 0.2316419 * z);
  const poly = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * poly;
}
