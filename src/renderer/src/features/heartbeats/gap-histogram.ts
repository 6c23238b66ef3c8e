/** How the gaps between a node's beats are spread, beside the normal distribution that the detector assumes. */
export type GapBin = { fromMs: number; toMs: number; count: number; expected: number };
export type GapHistogram = { bins: GapBin[]; count: number; meanMs: number; deviationMs: number };

const BINS = 40;
/** How much of the normal is shown to each side of its mean. */
const SIGMAS = 3;

/** Bins over all gaps and over 3 σ of the normal; null without gaps. `expected` sums to the gaps within them. */
export function gapHistogram(gapsMs: readonly number[], meanMs: number, sigmaMs: number): GapHistogram | null {
  if (gapsMs.length === 0) return null;
  let least = meanMs - SIGMAS * sigmaMs;
  let most = meanMs + SIGMAS * sigmaMs;
  let sum = 0;
  for (const gap of gapsMs) {
    sum += gap;
    least = Math.min(least, gap);
    most = Math.max(most, gap);
  }
  least = Math.max(0, least);
  const widthMs = Math.max(1, most - least) / BINS;
  const bins = Array.from({ length: BINS }, (_, at): GapBin => {
    const fromMs = least + at * widthMs;
    const toMs = fromMs + widthMs;
    const share = normalBelow((toMs - meanMs) / sigmaMs) - normalBelow((fromMs - meanMs) / sigmaMs);
    return { fromMs, toMs, count: 0, expected: share * gapsMs.length };
  });
  const ownMean = sum / gapsMs.length;
  let squares = 0;
  for (const gap of gapsMs) {
    squares += (gap - ownMean) ** 2;
    const bin = bins[Math.min(BINS - 1, Math.floor((gap - least) / widthMs))];
    if (bin) bin.count += 1;
  }
  return { bins, count: gapsMs.length, meanMs: ownMean, deviationMs: Math.sqrt(squares / gapsMs.length) };
}

/** Share of a standard normal below `y`, by the approximation that the detector uses for φ. */
function normalBelow(y: number): number {
  return 1 / (1 + Math.exp(-y * (1.5976 + 0.070566 * y * y)));
}
