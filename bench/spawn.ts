/**
 * How long a click takes. Spawning one worker and ten at once, from the call that a click makes until
 * the worker is ready to take tasks, against as many parallel `docker run` of the same image until
 * each gives its first answer. Also: kill until the tombstone is in the journal, start of a whole
 * cluster with everything warm, memory of an idle worker.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Client } from '../src/contract/contract.ts';
import { localClient } from '../src/main/command-line/panel-client.ts';
import { waitFor } from '../src/main/command-line/wait-for.ts';
import { createPanel } from '../src/main/panel.ts';
import { docker, DockerFloor } from './docker-floor.ts';
import { describe, interleaved, median, type Figures } from './measure.ts';

const LIMIT_MS = 120_000;
const root = path.resolve(import.meta.dirname, '..');

type Options = { quick: boolean; say(line: string): void };

export async function run({ quick, say }: Options): Promise<Figures> {
  say(
    `peer: ${(await docker(['version', '--format', 'Docker {{.Server.Version}}'])).trim()}, docker run -d, same image, limits and network kind`,
  );
  const warmStartS = await measureWarmStarts(quick ? 1 : 5);
  say(`cluster of 8 alive, from the npm command, warm: ${describe(warmStartS, 2)} s`);

  const home = await mkdtemp(path.join(tmpdir(), 'orrery-bench-'));
  const panel = await createPanel({ home, host: 'web' });
  const client = localClient(panel.handlers);
  try {
    const { cluster } = await client.call('cluster.start', { engine: 'docker', workers: 1, datanodes: 0 });
    await until(client, 0, (types) => types.has('cluster-ready'));
    const floor = await DockerFloor.like(`orrery-${cluster}-worker-1`);
    try {
      return { warm_start_s: median(warmStartS), ...(await measureNodes(client, floor, { quick, say })) };
    } finally {
      await floor.remove();
    }
  } finally {
    client.close();
    await panel.close('remove');
    await rm(home, { recursive: true, force: true });
  }
}

async function measureNodes(client: Client, floor: DockerFloor, { quick, say }: Options): Promise<Figures> {
  const workerMb = await idleWorkerMb(client);
  say(`memory of an idle worker: ${workerMb.toFixed(1)} MB`);
  const killMs: number[] = [];
  const figures: Figures = { worker_mb: workerMb };
  for (const [name, count, rounds] of [
    ['spawn_vs_floor', 1, quick ? 5 : 15],
    ['spawn10_vs_floor', 10, quick ? 2 : 5],
  ] as const) {
    const { a, b } = await interleaved(
      rounds,
      async () => {
        const { tookMs, nodes } = await spawnAndWait(client, count);
        killMs.push(await killAndWait(client, nodes[0] ?? ''));
        await removeAndWait(client, nodes);
        return tookMs;
      },
      () => floor.run(count),
    );
    say(`${count} worker(s): click to ready ${describe(a, 0)} ms; docker run to first answer ${describe(b, 0)} ms`);
    figures[name] = median(a) / median(b);
    figures[`spawn${count === 1 ? '' : count}_ms`] = median(a);
  }
  say(`kill to tombstone: ${describe(killMs, 0)} ms`);
  return { ...figures, kill_to_tombstone_ms: median(killMs) };
}

/** From the npm command until its line says that everything is ready. Each cluster is stopped by a signal to npm. */
async function measureWarmStarts(rounds: number): Promise<number[]> {
  await upOnce(); // Builds the bundles and the image where they are missing.
  const values: number[] = [];
  for (let round = 0; round < rounds; round++) values.push(await upOnce());
  return values;
}

async function upOnce(): Promise<number> {
  const home = await mkdtemp(path.join(tmpdir(), 'orrery-bench-'));
  const startedMs = performance.now();
  const child = spawn('npm', ['run', '--silent', 'orrery', '--', 'up', '--engine', 'docker', '--json'], {
    cwd: root,
    env: { ...process.env, ORRERY_HOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
  const ready = new Promise<number>((resolve) =>
    child.stdout.once('data', () => resolve(performance.now() - startedMs)),
  );
  const tookMs = await Promise.race([
    ready,
    ended.then((code) => Promise.reject(new Error(`up ended with ${code}: ${errors}`))),
  ]);
  child.kill('SIGTERM');
  const code = await ended;
  if (code !== 0) throw new Error(`up ended with ${code} after SIGTERM: ${errors}`);
  await rm(home, { recursive: true, force: true });
  return tookMs / 1000;
}

async function spawnAndWait(client: Client, count: number): Promise<{ tookMs: number; nodes: string[] }> {
  const seq = await newestSeq(client);
  const startedMs = performance.now();
  const { nodes } = await client.call('nodes.spawn', { role: 'worker', count });
  await until(client, seq, (_, ready) => nodes.every((node) => ready.has(node)));
  return { tookMs: performance.now() - startedMs, nodes };
}

async function killAndWait(client: Client, node: string): Promise<number> {
  const seq = await newestSeq(client);
  const startedMs = performance.now();
  await client.call('nodes.kill', { nodes: [node] });
  await until(client, seq, (types) => types.has('node-exited'));
  return performance.now() - startedMs;
}

async function removeAndWait(client: Client, nodes: string[]): Promise<void> {
  const seq = await newestSeq(client);
  await client.call('nodes.remove', { nodes });
  const gone = new Set<string>();
  await waitFor(client, { afterSeq: seq, limitMs: LIMIT_MS }, ({ events }) => {
    for (const { body } of events) if (body.type === 'node-removed') gone.add(body.node);
    return nodes.every((node) => gone.has(node));
  });
}

async function newestSeq(client: Client): Promise<number> {
  return (await client.call('cluster.picture', undefined)).seq;
}

/** Waits until the types of the events since `afterSeq`, or the nodes that became ready, satisfy `done`. */
async function until(
  client: Client,
  afterSeq: number,
  done: (types: Set<string>, ready: Set<string>) => boolean,
): Promise<void> {
  const types = new Set<string>();
  const ready = new Set<string>();
  await waitFor(client, { afterSeq, limitMs: LIMIT_MS }, ({ events }) => {
    for (const { body } of events) {
      types.add(body.type);
      if (body.type === 'node-ready') ready.add(body.node);
    }
    return done(types, ready);
  });
}

/** The second reading: the first may still hold the start. */
async function idleWorkerMb(client: Client): Promise<number> {
  const abort = new AbortController();
  let readings = 0;
  for await (const usages of client.stream('nodes.usage', undefined, abort.signal)) {
    const worker = usages.find(({ node }) => node === 'worker-1');
    if (worker && ++readings >= 3) {
      abort.abort();
      return worker.memoryBytes / 1e6;
    }
  }
  throw new Error('the usage stream ended');
}
