/** Is one run, or one set of runs, faster than another? Bootstrap of the ratio, and a rank test beside it. */
import type { Random } from '../../../containers/protocol/step.ts';
import { mannWhitney } from './mann-whitney.ts';
import type { Population } from './latency-counts.ts';
import type { LoadPlan } from './load-plan.ts';
import type { LoadSecond } from './load-second.ts';
import { headline, measured } from './load-summary.ts';
import { pooledQuantile } from './pooled-quantile.ts';

/** `better`: the second is faster. `same`: any difference is within SAME_WITHIN. */
export type Difference = 'better' | 'worse' | 'same' | 'not-enough-data';

export type Comparison = {
  difference: Difference;
  quantile: number;
  /** Latency of the second over that of the first, with its 95 % interval; null where there is none. */
  ratio: number | null;
  low: number | null;
  high: number | null;
  /** Of the rank test. */
  p: number | null;
  /**
   * What was compared: whole runs, or blocks of 10 s within them. Blocks say that two runs differ;
   * only runs repeated in turn say that what they measured does.
   */
  units: 'runs' | 'blocks';
  first: number;
  second: number;
};

export type ComparedRun = { plan: LoadPlan; seconds: readonly LoadSecond[] };

const UNITS_MIN = 5;
const BLOCK_SECONDS = 10;
const ROUNDS = 2_000;
const SAME_WITHIN = 1.1;
const P_MAX = 0.05;

/**
 * Compares runs of two sides (the second against the first) at a quantile. With five runs or more a
 * side the runs are the units, else blocks of 10 s within them, for seconds depend on each other.
 */
export function compareRuns(
  first: readonly ComparedRun[],
  second: readonly ComparedRun[],
  options: { quantile: number; random: Random },
): Comparison {
  const units = Math.min(first.length, second.length) >= UNITS_MIN ? 'runs' : 'blocks';
  const split = (runs: readonly ComparedRun[]) =>
    runs.flatMap((run) => (units === 'runs' ? [whole(run)] : blocks(run)));
  return { units, ...compareUnits(split(first), split(second), options) };
}

/** The same for populations that are units already. */
export function compareUnits(
  first: readonly Population[],
  second: readonly Population[],
  { quantile, random }: { quantile: number; random: Random },
): Omit<Comparison, 'units'> {
  const sizes = { quantile, first: first.length, second: second.length };
  const nothing = { ...sizes, ratio: null, low: null, high: null, p: null };
  if (Math.min(first.length, second.length) < UNITS_MIN) return { ...nothing, difference: 'not-enough-data' };
  const inFirst = pooledQuantile(first);
  const inSecond = pooledQuantile(second);
  const everyFirst = first.map((_, index) => index);
  const everySecond = second.map((_, index) => index);
  const ratio = inSecond(everySecond, quantile) / inFirst(everyFirst, quantile);
  const p = mannWhitney(
    everyFirst.map((unit) => inFirst([unit], quantile)),
    everySecond.map((unit) => inSecond([unit], quantile)),
  );
  const drawn = (units: readonly number[]) => units.map(() => Math.floor(random() * units.length));
  const ratios: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1)
    ratios.push(inSecond(drawn(everySecond), quantile) / inFirst(drawn(everyFirst), quantile));
  ratios.sort((a, b) => a - b);
  const low = ratios[Math.floor(ROUNDS * 0.025)] ?? NaN;
  const high = ratios[Math.ceil(ROUNDS * 0.975) - 1] ?? NaN;
  if (![ratio, low, high].every(Number.isFinite)) return { ...nothing, p, difference: 'not-enough-data' };
  return { ...sizes, ratio, low, high, p, difference: differenceOf({ low, high, p }) };
}

/** Different only when both ways of asking say so: each alone errs too often with few units. */
function differenceOf({ low, high, p }: { low: number; high: number; p: number }): Difference {
  if (p < P_MAX && high < 1) return 'better';
  if (p < P_MAX && low > 1) return 'worse';
  return low > 1 / SAME_WITHIN && high < SAME_WITHIN ? 'same' : 'not-enough-data';
}

function whole({ plan, seconds }: ComparedRun): Population {
  return headline(measured(seconds, plan), plan);
}

function blocks({ plan, seconds }: ComparedRun): Population[] {
  const rows = measured(seconds, plan);
  const count = Math.floor(rows.length / BLOCK_SECONDS);
  return Array.from({ length: count }, (_, index) =>
    headline(rows.slice(index * BLOCK_SECONDS, (index + 1) * BLOCK_SECONDS), plan),
  );
}
