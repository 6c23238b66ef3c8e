/**
 * When requests arrive: a non-homogeneous Poisson process by thinning (Lewis and Shedler 1979), one
 * arrival at a time, so that an hour of load needs no more memory than a second.
 */
import type { Random } from '../../../containers/protocol/step.ts';
import type { LoadShape } from './load-plan.ts';

export type OpenLoad = { rate: number; shape: LoadShape };

/** The rate wanted at `tMs` after the start, requests/s. Before the start (warm-up) that of the start. */
export function rateAt({ rate, shape }: OpenLoad, tMs: number, durationMs: number): number {
  const t = Math.max(0, tMs);
  switch (shape.kind) {
    case 'constant':
    case 'poisson':
      return rate;
    case 'step':
      return shape.steps.findLast((step) => step.atMs <= t)?.rate ?? rate;
    case 'ramp':
      return rate + (shape.toRate - rate) * Math.min(1, t / durationMs);
    case 'spike':
      return t >= shape.atMs && t < shape.atMs + shape.forMs ? shape.rate : rate;
    case 'sine':
      return Math.max(0, rate + shape.amplitude * Math.sin((2 * Math.PI * t) / shape.periodMs));
  }
}

/** How many pieces bound a curve; more of them reject fewer draws. */
const PIECES_RAMP = 50;
const PIECES_PERIOD = 16;

/** A stretch of time on which the rate is nowhere above `bound`. */
type Piece = { untilMs: number; bound: number };

/** Times at which the bound of a shape may change, ascending, within the duration. */
function seams({ shape }: OpenLoad, durationMs: number): number[] {
  const even = (stepMs: number): number[] =>
    Array.from({ length: Math.max(0, Math.ceil(durationMs / stepMs) - 1) }, (_, index) => (index + 1) * stepMs);
  switch (shape.kind) {
    case 'constant':
    case 'poisson':
      return [];
    case 'step':
      return shape.steps.map((step) => step.atMs);
    case 'spike':
      return [shape.atMs, shape.atMs + shape.forMs];
    case 'ramp':
      return even(durationMs / PIECES_RAMP);
    case 'sine':
      // Seams fall on the peaks (a quarter of the period is a whole number of pieces): ends bound pieces.
      return even(shape.periodMs / PIECES_PERIOD);
  }
}

function* pieces(load: OpenLoad, durationMs: number): Generator<Piece> {
  let fromMs = 0;
  for (const seam of [...seams(load, durationMs), durationMs]) {
    const untilMs = Math.min(seam, durationMs);
    if (untilMs <= fromMs) continue;
    // Just before the seam: a step at the seam itself belongs to the next piece.
    const endMs = untilMs - 1e-6;
    yield { untilMs, bound: Math.max(rateAt(load, fromMs, durationMs), rateAt(load, endMs, durationMs)) };
    fromMs = untilMs;
  }
}

/** The highest rate of a run, requests/s. */
export function peakRate(load: OpenLoad, durationMs: number): number {
  let peak = 0;
  for (const { bound } of pieces(load, durationMs)) peak = Math.max(peak, bound);
  return peak;
}

/** How many requests to expect in `durationMs`; Simpson-like, exact for straight pieces. */
export function expectedArrivals(load: OpenLoad, durationMs: number): number {
  const steps = 2_000;
  let sum = 0;
  for (let step = 0; step < steps; step += 1) sum += rateAt(load, ((step + 0.5) / steps) * durationMs, durationMs);
  return (sum / steps) * (durationMs / 1_000);
}

/** Gives the time of the next arrival, ms after the start; Infinity at the end, for ever. */
export type Arrivals = () => number;

/** Arrivals from `-warmupMs` to `durationMs`. Equal seeds give equal arrivals. */
export function createArrivals(options: {
  load: OpenLoad;
  durationMs: number;
  warmupMs: number;
  random: Random;
}): Arrivals {
  const { load, durationMs, warmupMs } = options;
  return load.shape.kind === 'constant' ? evenly(load.rate, -warmupMs, durationMs) : atRandom(options);
}

function evenly(rate: number, fromMs: number, untilMs: number): Arrivals {
  let index = 0;
  return () => {
    const at = fromMs + (index * 1_000) / rate;
    if (!(at < untilMs)) return Infinity;
    index += 1;
    return at;
  };
}

function atRandom({ load, durationMs, warmupMs, random }: Parameters<typeof createArrivals>[0]): Arrivals {
  const warmup: Piece[] = warmupMs > 0 ? [{ untilMs: 0, bound: rateAt(load, 0, durationMs) }] : [];
  const list = [...warmup, ...pieces(load, durationMs)];
  let at = -warmupMs;
  let index = 0;
  return () => {
    for (;;) {
      const piece = list[index];
      if (piece === undefined) return Infinity;
      // 1 − random is never 0, whose logarithm would be lost.
      const next = piece.bound > 0 ? at - (1_000 / piece.bound) * Math.log(1 - random()) : Infinity;
      if (next >= piece.untilMs) {
        // The process has no memory: go on from the seam with the next bound.
        at = piece.untilMs;
        index += 1;
        continue;
      }
      at = next;
      if (random() * piece.bound <= rateAt(load, at, durationMs)) return at;
    }
  };
}
