/**
 * Whether more workers still help. Where they share processors that are busy, each task takes longer the more of
 * them run, and another worker brings nothing. Seen by service times beside the number of tasks that ran at once;
 * what is known of each number lasts for a while, so that a jump of the load brings its own comparison.
 *
 * A heavier mix of tasks looks the same from here, so the verdict is tried again: growth by a half, that is taken
 * back when service takes so much longer with it too.
 */
import type { Mean } from './load-window.ts';

/** Service times while about so many tasks ran at once. `atMs`: newest. */
export type ServiceAt = Mean & { atOnce: number; atMs: number };

export type Contention = {
  /** More than so many workers brought nothing; not tried again before `untilMs`. Null: nothing of the kind is known. */
  ceiling: { workers: number; untilMs: number; lastsMs: number } | null;
  /** Growth beyond the ceiling, to see whether it helps by now. */
  attempt: { from: number; sinceMs: number } | null;
};

type Sums = { count: number; sum: number; squares: number; atOnce: number; atMs: number };

const BINS_AN_OCTAVE = 2;
/** Of each bin about so many tasks count; older ones fade. */
const REMEMBERED = 4_000;
const KEPT_MS = 120_000;
const COUNT_MIN = 20;
const SIGMAS = 3;
/** Of what more workers should bring, less than a half: 50 % more workers and service 25 % longer. */
const LOST_SHARE = 0.5;
const RISE_MIN = 1.15;
/** The present workers are compared when nearly all of them are busy. */
const NEARLY_ALL = 0.7;
const CEILING_MS = 60_000;
const CEILING_MS_MAX = 1_920_000;
const ATTEMPT_SHARE = 0.5;
const ATTEMPT_MS = 60_000;
/** Of before an attempt only this counts: the tasks may have changed since the older. */
const BEFORE_ATTEMPT_MS = 10_000;

export const NO_CONTENTION: Contention = { ceiling: null, attempt: null };

/** Service times by tasks at once, in bins of half an octave. */
export class ServiceByLoad {
  readonly #bins = new Map<number, Sums>();

  /** A task took so long, and `atOnce` ran when it ended, itself included. */
  add(atOnce: number, tookMs: number, nowMs: number): void {
    const bin = Math.round(BINS_AN_OCTAVE * Math.log2(Math.max(1, atOnce)));
    let sums = this.#bins.get(bin);
    if (sums === undefined || nowMs - sums.atMs > KEPT_MS) {
      sums = { count: 0, sum: 0, squares: 0, atOnce: 0, atMs: 0 };
      this.#bins.set(bin, sums);
    }
    const fade = sums.count >= REMEMBERED ? 0.5 : 1;
    sums.count = sums.count * fade + 1;
    sums.sum = sums.sum * fade + tookMs;
    sums.squares = sums.squares * fade + tookMs * tookMs;
    sums.atOnce = sums.atOnce * fade + atOnce;
    sums.atMs = nowMs;
  }

  /** Those that enough is known of, fewest at once first. */
  known(nowMs: number): ServiceAt[] {
    return [...this.#bins.values()]
      .filter(({ count, sum, atMs }) => count >= COUNT_MIN && sum > 0 && nowMs - atMs <= KEPT_MS)
      .map(({ count, sum, squares, atOnce, atMs }) => {
        const meanMs = sum / count;
        const cv2 = Math.max(0, squares / count - meanMs * meanMs) / (meanMs * meanMs);
        return { count, meanMs, cv2, atOnce: atOnce / count, atMs };
      })
      .sort((a, b) => a.atOnce - b.atOnce);
  }
}

type ContentionInputs = {
  nowMs: number;
  /** Workers that shall be there, and how many tasks they take at once. */
  desired: number;
  atOnce: number;
  serviceAt: readonly ServiceAt[];
  /** Whether more workers would be wanted; else nothing is attempted. */
  wantsMore: boolean;
};

/** What is known of contention now. */
export function contentionAfter(before: Contention, inputs: ContentionInputs): Contention {
  const { nowMs, desired, atOnce, serviceAt, wantsMore } = inputs;
  const { ceiling, attempt } = before;
  const sinceMs = attempt === null ? Number.NEGATIVE_INFINITY : attempt.sinceMs - BEFORE_ATTEMPT_MS;
  const recent = serviceAt.filter(({ atMs }) => atMs >= sinceMs);
  const isSlower = risesWithLoad(recent, atOnce);
  if (attempt !== null) {
    if (isSlower) return ceilingOf(attempt.from, (ceiling?.lastsMs ?? 0) * 2, nowMs);
    return nowMs - attempt.sinceMs >= ATTEMPT_MS ? NO_CONTENTION : before;
  }
  if (ceiling === null) return isSlower ? ceilingOf(desired, CEILING_MS, nowMs) : before;
  if (nowMs < ceiling.untilMs || !wantsMore) return before;
  return { ceiling, attempt: { from: ceiling.workers, sinceMs: nowMs } };
}

/** The most workers that contention leaves; null when it sets no bound. */
export function boundOf({ ceiling, attempt }: Contention): number | null {
  if (attempt !== null) return Math.ceil(attempt.from * (1 + ATTEMPT_SHARE));
  return ceiling?.workers ?? null;
}

function ceilingOf(workers: number, lastsMs: number, nowMs: number): Contention {
  const boundedMs = Math.min(CEILING_MS_MAX, lastsMs);
  return { ceiling: { workers, untilMs: nowMs + boundedMs, lastsMs: boundedMs }, attempt: null };
}

/**
 * Whether service with nearly all of `slots` in use takes so much longer than with fewer that most of what the others
 * added is lost. Three standard errors, so that chance does not look like it.
 */
function risesWithLoad(known: readonly ServiceAt[], slots: number): boolean {
  const now = known.findLast(({ atOnce }) => atOnce >= slots * NEARLY_ALL);
  if (now === undefined) return false;
  return known.some((fewer) => {
    if (fewer.atOnce >= now.atOnce) return false;
    const rise = Math.max(RISE_MIN, 1 + (now.atOnce / fewer.atOnce - 1) * LOST_SHARE);
    const error = Math.hypot(spread(now), rise * spread(fewer));
    return now.meanMs - rise * fewer.meanMs > SIGMAS * error;
  });
}

/** Standard error of a mean. */
const spread = ({ meanMs, cv2, count }: Mean): number => meanMs * Math.sqrt(cv2 / count);
