/**
 * The autoscaler against an oracle that knows the load, and against the policies it is compared with: in the
 * simulator, with the start time that containers have here. What a promotion takes is measured on real
 * processes (--quick) or containers; those also bear a step, a ramp and a sine of tasks that sleep.
 */
import { exponentialShape } from '../containers/sim/elastic/elastic-score.ts';
import { serversNeeded } from '../containers/algorithms/erlang.ts';
import { rateAt, type Pattern } from '../containers/sim/elastic/patterns.ts';
import { RealCluster, type Answer, type Count } from './elastic/real-cluster.ts';
import { describeRow, figuresOf, PATTERNS, RIVALS, simulate } from './elastic/simulated.ts';
import { describe, median, type Figures } from './measure.ts';

type Options = { quick: boolean; say(line: string): void };

const SERVICE_MS = 100;
const THRESHOLD_MS = 500;
/** Patterns on containers: the ten minutes of the simulator in two. */
const REAL_S = 120;
const FASTER = 5;

export async function run({ quick, say }: Options): Promise<Figures> {
  const startMs = await RealCluster.with('docker', measureStarts);
  say(`a worker container starts within ${describe(startMs, 0)} ms`);
  const promoteMs = await RealCluster.with(quick ? 'process' : 'docker', (cluster) =>
    measurePromotions(cluster, quick ? 5 : 15),
  );
  say(`needed until the standby served its first task, without the task: ${describe(promoteMs, 1)} ms`);
  const seeds = quick ? 1 : 5;
  const ours = PATTERNS.map((pattern) => simulate('ours', pattern, seeds, median(startMs)));
  const others = RIVALS.slice(1).flatMap((rule) =>
    (quick ? (['step'] as const) : PATTERNS).map((pattern) => simulate(rule, pattern, seeds, median(startMs))),
  );
  for (const row of [...ours, ...others]) say(`simulated: ${describeRow(row)}`);
  if (!quick) for (const pattern of ['step', 'ramp', 'sine'] as const) await sayReal(pattern, say);
  return {
    ...figuresOf(ours),
    promote_ms: median(promoteMs),
    start_ms: median(startMs),
    saved_ms: median(startMs) - median(promoteMs),
  };
}

/** From the launch until the master calls it ready or standby, as the journal has it. */
async function measureStarts(cluster: RealCluster): Promise<number[]> {
  const seq = await cluster.newestSeq();
  const tookMs: number[] = [];
  // One after the other: several at once would share the machine.
  for (let standby = 1; standby <= 5; standby++) {
    await cluster.scale({ enabled: true, standby });
    await cluster.until((picture) => RealCluster.count(picture, 'standby') === standby);
  }
  for (const body of await cluster.bodies(
    seq,
    (bodies) => bodies.filter(({ type }) => type === 'node-ready').length >= 5,
  )) {
    if (body.type === 'node-ready') tookMs.push(body.tookMs);
  }
  return tookMs;
}

/** A jump of the load, again and again: from the need for one more worker to the end of its first task, less the task. */
async function measurePromotions(cluster: RealCluster, rounds: number): Promise<number[]> {
  const taskMs = 50;
  const values: number[] = [];
  const base = { enabled: true, minimum: 1, standby: 1, thresholdMs: 200, shrinkAfterMs: 60_000 };
  for (let round = 0; round < rounds; round++) {
    // With one worker at most, all others become the standby, or go.
    await cluster.scale({ ...base, maximum: 1 });
    await cluster.until(
      (picture) => RealCluster.count(picture, 'standby') === 1 && RealCluster.count(picture, 'ready') === 1,
    );
    for (let n = 0; n < 12; n++) await cluster.work(taskMs, 'constant');
    const seq = await cluster.newestSeq();
    await cluster.scale({ ...base, maximum: 2 });
    const burst = Array.from({ length: 40 }, () => cluster.work(taskMs, 'constant'));
    const bodies = await cluster.bodies(seq, (seen) => tookOver(seen).length > 0);
    values.push((tookOver(bodies)[0] ?? Number.NaN) - taskMs);
    await Promise.all(burst);
  }
  return values;
}

function tookOver(bodies: readonly { type: string }[]): number[] {
  return (bodies as { type: string; event?: { type: string; wasStandby?: boolean; answeredMs?: number } }[]).flatMap(
    ({ event }) => (event?.type === 'took-over' && event.wasStandby === true ? [event.answeredMs ?? Number.NaN] : []),
  );
}

async function sayReal(pattern: Pattern, say: Options['say']): Promise<void> {
  const rate = (s: number): number => rateAt(pattern, s * FASTER);
  const { answers, counts, startMs } = await RealCluster.with('docker', async (cluster) => {
    await cluster.scale({ enabled: true, thresholdMs: THRESHOLD_MS, maximum: 16, shrinkAfterMs: 30_000 / FASTER });
    await cluster.until((picture) => RealCluster.count(picture, 'standby') === 1);
    return cluster.load(REAL_S, rate, SERVICE_MS);
  });
  const service = exponentialShape(SERVICE_MS);
  let oracleS = 0;
  for (let s = 0; s < REAL_S; s++) oracleS += serversNeeded(rate(s), service, THRESHOLD_MS) ?? 0;
  const cost = activeSeconds(counts) / oracleS;
  const violating = violatedShare(answers, startMs);
  const failed = answers.filter(({ ok }) => !ok).length;
  say(
    `containers: ${pattern}, ${FASTER} × as fast, ${REAL_S} s: violating ${(violating * 100).toFixed(1)} %, ${cost.toFixed(2)} × oracle, ${failed} of ${answers.length} failed`,
  );
}

function activeSeconds(counts: readonly Count[]): number {
  let sum = 0;
  counts.forEach(({ atMs, active }, at) => {
    const next = counts[at + 1];
    if (next !== undefined) sum += (active * (next.atMs - atMs)) / 1_000;
  });
  return sum;
}

function violatedShare(answers: readonly Answer[], startMs: number): number {
  const seconds = new Map<number, Answer[]>();
  for (const answer of answers) {
    const second = Math.floor((answer.atMs - startMs) / 1_000);
    seconds.set(second, [...(seconds.get(second) ?? []), answer]);
  }
  const violated = [...seconds.values()].filter((all) => {
    const late = all.filter(({ ok, tookMs }) => !ok || tookMs > THRESHOLD_MS).length;
    return late > all.length - Math.ceil(0.95 * all.length);
  });
  return violated.length / REAL_S;
}
