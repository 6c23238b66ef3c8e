/**
 * The autoscaler against an oracle that knows the load, and against the policies it is compared with: in the
 * simulator, with the start time that containers have here. What a promotion takes is measured on real
 * processes (--quick) or containers; those also bear every pattern with tasks that sleep.
 */
import { RealCluster } from './elastic/real-cluster.ts';
import { realPattern } from './elastic/real-patterns.ts';
import { describeRow, figuresOf, PATTERNS, RIVALS, simulate } from './elastic/simulated.ts';
import { describe, median, type Figures } from './measure.ts';

type Options = { quick: boolean; say(line: string): void };

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
  if (!quick) for (const pattern of PATTERNS) say(`containers: ${await realPattern(pattern)}`);
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
