/**
 * What a naive tester misses: the workers stand still for 6 s of 30 while requests arrive at 50/s. A fifth
 * of the requests is due in that time; of those that wait, the intended latencies are spread evenly from the
 * length of the freeze down to nothing, so every percentile can be computed beforehand. A tester who waits
 * for each answer sends one request in that time, and hardly sees it.
 */
import type { LoadMark } from './load-run.ts';
import { completePlan, type LoadPlan } from './load-plan.ts';
import type { LoadSummary } from './load-summary.ts';

export const FREEZE = { runMs: 30_000, fromMs: 12_000, forMs: 6_000, rate: 50 } as const;

/** Shares by which figures may miss what was computed. */
const ERROR_MAX = 0.05;
const NAIVE_P90_MAX_MS = 100;
const QUANTILE = 0.9;

export function freezePlan(seed: string): LoadPlan {
  return completePlan({
    seed,
    loop: { kind: 'open', rate: FREEZE.rate, shape: { kind: 'constant' } },
    durationMs: FREEZE.runMs,
    warmupMs: 2_000,
    timeoutMs: 20_000,
    experiment: 'freeze',
  });
}

/** From the first pause of a node to the last end of one, ms; null as long as there are not both. */
export function frozenMs(marks: readonly LoadMark[]): number | null {
  let fromMs: number | null = null;
  let toMs: number | null = null;
  for (const { body } of marks) {
    if (body.type !== 'node-paused') continue;
    if (body.paused) fromMs ??= body.atMs;
    else toMs = body.atMs;
  }
  return fromMs === null || toMs === null || toMs <= fromMs ? null : toMs - fromMs;
}

/** The `q`-quantile of intended latency, ms, when all requests wait for the end of a freeze of `forMs` in `runMs`. */
export function expectedQuantileMs(q: number, forMs: number, runMs: number): number {
  const share = forMs / runMs;
  return share <= 0 ? 0 : Math.max(0, (q - (1 - share)) / share) * forMs;
}

/** `found` against `wanted` (as near as 5 %) or `limit` (below it); null where it was not measured. */
export type FreezeCheck = {
  name: 'intended' | 'naive' | 'little';
  found: number | null;
  wanted: number;
  ok: boolean | null;
};

/** What the run shows, and whether it is what was computed from how long the workers really stood still. */
export function judgeFreeze(summary: LoadSummary, forMs: number): FreezeCheck[] {
  const wanted = expectedQuantileMs(QUANTILE, forMs, FREEZE.runMs);
  const near = (found: number | null, goal: number): boolean | null =>
    found === null ? null : Math.abs(found / goal - 1) <= ERROR_MAX;
  const { intended, naive, littlesLaw } = summary;
  return [
    { name: 'intended', found: intended.p90Ms, wanted, ok: near(intended.p90Ms, wanted) },
    {
      name: 'naive',
      found: naive.p90Ms,
      wanted: NAIVE_P90_MAX_MS,
      ok: naive.p90Ms === null ? null : naive.p90Ms < NAIVE_P90_MAX_MS,
    },
    { name: 'little', found: littlesLaw.ratio, wanted: 1, ok: near(littlesLaw.ratio, 1) },
  ];
}
