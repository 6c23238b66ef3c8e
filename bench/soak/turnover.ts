/**
 * Workers come and go, many of them: afterwards ports, containers, volumes, networks, file descriptors and
 * memory are where they were. Throws what was left behind.
 */
import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Client } from '../../src/contract/contract.ts';
import { localClient } from '../../src/main/command-line/panel-client.ts';
import { waitFor } from '../../src/main/command-line/wait-for.ts';
import { createPanel } from '../../src/main/panel.ts';
import { docker } from '../docker-floor.ts';

const LIMIT_MS = 300_000;
/** What a pool or a cache may still grow by after the first turns. */
const DESCRIPTORS_SLACK = 8;
const PANEL_SLACK_MB = 48;
const MASTER_SLACK_MB = 24;

export type Held = {
  containers: number;
  /** Bound on the host, of all its containers. */
  ports: number;
  networks: number;
  volumes: number;
  /** Open in this process, which is the panel. */
  descriptors: number;
  panelMb: number;
  masterMb: number;
};

export type Turnover = { before: Held; after: Held; workers: number; spawnMs: number };

/** `workers`: started and removed altogether, `atOnce` at a time. */
export async function turnWorkersOver(options: {
  workers: number;
  atOnce: number;
  say(line: string): void;
}): Promise<Turnover> {
  const { workers, atOnce, say } = options;
  const home = await mkdtemp(path.join(tmpdir(), 'orrery-turnover-'));
  const panel = await createPanel({ home, host: 'web' });
  const client = localClient(panel.handlers);
  try {
    const { cluster } = await client.call('cluster.start', { engine: 'docker', workers: 1, datanodes: 0 });
    await waitFor(client, { afterSeq: 0, limitMs: LIMIT_MS }, ({ picture }) => picture.phase === 'running');
    // The first turn fills what is kept on purpose.
    await turn(client, atOnce);
    const before = await held(client, cluster);
    say(`before: ${JSON.stringify(before)}`);
    const startedMs = performance.now();
    for (let done = 0; done < workers; done += atOnce) {
      await turn(client, Math.min(atOnce, workers - done));
      if ((done / atOnce) % 20 === 19) say(`${done + atOnce}: ${JSON.stringify(await held(client, cluster))}`);
    }
    const spawnMs = (performance.now() - startedMs) / workers;
    const after = await held(client, cluster);
    say(`after ${workers}: ${JSON.stringify(after)}`);
    mustBeEqual(before, after);
    await panel.close('remove');
    const left =
      (await count(['ps', '-aq'], cluster)) +
      (await count(['volume', 'ls', '-q'], cluster)) +
      (await count(['network', 'ls', '-q'], cluster));
    if (left > 0) throw new Error(`${left} containers, volumes or networks are left after the stop`);
    return { before, after, workers, spawnMs };
  } finally {
    client.close();
    await panel.close('remove').catch(() => undefined);
    await rm(home, { recursive: true, force: true });
  }
}

async function turn(client: Client, count: number): Promise<void> {
  const { seq } = await client.call('cluster.picture', undefined);
  const { nodes } = await client.call('nodes.spawn', { role: 'worker', count });
  const ours = new Set(nodes);
  await waitFor(client, { afterSeq: seq, limitMs: LIMIT_MS }, ({ picture }) =>
    nodes.every((node) => picture.nodes.some((known) => known.node === node && known.state === 'ready')),
  );
  await client.call('nodes.remove', { nodes });
  await waitFor(
    client,
    { afterSeq: seq, limitMs: LIMIT_MS },
    ({ picture }) => !picture.nodes.some(({ node }) => ours.has(node)),
  );
}

async function held(client: Client, cluster: string): Promise<Held> {
  globalThis.gc?.();
  return {
    containers: await count(['ps', '-aq'], cluster),
    ports: await publishedPorts(cluster),
    networks: await count(['network', 'ls', '-q'], cluster),
    volumes: await count(['volume', 'ls', '-q'], cluster),
    descriptors: readdirSync('/proc/self/fd').length,
    panelMb: Math.round(process.memoryUsage().heapUsed / 1e6),
    masterMb: await masterMb(client),
  };
}

async function count(command: string[], cluster: string): Promise<number> {
  const lines = await docker([...command, '--filter', `label=dev.orrery.cluster=${cluster}`]);
  return lines.split('\n').filter(Boolean).length;
}

async function publishedPorts(cluster: string): Promise<number> {
  const lines = await docker(['ps', '--filter', `label=dev.orrery.cluster=${cluster}`, '--format', '{{.Ports}}']);
  return new Set(lines.match(/\d+\.\d+\.\d+\.\d+:\d+->/g) ?? []).size;
}

async function masterMb(client: Client): Promise<number> {
  const stop = new AbortController();
  try {
    for await (const usages of client.stream('nodes.usage', undefined, stop.signal)) {
      const master = usages.find(({ node }) => node === 'master');
      if (master) return Math.round(master.memoryBytes / 1e6);
    }
    throw new Error('the usage stream ended');
  } finally {
    stop.abort();
  }
}

function mustBeEqual(before: Held, after: Held): void {
  const left: string[] = [];
  for (const name of ['containers', 'ports', 'networks', 'volumes'] as const) {
    if (after[name] !== before[name]) left.push(`${name}: ${before[name]} before, ${after[name]} after`);
  }
  if (after.ports !== 2) left.push(`${after.ports} ports are published, not 2`);
  const grew = (name: 'descriptors' | 'panelMb' | 'masterMb', slack: number): void => {
    if (after[name] > before[name] + slack) left.push(`${name}: ${before[name]} before, ${after[name]} after`);
  };
  grew('descriptors', DESCRIPTORS_SLACK);
  grew('panelMb', PANEL_SLACK_MB);
  grew('masterMb', MASTER_SLACK_MB);
  if (left.length > 0) throw new Error(`something is left behind: ${left.join('; ')}`);
}
