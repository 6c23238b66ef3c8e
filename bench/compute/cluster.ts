/** Our side: a master and workers as plain processes on loopback, from the bundles that the image holds. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { HttpClient } from './http-client.ts';
import { pause } from './processes.ts';
import type { Child, Stage } from './processes.ts';

const BUNDLES = path.resolve(import.meta.dirname, '..', '..', 'out', 'containers');
const READY_LIMIT_MS = 15_000;

export const CLUSTER = 'bench';
export const SECRET = 'a-secret-of-the-bench-only';

export type Cluster = { master: Child; http: number; frames: number };

/**
 * Resolves when all workers are ready. `slowFirst`: a module that is loaded into the first worker before its
 * program. `ORRERY_BENCH_PROFILE` names a folder for processor profiles of all nodes.
 */
export async function startCluster(
  stage: Stage,
  options: { workers: number; concurrency: number; name?: string; slowFirst?: string },
): Promise<Cluster> {
  const { workers, concurrency, name = 'cluster', slowFirst } = options;
  const master = await startNode(stage, name, 'master', 'master', {});
  const [, http = '', frames = ''] = await master.line(/ ready http=(\d+) frames=(\d+)/);
  for (let number = 1; number <= workers; number++) {
    const environment = { ORRERY_MASTER: `127.0.0.1:${frames}`, ORRERY_CONCURRENCY: `${concurrency}` };
    const flags = number === 1 && slowFirst !== undefined ? ['--import', slowFirst] : [];
    await startNode(stage, name, 'worker', `worker-${number}`, environment, flags);
  }
  await awaitReady(Number(http), workers);
  return { master, http: Number(http), frames: Number(frames) };
}

/** Resolves when the master counts so many workers as ready. */
export async function awaitReady(http: number, workers: number): Promise<void> {
  const deadlineMs = performance.now() + READY_LIMIT_MS;
  while ((await readyWorkers(http)) !== workers) {
    if (performance.now() > deadlineMs) throw new Error(`not ${workers} workers ready within ${READY_LIMIT_MS} ms`);
    await pause(50);
  }
}

export async function readyWorkers(http: number): Promise<number> {
  const client = new HttpClient(http);
  try {
    const { body } = await client.request('GET', '/health');
    return (JSON.parse(body) as { members: { ready?: number } }).members.ready ?? 0;
  } finally {
    client.close();
  }
}

async function startNode(
  stage: Stage,
  cluster: string,
  role: 'master' | 'worker',
  node: string,
  environment: Record<string, string>,
  moreFlags: string[] = [],
): Promise<Child> {
  const data = path.join(stage.folder, cluster, node);
  await mkdir(data, { recursive: true });
  const { ORRERY_BENCH_PROFILE: profile } = process.env;
  const profiling = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}/${cluster}-${node}`];
  return stage.start(
    `${cluster} ${node}`,
    process.execPath,
    [...profiling, ...moreFlags, path.join(BUNDLES, `${role}.mjs`)],
    {
      ORRERY_CLUSTER: CLUSTER,
      ORRERY_NODE: node,
      ORRERY_ROLE: role,
      ORRERY_SECRET: SECRET,
      ORRERY_DATA: data,
      ORRERY_PORT_HTTP: '0',
      ORRERY_PORT_FRAMES: '0',
      ORRERY_PORT_PROBE: '0',
      NODE_ENV: 'production',
      ...environment,
    },
  );
}
