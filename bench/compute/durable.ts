/** Durable tasks, enqueue acknowledged as synced → executed → result stored: ours against BullMQ on Redis. */
import { describe, interleaved, median } from '../measure.ts';
import type { Figures } from '../measure.ts';
import { BullMq, REDIS_SETTINGS } from './bullmq.ts';
import { startCluster } from './cluster.ts';
import { DurableClient } from './durable-client.ts';
import type { Stage } from './processes.ts';

const WORKERS = 2;
const CONCURRENCY = 64;
const PAYLOAD = '4 * (2 + 3)';
/** Clients that enqueue at the same time. Below the 10,000 unfinished tasks that our queue takes. */
const BATCHED = { tasks: 8_000, batch: 100, inFlight: 4, payload: PAYLOAD };
const SINGLE = { tasks: 4_000, batch: 1, inFlight: 32, payload: PAYLOAD };

type Options = { stage: Stage; quick: boolean; say(line: string): void };

export async function measureDurable({ stage, quick, say }: Options): Promise<Figures> {
  const { http } = await startCluster(stage, { workers: WORKERS, concurrency: CONCURRENCY, name: 'durable' });
  const ours = new DurableClient(http);
  const bull = await BullMq.start(stage, { workers: WORKERS, concurrency: CONCURRENCY });
  say(`durable: ${WORKERS} workers, ${CONCURRENCY} tasks at once each, on both sides; Redis: ${REDIS_SETTINGS}`);
  const figures: Figures = {};
  for (const [name, run] of [
    ['durable', BATCHED],
    ['durable_single', SINGLE],
  ] as const) {
    const sized = { ...run, tasks: quick ? run.tasks / 5 : run.tasks };
    const perSecond = async (side: DurableClient | BullMq): Promise<number> => {
      const tookS = await side.enqueueAndFinish(sized);
      stage.check();
      return sized.tasks / tookS;
    };
    // Not counted: the first round finds both sides cold.
    await perSecond(ours);
    await perSecond(bull);
    const { a, b } = await interleaved(
      quick ? 3 : 9,
      () => perSecond(ours),
      () => perSecond(bull),
    );
    say(`  ${run.batch === 1 ? 'one by one' : `batches of ${run.batch}`}, ${run.inFlight} in flight:`);
    say(`    ours ${describe(a, 0)} tasks/s, BullMQ ${describe(b, 0)} tasks/s`);
    figures[`${name}_vs_bullmq`] = median(a) / median(b);
    figures[`${name}_per_s`] = median(a);
  }
  Object.assign(figures, await measureRoundTrips(ours, bull, { quick, say }));
  ours.close();
  return figures;
}

async function measureRoundTrips(
  ours: DurableClient,
  bull: BullMq,
  { quick, say }: Pick<Options, 'quick' | 'say'>,
): Promise<Figures> {
  const seconds = quick ? 0.3 : 2;
  const keyed: number[] = [];
  await ours.roundTrips(0.3, PAYLOAD, 'poll');
  await bull.roundTrips(0.3, PAYLOAD);
  const { a, b } = await interleaved(
    5,
    async () => {
      keyed.push(median(await ours.roundTrips(seconds / 2, PAYLOAD, 'keyed')));
      return median(await ours.roundTrips(seconds, PAYLOAD, 'poll'));
    },
    async () => median(await bull.roundTrips(seconds, PAYLOAD)),
  );
  say('  one task at a time, enqueue until the result is known:');
  say(`    ours ${describe(a, 2)} ms (with ?wait and an own id ${describe(keyed, 2)} ms), BullMQ ${describe(b, 2)} ms`);
  return { durable_rtt_vs_bullmq: median(a) / median(b), durable_rtt_ms: median(a) };
}
