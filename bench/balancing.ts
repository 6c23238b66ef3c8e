/**
 * The balancing policies beside each other, and an overload. Quick: the master's own core in virtual time, so the
 * figures are the same on every machine. Full: the same again, and two of the scenarios and the overload on real
 * processes.
 */
import { BALANCER_POLICIES } from '../containers/protocol/balancing.ts';
import type { BalancerPolicy } from '../containers/protocol/balancing.ts';
import { percentile, poisson } from './balancing/load.ts';
import type { Outcome } from './balancing/load.ts';
import { measureOverload, OVERLOAD } from './balancing/overload.ts';
import { overloadProcesses, policiesOnProcesses } from './balancing/processes.ts';
import { simulate } from './balancing/simulated.ts';
import { median } from './measure.ts';
import type { Figures } from './measure.ts';

type Options = { quick: boolean; say(line: string): void };

const MEAN_MS = 50;
const WORKERS = 8;
const REAL_ROUNDS = 3;
const REAL_ROUND_MS = 6_000;
/** So many workers, each as fast as the others. */
const equal = (count: number): number[] => Array.from({ length: count }, () => 1);

const SCENARIOS = [
  { name: 'exponential', workers: equal(WORKERS), distribution: 'exponential' },
  { name: 'bimodal', workers: equal(WORKERS), distribution: 'bimodal' },
  { name: 'one 3 x slow', workers: [3, ...equal(WORKERS - 1)], distribution: 'exponential' },
] as const;

export async function run({ quick, say }: Options): Promise<Figures> {
  const figures: Figures = { pull_p99_vs_best_other: comparePolicies(quick, say) };
  const { forMs, afterMs } = OVERLOAD;
  const { goodputShare, p95Ms, recoveredS } = await measureOverload(async (arrivals, workers, deadlineMs) =>
    simulate({ seed: 'overload', policy: 'pull', workers: equal(workers), arrivals, deadlineMs }),
  );
  say(`overload, simulated, ${forMs / 1_000} s of twice the capacity, then ${afterMs / 1_000} s of half of it:`);
  say(
    `  goodput ${goodputShare.toFixed(3)} of capacity, p95 of the admitted ${p95Ms.toFixed(0)} ms, over after ${recoveredS} s`,
  );
  Object.assign(figures, { goodput_share: goodputShare, recovered_s: recoveredS, admitted_p95_ms: p95Ms });
  if (quick) return figures;
  for (const scenario of ['bimodal', 'one 3 x slow'] as const) await sayReal(scenario, say);
  const real = await overloadProcesses(say);
  return { ...figures, goodput_share: real.goodputShare, recovered_s: real.recoveredS, admitted_p95_ms: real.p95Ms };
}

/** p99 of pull over the best p99 of the others, in the worst of the scenarios; medians over the seeds. */
function comparePolicies(quick: boolean, say: Options['say']): number {
  const seeds = quick ? 3 : 6;
  const forMs = quick ? 60_000 : 120_000;
  let worst = 0;
  say(
    `policies, simulated: ${WORKERS} workers, mean ${MEAN_MS} ms, load 0.8 of equal workers; p95 / p99 ms, ${seeds} seeds`,
  );
  for (const { name, workers, distribution } of SCENARIOS) {
    const p99 = new Map<BalancerPolicy, number>();
    const cells: string[] = [];
    for (const policy of BALANCER_POLICIES) {
      const runs: Outcome[][] = Array.from({ length: seeds }, (_, n) => {
        const seed = `${name} ${n}`;
        const arrivals = poisson({ seed, forMs, capacity: WORKERS, load: 0.8, meanMs: MEAN_MS, distribution });
        return simulate({ seed, policy, workers, arrivals });
      });
      const middle = (share: number): number => median(runs.map((outcomes) => percentile(outcomes, share)));
      p99.set(policy, middle(0.99));
      cells.push(`${policy} ${middle(0.95).toFixed(0)} / ${middle(0.99).toFixed(0)}`);
    }
    const { pull = Number.NaN, ...others } = Object.fromEntries(p99);
    worst = Math.max(worst, pull / Math.min(...Object.values(others)));
    say(`  ${name.padEnd(13)} ${cells.join(', ')}`);
  }
  return worst;
}

/** p95 and p99 of each policy on real processes. Those by turns and by lot never catch up with a slow worker. */
export async function sayReal(name: 'bimodal' | 'one 3 x slow', say: Options['say']): Promise<void> {
  const firstIsSlow = name === 'one 3 x slow';
  const policies = BALANCER_POLICIES.filter(
    (policy) => !firstIsSlow || (policy !== 'random' && policy !== 'round-robin'),
  );
  const common = { capacity: WORKERS, load: 0.8, meanMs: MEAN_MS, forMs: REAL_ROUND_MS } as const;
  const distribution = firstIsSlow ? 'exponential' : 'bimodal';
  const rounds = Array.from({ length: REAL_ROUNDS }, (_, n) => poisson({ ...common, distribution, seed: `real ${n}` }));
  const outcomes = await policiesOnProcesses({ workers: WORKERS, firstIsSlow, policies, rounds });
  const cells = [...outcomes].map(
    ([policy, all]) => `${policy} ${percentile(all, 0.95).toFixed(0)} / ${percentile(all, 0.99).toFixed(0)}`,
  );
  const best = Math.min(
    ...[...outcomes].flatMap(([policy, all]) => (policy === 'pull' ? [] : [percentile(all, 0.99)])),
  );
  const ratio = percentile(outcomes.get('pull') ?? [], 0.99) / best;
  const { length } = rounds.flat();
  say(
    `${name}, real processes, ${length} requests a policy, p95 / p99 ms: ${cells.join(', ')}; pull over the best other ${ratio.toFixed(2)}`,
  );
}
