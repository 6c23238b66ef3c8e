/** Where a node's beats stand on its strip, and how far its suspicion has come. */
import type { Beat } from '../../../../../containers/protocol/stream.ts';

export const STRIP_SPAN_MS = 60_000;
/** Beyond this φ says nothing more; it can be infinite. A threshold above it widens the gauge. */
const PHI_SHOWN_MAX = 16;

export type BeatTick = { x: number; late: boolean };

/** Ticks of the beats within the last STRIP_SPAN_MS; late: the gap before was over twice the mean. */
export function beatTicks(
  beats: Iterable<Pick<Beat, 'atMs' | 'gapMs'>>,
  nowMs: number,
  width: number,
  meanMs: number,
): BeatTick[] {
  const ticks: BeatTick[] = [];
  for (const { atMs, gapMs } of beats) {
    const ageMs = nowMs - atMs;
    if (ageMs < 0 || ageMs > STRIP_SPAN_MS) continue;
    ticks.push({ x: width * (1 - ageMs / STRIP_SPAN_MS), late: gapMs !== null && gapMs > meanMs * 2 });
  }
  return ticks;
}

/** The largest φ that a gauge with these thresholds shows. */
export function phiMax(...thresholds: number[]): number {
  return Math.max(PHI_SHOWN_MAX, ...thresholds.map((threshold) => Math.ceil(threshold * 1.25)));
}

/** Share of a φ gauge that is filled, 0 to 1. φ is a logarithm already: each 1 is ten times less likely. */
export function phiShare(phi: number, max = PHI_SHOWN_MAX): number {
  if (!(phi > 0)) return 0;
  return Math.min(phi, max) / max;
}

/** Beats that should have come and did not: over the kept gaps, and in the silence that lasts. */
export function missedBeats(beats: Iterable<Pick<Beat, 'gapMs'>>, intervalMs: number, silentMs: number): number {
  const missedIn = (gapMs: number): number => Math.max(0, Math.round(gapMs / intervalMs) - 1);
  let missed = Math.max(0, Math.floor(silentMs / intervalMs - 0.5));
  for (const { gapMs } of beats) if (gapMs !== null) missed += missedIn(gapMs);
  return missed;
}
