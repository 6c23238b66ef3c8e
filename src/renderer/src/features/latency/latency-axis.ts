/** Axes of the latency charts. */

/** Bounds of a log axis around values in ms: whole powers of ten, at least one decade. */
export function logDomain(values: readonly (number | null)[]): [number, number] {
  const real = values.filter((value): value is number => value !== null && value > 0);
  if (real.length === 0) return [0.1, 10];
  const low = 10 ** Math.floor(Math.log10(Math.min(...real)));
  const high = 10 ** Math.ceil(Math.log10(Math.max(...real)));
  return [low, high > low ? high : low * 10];
}

/** Where to write numbers on a log axis: every power of ten. */
export function logTicks([low, high]: [number, number]): number[] {
  const ticks: number[] = [];
  for (let power = Math.round(Math.log10(low)); power <= Math.round(Math.log10(high)); power += 1)
    ticks.push(10 ** power);
  return ticks;
}

/** A tick's text: `0.1`, `1`, `100`, `1 k`. */
export function tickText(valueMs: number): string {
  return valueMs >= 1_000 ? `${valueMs / 1_000}k` : String(valueMs);
}
