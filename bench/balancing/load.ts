/** What is sent: when, and how long each request occupies a worker. The same for every policy. */
import { createRandom } from '../../containers/algorithms/seeded-random.ts';
import { drawServiceMs } from '../../containers/worker/kinds/work.ts';

export type Arrival = { atMs: number; serviceMs: number };

/** `load`: of what `capacity` workers can do. Arrivals are Poisson, service times of mean `meanMs`. */
export function poisson(options: {
  seed: string;
  forMs: number;
  capacity: number;
  load: number;
  meanMs: number;
  distribution: 'exponential' | 'bimodal';
}): Arrival[] {
  const { seed, forMs, capacity, load, meanMs, distribution } = options;
  const random = createRandom(seed);
  const arrivals: Arrival[] = [];
  const payload = { serviceMs: meanMs, distribution, as: 'sleep' as const };
  for (let atMs = 0; ;) {
    atMs += random.exponential(meanMs / (capacity * load));
    if (atMs >= forMs) return arrivals;
    arrivals.push({ atMs, serviceMs: drawServiceMs(payload, random.next) });
  }
}

/** What became of a request; `tookMs` is null when it was refused. */
export type Outcome = { atMs: number; tookMs: number | null };

/** Refused ones count as the slowest. */
export function percentile(outcomes: readonly Outcome[], share: number): number {
  const sorted = outcomes.map(({ tookMs }) => tookMs ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
