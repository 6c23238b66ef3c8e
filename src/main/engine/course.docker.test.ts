/** Programs of the course on the host, and a master and a headnode in their containers: how they reach each other. */
import { mkdtemp, rm } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCourseProgram } from '../../../e2e/course-programs/course-program.ts';
import type { CourseProgram } from '../../../e2e/course-programs/course-program.ts';
import type { Role } from '../../../containers/protocol/roles.ts';
import type { TaskView } from '../../../containers/protocol/tasks.ts';
import { dockerTestEngine } from './docker-test-engine.ts';
import type { ContainerEngine, NodeSpec } from './engine.ts';
import { freePort } from './test-ports.ts';

const programs: CourseProgram[] = [];
let cluster = '';
let url = '';
let engine: ContainerEngine;
let endEngine: () => Promise<void>;

beforeAll(async () => {
  const own = await dockerTestEngine();
  ({ engine, end: endEngine } = own);
  cluster = `test-${own.unique}`;
  const publishHttp = await freePort();
  url = `http://127.0.0.1:${publishHttp}`;
  await engine.createCluster({ cluster, run: 'run-1' });
  await launch('master', 'master', { publishHttp });
  await until(async () => (await fetch(`${url}/health`)).ok);
});

async function launch(
  node: string,
  role: Role,
  given: Pick<NodeSpec, 'publishHttp' | 'publish'>,
  more: Record<string, string> = {},
): Promise<void> {
  const own = { ORRERY_CLUSTER: cluster, ORRERY_NODE: node, ORRERY_ROLE: role };
  const env = { ...own, ORRERY_SECRET: 'a-secret-of-a-test-cluster', ...more };
  const limits = { memoryBytes: 256 * 1024 ** 2, cpus: 1, pids: 128 };
  await engine.launch({ cluster, run: 'run-1', node, role, env, limits, ...given });
}

afterAll(async () => {
  await Promise.all(programs.map((program) => program.kill()));
  await engine.removeCluster(cluster, { keepVolumes: false });
  await endEngine();
});

/** Asks until it is so; the master may not answer yet. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo().catch(() => false))) await new Promise((resolve) => setTimeout(resolve, 50));
}

/** An address of this machine that is not loopback. */
function hostAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? expect.fail('no network');
}

test('a webhook worker on the host serves the cluster in containers, as localhost and by an address of the host', async () => {
  for (const name of ['localhost', hostAddress()]) {
    const worker = startCourseProgram('webhook_worker.py', url, '--bind', '0.0.0.0', '--as', name, '--seconds', 0.2);
    programs.push(worker);
    const id = /slave-[0-9a-f]{8}/.exec(await worker.waitFor('registered 200'))?.[0];
    const answer = await fetch(`${url}/submit-task?wait=20s`, {
      method: 'POST',
      body: JSON.stringify({ payload: '4 * (2 + 3)' }),
    });
    expect((await answer.json()) as TaskView).toMatchObject({ status: 'done', result: '20', assigned_to: id });
    await worker.kill();
    await until(async () => Object.keys((await (await fetch(`${url}/slaves`)).json()) as object).length === 0);
  }
});

test('a socket client on the host has its messages stored by a headnode in its container, a datanode of its own gets copies', async () => {
  const [publishHttp, sockets] = [await freePort(), await freePort()];
  const settings = { ORRERY_SHARDS: '2', ORRERY_REPLICAS: '2', ORRERY_HEARTBEAT_INTERVAL_MS: '200' };
  await launch('headnode', 'headnode', { publishHttp, publish: { sockets } }, settings);
  const headnode = { cluster, run: 'run-1', node: 'headnode', role: 'headnode' } as const;
  const ORRERY_HEADNODE = await engine.address({ ...headnode, publishHttp }, 'frames');
  for (const node of ['datanode-1', 'datanode-2']) await launch(node, 'datanode', {}, { ...settings, ORRERY_HEADNODE });
  const records = async (): Promise<Response> => fetch(`http://127.0.0.1:${publishHttp}/records?prefix=messages/`);
  const probe = (): Promise<Response> =>
    fetch(`http://127.0.0.1:${publishHttp}/records/probe`, { method: 'PUT', body: 'x' });
  await until(async () => (await probe()).ok);
  const folder = await mkdtemp(path.join(tmpdir(), 'orrery-course-'));
  const node = startCourseProgram('socket_datanode.py', sockets, path.join(folder, 'copies.txt'));
  programs.push(node);
  await node.waitFor('ready on');
  const client = startCourseProgram('socket_client.py', sockets, '--count', 3);
  programs.push(client);
  await client.waitFor("end: b''");
  expect(client.lines[0]).toBe('greeted: Hola, este es el servidor');
  expect(client.lines.filter((line) => /^stored mensaje número \d: [\d.]+:\d+$/.test(line))).toHaveLength(3);
  const { records: stored } = (await (await records()).json()) as { records: { replicas: string[] }[] };
  expect(stored.map(({ replicas }) => replicas.length)).toEqual([2, 2, 2]);
  await node.waitFor('received mensaje número 3');
  await rm(folder, { recursive: true });
});
