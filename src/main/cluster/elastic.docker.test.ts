/** The autoscaler on real containers: a step and a fall of the load, a worker that dies while it drains, a panel that is gone for a while. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AutoscalerPicture } from '../../../containers/protocol/autoscaler.ts';
import { ROLES } from '../../../containers/protocol/roles.ts';
import type { MonitorEvent } from '../../../containers/protocol/stream.ts';
import type { ClusterPicture } from '../../core/cluster-picture.ts';
import type { JournalEvent } from '../../core/journal.ts';
import { discoverDocker, machineWorld } from '../engine/docker-discovery.ts';
import { createDockerEngine } from '../engine/docker-engine.ts';
import type { ContainerEngine } from '../engine/engine.ts';
import { createPanel, type Panel } from '../panel.ts';
import { busyWorkers, membersByHealth, steadyLoad, work } from './steady-load.ts';

const unique = randomBytes(4).toString('hex');
const SERVICE_MS = 100;
let home = '';
let bundlesFolder = '';
let panel: Panel;
let watch: ContainerEngine;

function createEngine(): ContainerEngine {
  const [candidate] = discoverDocker(machineWorld(os.homedir())).candidates;
  if (candidate === undefined) throw new Error('this test needs a Docker engine');
  return createDockerEngine({ home, bundlesFolder, candidate, labelPrefix: `dev.orrery-test-${unique}` });
}

const openPanel = () =>
  createPanel({ home, host: 'web', findEngine: () => Promise.resolve(createEngine()), ports: '42600-42640' });

beforeAll(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), 'orrery-elastic-'));
  bundlesFolder = path.join(home, 'bundles');
  for (const role of ROLES) {
    const bundle = await rolldown({ input: `containers/${role}/main.ts`, platform: 'node' });
    await bundle.write({ file: path.join(bundlesFolder, `${role}.mjs`), format: 'esm', codeSplitting: false });
    await bundle.close();
  }
  watch = createEngine();
  panel = await openPanel();
});

afterAll(async () => {
  await panel.close('remove');
  await watch.clean();
  await watch.close();
  await rm(home, { recursive: true, force: true });
});

const look = () => panel.handlers['cluster.picture'](undefined);
const workersIn = ({ nodes }: ClusterPicture, state: string) =>
  nodes.filter((node) => node.role === 'worker' && node.state === state).map(({ node }) => node);

/** Looks again after every event of the journal, until it is so. */
async function until<T>(what: string, read: (picture: ClusterPicture) => T | null | false | undefined): Promise<T> {
  const stop = new AbortController();
  const late = setTimeout(() => stop.abort(), 60_000);
  try {
    const first = await look();
    const found = read(first);
    if (found !== null && found !== undefined && found !== false) return found;
    for await (const _ of panel.handlers['journal.follow']({ afterSeq: first.seq }, stop.signal)) {
      const again = read(await look());
      if (again !== null && again !== undefined && again !== false) return again;
    }
    const { nodes } = await look();
    throw new Error(`waited for ${what}; workers: ${JSON.stringify(nodes.map(({ node, state }) => [node, state]))}`);
  } finally {
    clearTimeout(late);
    stop.abort();
  }
}

async function told<Type extends MonitorEvent['type']>(type: Type): Promise<Extract<MonitorEvent, { type: Type }>[]> {
  const events: JournalEvent[] = await panel.handlers['journal.page']({ beforeSeq: null, limit: 1_000 });
  return events
    .flatMap(({ body }) => (body.type === 'monitor-event' ? [body.event] : []))
    .filter((event): event is Extract<MonitorEvent, { type: Type }> => event.type === type);
}

async function publishedPorts(): Promise<number> {
  const { endpoints } = await look();
  return new Set([endpoints?.master, endpoints?.headnode, ...Object.values(endpoints?.course ?? {})]).size;
}

test('a step, a fall, a death while draining, a panel away', async () => {
  await panel.handlers['cluster.start']({ engine: 'docker', workers: 1, datanodes: 0, name: null, coursePorts: [] });
  const { master } = await until('a running cluster', ({ phase, endpoints }) => phase === 'running' && endpoints);
  const set = (change: object): Promise<AutoscalerPicture> => panel.handlers['autoscaler.set'](change);
  await set({ enabled: true, thresholdMs: 300, minimum: 1, maximum: 4, standby: 1, shrinkAfterMs: 60_000 });
  await until('a standby', (picture) => workersIn(picture, 'standby').length === 1);
  await expect(panel.handlers['nodes.spawn']({ role: 'worker', count: 1 })).rejects.toMatchObject({
    code: 'autoscaler-on',
  });

  // A step, that the panel does not see: promotion is the master's.
  await panel.close('leave');
  const step = steadyLoad(master, 25, SERVICE_MS);
  await expect.poll(async () => (await membersByHealth(master))['ready'], { timeout: 20_000 }).toBe(2);
  panel = await openPanel();
  // What was missing is started, and the standby is there again.
  await until('four workers and a standby', (picture) => {
    return workersIn(picture, 'ready').length === 4 && workersIn(picture, 'standby').length === 1;
  });
  expect(await publishedPorts()).toBe(2);
  const statuses = await step.stop();
  expect(statuses.filter((status) => status !== 200)).toEqual([]);
  expect(await told('took-over')).not.toEqual([]);

  // The fall: all drain but the minimum. One of them dies on the way.
  const slow = Array.from({ length: 4 }, () => work(master, 4_000));
  // All have something to finish before they go, so the one that is killed is still there.
  await expect.poll(() => busyWorkers(master), { timeout: 20_000 }).toBe(4);
  await set({ maximum: 1 });
  const dying = await until('a worker that drains', (picture) => workersIn(picture, 'draining')[0]);
  const [victim] = (await watch.list()).filter(({ node }) => node === dying);
  if (victim === undefined) throw new Error(`${dying} has no container`);
  await watch.kill(victim);
  await until('one worker and one standby', ({ nodes }) => nodes.filter(({ role }) => role === 'worker').length === 2);
  expect(await Promise.all(slow)).toEqual([200, 200, 200, 200]);
  const decisions = await told('scaling-decided');
  expect(decisions.map(({ decision }) => decision.verdict)).toContain('maximum');

  const { left } = await panel.handlers['cluster.stop']({ keepAs: null });
  expect(left).toEqual({ nodes: 0, networks: 0, volumes: 0 });
  expect(await watch.list()).toEqual([]);
});
