/** The autoscaler and those it is compared with, in the simulator: ten minutes of each pattern. */
import { ElasticWorld } from '../../containers/sim/elastic/elastic-world.ts';
import { scoreOf } from '../../containers/sim/elastic/elastic-score.ts';
import type { ElasticScore } from '../../containers/sim/elastic/elastic-score.ts';
import { PATTERN_S, PATTERNS, rateAt, STEP_AT_S } from '../../containers/sim/elastic/patterns.ts';
import type { Pattern } from '../../containers/sim/elastic/patterns.ts';
import { hpaStyle, knativeStyle } from '../../containers/sim/elastic/rival-rules.ts';
import type { ElasticOptions } from '../../containers/sim/elastic/elastic-world.ts';

const SERVICE_MS = 100;
const WORKERS_MAX = 40;

/** Those that have no standby of their own get none. */
const RULES: Record<string, Pick<ElasticOptions, 'autoscaler' | 'rule'>> = {
  ours: { autoscaler: {} },
  'knative-style': { autoscaler: { standby: 0 }, rule: knativeStyle },
  'hpa-style': { autoscaler: { standby: 0 }, rule: hpaStyle },
  'threshold ± 1': { autoscaler: { policy: 'threshold' } },
  'grow only': { autoscaler: { policy: 'grow' } },
  'grow and shrink': { autoscaler: { policy: 'grow-shrink' } },
  'fixed 10': { autoscaler: { policy: 'fixed', minimum: 10 } },
};
export const RIVALS = Object.keys(RULES);

export type Row = { rule: string; pattern: Pattern; scores: ElasticScore[] };

/** `startMs`: how long a worker takes to start, as measured. */
export function simulate(rule: string, pattern: Pattern, seeds: number, startMs: number): Row {
  const { autoscaler = {}, rule: own } = RULES[rule] ?? {};
  const scores = Array.from({ length: seeds }, (_, at) => {
    const world = new ElasticWorld({
      seed: at + 1,
      seconds: PATTERN_S,
      rateAt: (s) => rateAt(pattern, s),
      serviceMs: SERVICE_MS,
      startMs,
      autoscaler: { maximum: WORKERS_MAX, ...autoscaler },
      ...(own === undefined ? {} : { rule: own }),
    });
    world.run();
    return scoreOf(world, pattern === 'step' ? STEP_AT_S : null);
  });
  return { rule, pattern, scores };
}

export function describeRow({ rule, pattern, scores }: Row): string {
  const p95 = scores.map(({ p95Ms }) => p95Ms);
  const parts = [
    `p95 ${mean(p95).toFixed(0)} ms`,
    `violating ${(mean(scores.map((score) => score.violatingShare)) * 100).toFixed(1)} %`,
    `${mean(scores.map((score) => score.costVsOracle)).toFixed(2)} × oracle`,
    `standby ${mean(scores.map(({ standbyS }) => standbyS)).toFixed(0)} s`,
    `${mean(scores.map(({ flipsPerMinute }) => flipsPerMinute)).toFixed(1)} flips/min`,
  ];
  const recovered = scores.flatMap(({ recoveredAfterS }) => (recoveredAfterS === null ? [] : [recoveredAfterS]));
  if (pattern === 'step')
    parts.push(recovered.length === 0 ? 'never clean' : `clean after ${Math.max(...recovered)} s`);
  return `${pattern.padEnd(5)} ${rule.padEnd(16)} ${parts.join(', ')} (n=${scores.length})`;
}

/** What the figures are made of: the worst mean of step, ramp and sine, and the slowest recovery. */
export function figuresOf(rows: readonly Row[]) {
  const counted = rows.filter(({ pattern }) => pattern === 'step' || pattern === 'ramp' || pattern === 'sine');
  const worst = (read: (score: ElasticScore) => number): number =>
    Math.max(...counted.map(({ scores }) => mean(scores.map(read))));
  const recovered = rows.filter(({ pattern }) => pattern === 'step').flatMap(({ scores }) => scores);
  return {
    cost_vs_oracle: worst((score) => score.costVsOracle),
    violating_share: worst((score) => score.violatingShare),
    clean_after_step_s: Math.max(...recovered.map(({ recoveredAfterS }) => recoveredAfterS ?? PATTERN_S)),
  };
}

export { PATTERNS };

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
