/** Programs of the course on the host, and a master in its container: how the two reach each other. */
import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCourseProgram } from '../../../e2e/course-programs/course-program.ts';
import type { CourseProgram } from '../../../e2e/course-programs/course-program.ts';
import type { TaskView } from '../../../containers/protocol/tasks.ts';
import { dockerTestEngine } from './docker-test-engine.ts';
import type { ContainerEngine } from './engine.ts';
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
  const env = {
    ORRERY_CLUSTER: cluster,
    ORRERY_NODE: 'master',
    ORRERY_ROLE: 'master',
    ORRERY_SECRET: 'a-secret-of-a-test-cluster',
  };
  const limits = { memoryBytes: 256 * 1024 ** 2, cpus: 1, pids: 128 };
  await engine.launch({ cluster, run: 'run-1', node: 'master', role: 'master', env, limits, publishHttp });
  await until(async () => (await fetch(`${url}/health`)).ok);
});

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
