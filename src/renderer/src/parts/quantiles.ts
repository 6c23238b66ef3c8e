/** Percentiles to choose from, each with its colour wherever it is drawn. */
import type { PlotColour } from '../ui/plot.ts';

export const QUANTILES: readonly { q: number; colour: PlotColour }[] = [
  { q: 0.5, colour: 'compute' },
  { q: 0.9, colour: 'storage' },
  { q: 0.95, colour: 'unknown' },
  { q: 0.99, colour: 'retry' },
  { q: 0.999, colour: 'accent' },
  { q: 1, colour: 'dim' },
];

/** Colour of any percentile. */
export const colourOf = (q: number): PlotColour => QUANTILES.find((known) => known.q === q)?.colour ?? 'ok';
