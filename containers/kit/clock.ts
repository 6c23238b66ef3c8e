import type { Clock } from './ports.ts';

/** The real clock. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
  every(intervalMs, callback) {
    let dueMs = performance.now() + intervalMs;
    let timer = setTimeout(fire, intervalMs);
    let cancelled = false;
    function fire(): void {
      const nowMs = performance.now();
      const lateMs = Math.max(0, nowMs - dueMs);
      // Turns that were missed while the loop was blocked are skipped, not made up for.
      dueMs += intervalMs * (1 + Math.floor(lateMs / intervalMs));
      callback(lateMs);
      if (!cancelled) timer = setTimeout(fire, Math.max(0, dueMs - performance.now()));
    }
    return () => {
      cancelled = true;
      clearTimeout(timer);
    };
  },
};

/**
 * One time for a core, which needs both wall time (to show and to store) and time that never goes
 * back (leases, suspicion): wall time at the start plus what the monotonic clock measured since.
 * It follows wall time forward (after the machine slept the monotonic clock may have stood still),
 * never backward.
 */
export function steadyTime(clock: Clock): () => number {
  let offsetMs = clock.nowMs() - clock.monotonicMs();
  let lastMs = Number.NEGATIVE_INFINITY;
  return () => {
    const monotonicMs = clock.monotonicMs();
    const aheadMs = clock.nowMs() - (monotonicMs + offsetMs);
    if (aheadMs > RESYNC_MS) offsetMs += aheadMs;
    lastMs = Math.max(lastMs, monotonicMs + offsetMs);
    return lastMs;
  };
}

const RESYNC_MS = 1_000;
