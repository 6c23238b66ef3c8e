/** Small statistics for benches, and the one way a bench reports. */

export type Figures = Record<string, number>;

/** Middle value; the mean of the two middle ones for an even count. Throws on an empty list. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new Error('no values to take a median of');
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** Runs two measurements in turn, A B A B …, so that a drift of the machine hits both; gives the values of each. */
export async function interleaved(
  rounds: number,
  a: (round: number) => Promise<number>,
  b: (round: number) => Promise<number>,
): Promise<{ a: number[]; b: number[] }> {
  const values = { a: [] as number[], b: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    // The one who goes first changes, so that neither always finds the caches warm.
    if (round % 2 === 0) values.a.push(await a(round));
    values.b.push(await b(round));
    if (round % 2 === 1) values.a.push(await a(round));
  }
  return values;
}

/** `12.3 (11.9 … 14.0, n=5)` */
export function describe(values: readonly number[], digits = 1): string {
  return `${median(values).toFixed(digits)} (${Math.min(...values).toFixed(digits)} … ${Math.max(...values).toFixed(digits)}, n=${values.length})`;
}
