/** Where a node's beats stand on its strip, and how bad its silence is. */
import type { Beat } from '../../../../../containers/protocol/stream.ts';

export const STRIP_SPAN_MS = 60_000;
/** Suspicion from which a monitor acts; see the detector. */
export const PHI_THRESHOLD = 8;
/** Beyond this it says nothing more; it can be infinite. */
const PHI_SHOWN_MAX = 16;

export type BeatTick = { x: number; late: boolean };

/** Ticks of the beats within the last STRIP_SPAN_MS; late: the gap before was over twice the mean. */
export function beatTicks(beats: Iterable<Beat>, nowMs: number, width: number, meanMs: number): BeatTick[] {
  const ticks: BeatTick[] = [];
  for (const { atMs, gapMs } of beats) {
    const ageMs = nowMs - atMs;
    if (ageMs < 0 || ageMs > STRIP_SPAN_MS) continue;
    ticks.push({ x: width * (1 - ageMs / STRIP_SPAN_MS), late: gapMs !== null && gapMs > meanMs * 2 });
  }
  return ticks;
}

/** Share of a φ gauge that is filled, 0 to 1; the threshold stands at one half. */
export function phiShare(phi: number): number {
  if (!(phi > 0)) return 0;
  return Math.min(phi, PHI_SHOWN_MAX) / PHI_SHOWN_MAX;
}
