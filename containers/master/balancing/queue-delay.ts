/**
 * Is the line a good one, that empties now and then, or does it stand? Controlled delay as folly has it
 * (Codel.cpp; Maurer, Fail at Scale, 2015): overloaded when even the shortest wait of an interval was above the
 * target, and then those that waited for more than twice the target are refused when their turn comes, because
 * their clients hardly wait any more and the fresh ones behind them still do.
 */

/** Of the time that a request should take at most (ALGORITHMS.md 2). */
const TARGET_SHARE = 0.2;
const INTERVAL_SHARE = 1;

export class QueueDelay {
  overloaded = false;
  #intervalEndsMs = Number.NEGATIVE_INFINITY;
  #shortestMs = 0;

  /** One whose turn it is has waited that long; `thresholdMs`: how long a request should take at most. True: it is to be refused. */
  isTooLong(waitedMs: number, nowMs: number, thresholdMs: number): boolean {
    const targetMs = thresholdMs * TARGET_SHARE;
    const intervalMs = thresholdMs * INTERVAL_SHARE;
    if (nowMs >= this.#intervalEndsMs) {
      // One wait says nothing of an interval in which there was no other.
      this.overloaded = this.#shortestMs > targetMs && nowMs < this.#intervalEndsMs + intervalMs;
      this.#intervalEndsMs = nowMs + intervalMs;
      this.#shortestMs = waitedMs;
      return false;
    }
    if (waitedMs < this.#shortestMs) this.#shortestMs = waitedMs;
    return this.overloaded && waitedMs > 2 * targetMs;
  }

  /** Nobody waits. */
  empty(): void {
    this.overloaded = false;
    this.#shortestMs = 0;
  }
}
