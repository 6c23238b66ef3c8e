/** The queue on real containers: workers and the master are killed under load, nothing is lost, nothing counts twice. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Role } from '../../../containers/protocol/roles.ts';
import type { BatchEvent, BatchView, TaskView } from '../../../containers/protocol/tasks.ts';
import { dockerTestEngine } from './docker-test-engine.ts';
import { freePort } from './test-ports.ts';
import type { ContainerEngine, NodeSpec } from './engine.ts';

const WORKERS = ['worker-1', 'worker-2', 'worker-3'];
const TASKS_PER_BATCH = 10;
let cluster = '';
let port = 0;
let engine: ContainerEngine;
let endEngine: () => Promise<void>;

beforeAll(async () => {
  const own = await dockerTestEngine();
  ({ engine, end: endEngine } = own);
  cluster = `test-${own.unique}`;
  await engine.createCluster({ cluster, run: 'run-1' });
  port = await freePort();
});

afterAll(async () => {
  await engine.removeCluster(cluster, { keepVolumes: false });
  await endEngine();
});

async function specOf(node: string, role: Role): Promise<NodeSpec> {
  const master = { cluster, run: 'run-1', node: 'master', role: 'master', publishHttp: port } as const;
  const env: Record<string, string> = {
    ORRERY_CLUSTER: cluster,
    ORRERY_NODE: node,
    ORRERY_ROLE: role,
    ORRERY_SECRET: 'a-secret-of-a-test-cluster',
    ORRERY_HEARTBEAT_INTERVAL_MS: '200',
  };
  if (role === 'worker') {
    env['ORRERY_MASTER'] = await engine.address(master, 'frames');
    env['ORRERY_CONCURRENCY'] = '4';
  }
  const limits = { memoryBytes: 256 * 1024 ** 2, cpus: 1, pids: 128 };
  return { cluster, run: 'run-1', node, role, env, limits, ...(role === 'master' && { publishHttp: port }) };
}

async function ask(route: string, body?: unknown, key?: string): Promise<unknown> {
  const response = await fetch(`http://127.0.0.1:${port}${route}`, {
    method: body === undefined ? 'GET' : 'POST',
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(key !== undefined && { headers: { 'Idempotency-Key': key } }),
  });
  if (!response.ok) throw new Error(`${route}: ${response.status} ${await response.text()}`);
  return response.json();
}

/** Asks until the master answers: it may be down for a moment. */
async function insist(route: string, body?: unknown, key?: string): Promise<unknown> {
  for (;;) {
    try {
      return await ask(route, body, key);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      await pause(50);
    }
  }
}

test('workers and the master killed under load', async () => {
  await engine.launch(await specOf('master', 'master'));
  await insist('/health');
  for (const worker of WORKERS) await engine.launch(await specOf(worker, 'worker'));

  const ids = new Map<string, string>();
  const batches: string[] = [];
  let over = false;
  const client = async (name: string): Promise<void> => {
    for (let n = 0; !over; n++) {
      const tasks = Array.from({ length: TASKS_PER_BATCH }, (_, at) =>
        at === 0 ? { kind: 'work', payload: { serviceMs: 50 } } : { payload: `${n} * ${at}` },
      );
      const answer = (await insist('/tasks/batch', { tasks }, `${name}-${n}`)) as { batch: BatchView; ids: string[] };
      batches.push(answer.batch.id);
      for (const [at, id] of answer.ids.entries()) ids.set(id, at === 0 ? '50' : String(n * at));
      await pause(20);
    }
  };
  const clients = ['a', 'b', 'c', 'd'].map(client);
  for (const [round, victim] of ['worker-1', 'master', 'worker-2', 'worker-3', 'master'].entries()) {
    const enough = ids.size + 100 + 30 * round;
    while (ids.size < enough) await pause(10);
    const spec = await specOf(victim, victim === 'master' ? 'master' : 'worker');
    await engine.kill(spec);
    await engine.launch(spec);
  }
  over = true;
  await Promise.all(clients);

  while (((await insist('/batches?limit=1000&state=running')) as BatchView[]).length > 0) await pause(50);
  for (const [id, result] of ids) {
    const task = (await ask(`/tasks/${id}`)) as TaskView;
    expect([task.status, String(task.result)], id).toEqual(['done', result]);
  }
  const events = (await ask('/batch-events?limit=1000')) as BatchEvent[];
  expect(events.map(({ batch, round, done }) => `${batch} ${round} ${done}`).sort()).toEqual(
    batches.map((id) => `${id} 1 ${TASKS_PER_BATCH}`).sort(),
  );
  const all = (await ask('/batches?limit=1000')) as BatchView[];
  expect(all).toHaveLength(batches.length);
});

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
