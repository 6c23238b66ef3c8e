/** Time and values to places on the strip, and back. */

/** A span of time drawn over a width in pixels; the newest stands at the right. */
export type TimeScale = { fromMs: number; toMs: number; width: number };

export function xOf(scale: TimeScale, atMs: number): number {
  return ((atMs - scale.fromMs) / (scale.toMs - scale.fromMs)) * scale.width;
}

export function timeAt(scale: TimeScale, x: number): number {
  return scale.fromMs + (x / scale.width) * (scale.toMs - scale.fromMs);
}

const STEPS_MS = [1_000, 5_000, 10_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000, 3_600_000];

/** Round times at which to write the hour: at least `spacing` pixels apart. */
export function ticks(scale: TimeScale, spacing: number): number[] {
  const perPixel = (scale.toMs - scale.fromMs) / scale.width;
  const wantedMs = perPixel * spacing;
  const stepMs = STEPS_MS.find((step) => step >= wantedMs) ?? 3_600_000;
  const result: number[] = [];
  for (let at = Math.ceil(scale.fromMs / stepMs) * stepMs; at <= scale.toMs; at += stepMs) result.push(at);
  return result;
}

/** The upper end of an axis for `largest`: 1, 2 or 5 times a power of ten, so that it changes rarely. */
export function niceMax(largest: number): number {
  if (!(largest > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(largest));
  for (const factor of [1, 2, 5]) if (largest <= factor * power) return factor * power;
  return 10 * power;
}

/** Height above the base line of a value on a linear axis that ends at `max`. */
export function heightOf(value: number, max: number, height: number): number {
  return Math.min(1, Math.max(0, value / max)) * height;
}

/** The item nearest to `x`, within `reach` pixels. `times` are ascending. */
export function nearest(scale: TimeScale, times: readonly number[], x: number, reach: number): number | null {
  let best: number | null = null;
  let bestDistance = reach;
  times.forEach((atMs, index) => {
    const distance = Math.abs(xOf(scale, atMs) - x);
    if (distance > bestDistance) return;
    best = index;
    bestDistance = distance;
  });
  return best;
}
