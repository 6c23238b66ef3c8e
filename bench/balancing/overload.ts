/** An overload and what comes after it, judged from outside: what clients got within their deadline. */
import { percentile, poisson } from './load.ts';
import type { Arrival, Outcome } from './load.ts';

export const OVERLOAD = { workers: 4, meanMs: 50, deadlineMs: 500, forMs: 60_000, afterMs: 20_000 };

export type OverloadFigures = {
  /** Answered within the deadline while it lasted, over what the workers can do in that time. */
  goodputShare: number;
  /** Of those that were answered while it lasted, ms. */
  p95Ms: number;
  /** From the end of the overload to the end of the first second in which 95 % were answered in time, s. */
  recoveredS: number;
};

type Play = (arrivals: readonly Arrival[], workers: number, deadlineMs: number) => Promise<Outcome[]>;

/** Tasks a second that so many workers do when they do nothing else. */
export const NOMINAL_PER_S = (OVERLOAD.workers * 1_000) / OVERLOAD.meanMs;

/** Twice the capacity for a while, then half of it. `play` sends all of it, each request with this deadline. */
export async function measureOverload(play: Play, capacityPerS = NOMINAL_PER_S): Promise<OverloadFigures> {
  const { workers, meanMs, deadlineMs, forMs, afterMs } = OVERLOAD;
  const common = { capacity: workers, meanMs, distribution: 'exponential' as const };
  const during = poisson({ ...common, seed: 'overload', forMs, load: 2 });
  const after = poisson({ ...common, seed: 'after', forMs: afterMs, load: 0.5 });
  const later = after.map(({ atMs, serviceMs }) => ({ atMs: atMs + forMs, serviceMs }));
  const outcomes = await play([...during, ...later], workers, deadlineMs);
  const inTime = ({ tookMs }: Outcome): boolean => tookMs !== null && tookMs <= deadlineMs;
  const loaded = outcomes.slice(0, during.length);
  const answered = loaded.filter(({ tookMs }) => tookMs !== null);
  const calm = outcomes.slice(during.length);
  const inSecond = (second: number): Outcome[] =>
    calm.filter(({ atMs }) => Math.floor((atMs - forMs) / 1_000) === second);
  let recoveredS = 1;
  while (recoveredS * 1_000 < afterMs && percentile(inSecond(recoveredS - 1), 0.95) > deadlineMs) recoveredS++;
  return {
    goodputShare: loaded.filter(inTime).length / ((capacityPerS * forMs) / 1_000),
    p95Ms: percentile(answered, 0.95),
    recoveredS,
  };
}
