/** A panel killed in the middle of scaling: the master goes on without it, and the next panel has exactly what is wanted. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ClusterPicture } from '../../core/cluster-picture.ts';
import type { JournalBody } from '../../core/journal.ts';
import { TestPanel } from '../faults/test-panel.ts';
import { busyWorkers, membersByHealth, steadyLoad, work } from './steady-load.ts';

const LIMIT_MS = 30_000;

/** `killAfterMs`: from the first thing that the panel does for the autoscaler until its kill. */
export function midScaleCases(engine: 'docker' | 'process', killAfterMs: { growing: number; shrinking: number }): void {
  const panel = new TestPanel({ engine, workers: 1, datanodes: 0 });
  beforeAll(() => panel.serve());
  afterAll(() => panel.close());

  const look = () => panel.use((client) => client.call('cluster.picture', undefined));
  const set = (change: object) => panel.use((client) => client.call('autoscaler.set', change));

  async function until(what: string, is: (picture: ClusterPicture) => boolean): Promise<void> {
    let seen: ClusterPicture | null = null;
    await panel.use(async (client) => {
      const read = async () => is((seen = await client.call('cluster.picture', undefined)));
      const limit = AbortSignal.timeout(LIMIT_MS);
      if (await read()) return;
      try {
        for await (const _ of client.stream('journal.follow', { afterSeq: null }, limit)) if (await read()) return;
      } catch (error) {
        if (!limit.aborted) throw error;
      }
      throw new Error(`waited for ${what}; ${JSON.stringify(workersOf(seen))}`);
    });
  }

  /** Kills the panel a moment after the journal first has such an event; nothing that it has under way is finished. */
  async function killAt(is: (body: JournalBody) => boolean, afterMs: number, begin: () => Promise<unknown>) {
    const { seq } = await look();
    await panel.use(async (client) => {
      const begun = begin();
      const limit = AbortSignal.timeout(LIMIT_MS);
      for await (const events of client.stream('journal.follow', { afterSeq: seq }, limit))
        if (events.some(({ body }) => is(body))) break;
      await begun;
    });
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    await panel.kill();
  }

  /** What the panel believes, the engine has: no stranger, no node twice, nothing that was forgotten. */
  async function expectNothingElse(): Promise<void> {
    const { nodes } = await look();
    const known = nodes.map(({ node }) => node).sort();
    await expect.poll(async () => (await panel.nodes()).map(({ node }) => node).sort()).toEqual(known);
  }

  test('killed while it starts workers, and while they drain', async () => {
    const { endpoints } = await look();
    const master = endpoints?.master ?? expect.fail('no endpoint');
    await set({ enabled: true, thresholdMs: 300, minimum: 1, maximum: 4, standby: 1, shrinkAfterMs: 60_000 });
    await until('a standby', (picture) => shape(picture) === 'ready standby');

    const isStart = (body: JournalBody) => body.type === 'node-wanted' && body.by === 'autoscaler';
    let step = { stop: (): Promise<number[]> => Promise.resolve([]) };
    await killAt(isStart, killAfterMs.growing, () => {
      step = steadyLoad(master, 25, 100);
      return Promise.resolve();
    });
    // The standby serves, whether or not anybody is there to start another.
    await expect.poll(async () => (await membersByHealth(master))['ready'], { timeout: LIMIT_MS }).toBeGreaterThan(1);
    await panel.serve();
    await until('four and a standby', (picture) => shape(picture) === 'ready ready ready ready standby');
    expect((await step.stop()).filter((status) => status !== 200)).toEqual([]);
    await expectNothingElse();

    const slow = Array.from({ length: 4 }, () => work(master, 3_000));
    await expect.poll(() => busyWorkers(master), { timeout: LIMIT_MS }).toBe(4);
    const isDrain = (body: JournalBody) => body.type === 'monitor-event' && body.event.type === 'member-draining';
    await killAt(isDrain, killAfterMs.shrinking, () => set({ maximum: 1 }));
    // They finish what they have and leave; nobody removes them meanwhile.
    expect(await Promise.all(slow)).toEqual([200, 200, 200, 200]);
    await panel.serve();
    await until('one and a standby', (picture) => shape(picture) === 'ready standby');
    await expectNothingElse();
  });
}

const workersOf = (picture: ClusterPicture | null) =>
  (picture?.nodes ?? []).filter(({ role }) => role === 'worker').map(({ node, state }) => [node, state]);

/** States of the workers, in alphabetical order. */
const shape = (picture: ClusterPicture) =>
  workersOf(picture)
    .map(([, state]) => state)
    .sort()
    .join(' ');
