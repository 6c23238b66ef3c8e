/**
 * A panel killed in the middle of faults of every kind, again and again: after the leases and five
 * seconds no node is paused and no shim has a rule; the next panel takes over what is left and proves it.
 */
import { readdirSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createRandom } from '../../containers/algorithms/seeded-random.ts';
import type { FaultSpec } from '../../src/core/faults/fault.ts';
import { TestPanel } from '../../src/main/faults/test-panel.ts';

const LEASE_MS = 4_000;
const GRACE_MS = 5_000;
/** From before the first measurement until all are on and measured. */
const KILL_WITHIN_MS = 4_000;
const LOOK_EVERY_MS = 50;
const READY_LIMIT_MS = 60_000;

export type FaultSoakOptions = { kills: number; engine: 'docker' | 'process'; seed: number; say(line: string): void };

/** Throws with what is left when anything is. `lateMs`: how long after the last possible end the worst round was clean. */
export async function soakFaults({ kills, engine, seed, say }: FaultSoakOptions) {
  const random = createRandom(`faults ${seed}`).next;
  const panel = new TestPanel({ engine, workers: 4, datanodes: 4 });
  const lateMs: number[] = [];
  let wereOn = 0;
  try {
    await panel.serve();
    for (let round = 1; round <= kills; round += 1) {
      const afterMs = Math.round(random() * KILL_WITHIN_MS);
      const asked = panel.use((client) =>
        Promise.all(kindsOf(LEASE_MS).map((spec) => client.call('faults.inject', spec).catch(() => null))),
      );
      // It is cut off by the kill.
      const cutOff = asked.catch(() => null);
      await delay(afterMs);
      await panel.kill();
      const killedAtMs = Date.now();
      await cutOff;
      // Null: a node that is just starting again could not be asked.
      const left = await panel.residue().catch(() => null);
      if (left !== null && left.length > 0) wereOn += 1;
      const cleanAtMs = await clean(panel, killedAtMs + LEASE_MS + GRACE_MS);
      lateMs.push(cleanAtMs - killedAtMs - LEASE_MS);
      say(
        `round ${round}: killed after ${afterMs} ms with ${left?.length ?? '?'} on, clean ${cleanAtMs - killedAtMs} ms later`,
      );
      await panel.serve();
      await recovered(panel);
      if (engine === 'process' && process.platform === 'linux') await nobodyElse(panel);
    }
  } finally {
    await panel.close();
  }
  return { engine, kills, wereOn, lateMsMax: Math.max(...lateMs), residue: 0 };
}

/** One of each kind, on nodes of its own. */
function kindsOf(forMs: number): FaultSpec[] {
  return [
    { kind: 'pause', nodes: ['worker-1', 'datanode-4'], forMs },
    { kind: 'partition', sideA: ['datanode-1'], sideB: ['datanode-2', 'headnode', 'master'], oneWay: false, forMs },
    { kind: 'partition', sideA: ['master'], sideB: ['worker-2'], oneWay: true, forMs },
    { kind: 'link', from: ['worker-3'], to: 'all', bothWays: true, delayMs: 50, jitterMs: 5, lossShare: 0.1, forMs },
    { kind: 'slow-disk', nodes: ['datanode-3', 'master'], delayMs: 50, forMs },
    { kind: 'restart', nodes: ['worker-4'] },
  ];
}

/** When nothing was left. Throws with what is, after `limitMs` of wall clock. */
async function clean(panel: TestPanel, limitAtMs: number): Promise<number> {
  for (;;) {
    // A node that is just starting again cannot be asked yet.
    const left = await panel.residue().catch((error: unknown) => [String(error)]);
    if (left.length === 0) return Date.now();
    if (Date.now() > limitAtMs) throw new Error(`left after the lease and ${GRACE_MS} ms: ${left.join(', ')}`);
    await delay(LOOK_EVERY_MS);
  }
}

/** Every process in the cluster's folder is one that the engine knows, as Linux tells. */
async function nobodyElse(panel: TestPanel): Promise<void> {
  const folder = path.join(panel.home, 'processes');
  const running = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && workFolder(pid).startsWith(folder));
  const known = (await panel.nodes()).filter(({ state }) => state === 'running' || state === 'paused');
  if (running.length !== known.length) throw new Error(`${running.length} processes, ${known.length} of them known`);
}

function workFolder(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    // It has ended meanwhile, or is somebody else's.
    return '';
  }
}

/** The next panel knows that all is over, proves it, and has every node up again. */
async function recovered(panel: TestPanel): Promise<void> {
  const limitMs = performance.now() + READY_LIMIT_MS;
  for (;;) {
    const state = await panel.use(async (client) => {
      const { nodes, faults } = await client.call('cluster.picture', undefined);
      const down = nodes.filter((node) => node.engineWord === 'exited').map(({ node }) => node);
      if (down.length > 0) await client.call('nodes.respawn', { nodes: down });
      return [
        ...faults.map(({ fault }) => fault),
        ...nodes.filter((node) => node.state !== 'ready').map(({ node }) => node),
      ];
    });
    if (state.length === 0) break;
    if (performance.now() > limitMs) throw new Error(`not as before: ${state.join(', ')}`);
    await delay(LOOK_EVERY_MS * 4);
  }
  const { clean: isClean, checks, unknown } = await panel.use((client) => client.call('faults.heal', { fault: 'all' }));
  if (isClean === true) return;
  const wrong = checks
    .filter(({ ok }) => ok !== true)
    .map(({ subject, quantity, found }) => `${subject} ${quantity} ${found}`);
  throw new Error(`not proved clean: ${unknown ?? wrong.join(', ')}`);
}
