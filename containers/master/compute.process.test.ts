/** A real master and real workers as child processes on loopback: computing, killing, coming back. */
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { faultAnswer, type FaultAnswer, type FaultOrder } from '../protocol/control.ts';
import type { TaskView } from '../protocol/tasks.ts';
import { PROTOCOL_VERSION } from '../protocol/version.ts';
import { ComputeProcesses, SECRET } from './compute-processes.ts';
import type { NodeProcess } from './compute-processes.ts';

let cluster: ComputeProcesses;

beforeEach(async () => {
  cluster = await ComputeProcesses.open();
});
afterEach(() => cluster.close());

const startMaster = (): Promise<NodeProcess> => cluster.startMaster();

/** Resolves when the master gives it work. */
async function startWorker(node: string, master: NodeProcess): Promise<NodeProcess> {
  const worker = await cluster.startWorker(node, 1);
  await master.waitFor(`member-ready node=${node}`);
  return worker;
}

async function ask(path: string, options: { body?: unknown; raw?: string; secret?: string; method?: string } = {}) {
  const body = options.raw ?? (options.body === undefined ? undefined : JSON.stringify(options.body));
  const response = await fetch(`${cluster.url}${path}`, {
    method: options.method ?? (body === undefined ? 'GET' : 'POST'),
    ...(body !== undefined && { body }),
    ...(options.secret !== undefined && { headers: { Authorization: `Bearer ${options.secret}` } }),
  });
  const text = await response.text();
  return {
    status: response.status,
    json: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : null,
    text,
  };
}

const submit = (body: unknown, query = '') => ask(`/submit-task${query}`, { body });

/** Polls a task until it is done: the one thing that the API offers without a stream. */
async function outcomeOf(id: string): Promise<TaskView> {
  for (;;) {
    const { json } = await ask(`/tasks/${id}`);
    const task = json as TaskView;
    if (task.status === 'done' || task.status === 'failed') return task;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe('a master and two workers', () => {
  test('compute, name the worker, and refuse what is no task', async () => {
    const master = await startMaster();
    await Promise.all([startWorker('worker-1', master), startWorker('worker-2', master)]);

    const finished = await submit({ payload: '4 * (2 + 3)' }, '?wait=5s');
    expect(finished).toMatchObject({ status: 200, json: { status: 'done', result: '20' } });
    expect(['worker-1', 'worker-2']).toContain(finished.json.assigned_to);
    expect(finished.json.took_ms).toBeGreaterThan(0);

    const accepted = await submit({ payload: '1/0' });
    expect(accepted).toMatchObject({ status: 201, json: { taskId: expect.any(String), message: expect.any(String) } });
    expect(await outcomeOf(accepted.json.taskId)).toMatchObject({ status: 'failed', error: 'division by zero' });

    const operation = { task_id: '12345', payload: { operation: 'suma', operands: [5, 3] } };
    expect(await submit(operation, '?wait=5s')).toMatchObject({ status: 200 });
    expect((await ask('/tasks/12345')).json).toMatchObject({ task_id: '12345', result: 8, status: 'completed' });
    expect(await submit(operation)).toMatchObject({ status: 201, json: { taskId: '12345' } });
    const other = { ...operation, payload: { operation: 'suma', operands: [5, 4] } };
    expect(await submit(other)).toMatchObject({ status: 409, json: { code: 'conflict', definite: true } });

    const standing = await submit({ kind: 'work', payload: { serviceMs: 300, as: 'cpu' } }, '?wait=50ms');
    expect(standing).toMatchObject({ status: 202, json: { status: 'assigned' } });
    expect(await outcomeOf(standing.json.id)).toMatchObject({ status: 'done', result: 300 });

    expect(await submit({ payload: '2 +' })).toMatchObject({ status: 400, json: { code: 'bad-expression' } });
    expect(await submit({ wrong: 1 })).toMatchObject({ status: 400, json: { code: 'bad-request' } });
    expect(await ask('/submit-task', { raw: '{' })).toMatchObject({ status: 400, json: { code: 'bad-json' } });
    expect(await submit({ payload: '1' }, '?wait=soon')).toMatchObject({ status: 400 });
    expect(await submit({ payload: '1'.repeat(70_000) })).toMatchObject({ status: 413, json: { code: 'too-large' } });
    expect(await ask('/submit-task')).toMatchObject({ status: 405 });
    expect(await ask('/tasks/none')).toMatchObject({ status: 404, json: { code: 'not-found' } });
    expect(await ask('/tasks?limit=0')).toMatchObject({ status: 400 });
    expect(await ask('/tasks?limit=2&status=done')).toMatchObject({
      status: 200,
      json: [{ status: 'done' }, { status: 'done' }],
    });
    expect(await ask('/slaves')).toMatchObject({ json: { 'worker-1': { id: 'worker-1', status: 'free' } } });
    expect(await ask('/health')).toMatchObject({ status: 200, json: { status: 'healthy', members: { ready: 2 } } });
    expect((await ask('/metrics')).text).toContain('orrery_tasks_accepted_total 4');
    expect(await ask('/control/drain', { body: { node: 'worker-1' } })).toMatchObject({ status: 401 });
    expect(await ask('/control/drain', { body: { node: 'none' }, secret: SECRET })).toMatchObject({ status: 404 });
  });

  test('a worker killed in mid-task: another takes over, without the word of any engine', async () => {
    const master = await startMaster();
    const worker = await startWorker('worker-1', master);
    const { json } = await submit({ kind: 'work', payload: { serviceMs: 3_000 } });
    await startWorker('worker-2', master);
    worker.child.kill('SIGKILL');
    await master.waitFor('member-dead node=worker-1');
    expect(await outcomeOf(json.taskId)).toMatchObject({ status: 'done', assigned_to: 'worker-2', attempts: 2 });
  });

  test("the engine's word makes it at once", async () => {
    const master = await startMaster();
    const worker = await startWorker('worker-1', master);
    await startWorker('worker-2', master);
    worker.child.kill('SIGKILL');
    await worker.ended;
    const word = { node: 'worker-1', type: 'exited', atMs: Date.now() };
    expect(await ask('/control/engine-event', { body: word, secret: SECRET })).toMatchObject({ status: 204 });
    expect(await ask('/health')).toMatchObject({ json: { members: { ready: 1, dead: 1 } } });
  });

  test('a task whose workers die one after the other is given up; redriven, it is done', async () => {
    const master = await startMaster();
    const { json } = await submit({ kind: 'work', payload: { serviceMs: 1_000 } });
    const path = `/tasks/${json.taskId}`;
    for (let attempt = 1; attempt <= 5; attempt++) {
      const node = `worker-${attempt}`;
      const worker = await startWorker(node, master);
      await cluster.until(path, ({ assigned_to: by, attempts }) => by === node && attempts === attempt);
      worker.child.kill('SIGKILL');
      await worker.ended;
      const word = { node, type: 'exited', atMs: Date.now() };
      expect(await ask('/control/engine-event', { body: word, secret: SECRET })).toMatchObject({ status: 204 });
    }
    const dead = await outcomeOf(json.taskId);
    expect(dead).toMatchObject({ status: 'failed', error: expect.stringContaining('given up after 5 attempts') });

    expect(await ask('/tasks/redrive', { body: { ids: [json.taskId] } })).toMatchObject({ json: { count: 1 } });
    await startWorker('worker-6', master);
    expect(await outcomeOf(json.taskId)).toMatchObject({ status: 'done', assigned_to: 'worker-6', attempts: 1 });
    const { json: told } = await ask(`${path}/attempts`);
    const happened = (told.history as { what: string }[]).map(({ what }) => what);
    expect(happened.filter((what) => what === 'leased')).toHaveLength(6);
    expect(happened.slice(-3)).toEqual(['redriven', 'leased', 'done']);
  });

  test('a master killed after its 201: the tasks are there and get done', async () => {
    const master = await startMaster();
    const ids: string[] = [];
    for (let n = 0; n < 20; n++) ids.push((await submit({ payload: `${n} * 2` })).json.taskId as string);
    master.child.kill('SIGKILL');
    await master.ended;
    const again = await startMaster();
    expect((await ask('/tasks')).json).toHaveLength(20);
    await startWorker('worker-1', again);
    const results = await Promise.all(ids.map(outcomeOf));
    expect(results.map(({ result }) => result)).toEqual(ids.map((_, n) => String(n * 2)));
  });

  test('a worker keeps its task while the master is killed and comes back, and does it once', async () => {
    const master = await startMaster();
    await startWorker('worker-1', master);
    const { json } = await submit({ kind: 'work', payload: { serviceMs: 1_500 } });
    await ask(`/tasks/${json.taskId}`);
    master.child.kill('SIGKILL');
    await master.ended;
    const again = await startMaster();
    await again.waitFor('member-ready node=worker-1');
    expect(await outcomeOf(json.taskId)).toMatchObject({ status: 'done', assigned_to: 'worker-1', attempts: 1 });
  });

  test('SIGTERM: a worker finishes what it has in hand, then all end with 0', async () => {
    const master = await startMaster();
    const worker = await startWorker('worker-1', master);
    const { json } = await submit({ kind: 'work', payload: { serviceMs: 500 } });
    worker.child.kill('SIGTERM');
    expect(await worker.ended).toBe(0);
    expect(await outcomeOf(json.taskId)).toMatchObject({ status: 'done', attempts: 1 });
    await master.waitFor('member-left node=worker-1');
    master.child.kill('SIGTERM');
    expect(await master.ended).toBe(0);
  });

  test('the stream tells beats and latencies', async () => {
    const master = await startMaster();
    await startWorker('worker-1', master);
    const response = await fetch(`${cluster.url}/stream`, {
      headers: { Authorization: `Bearer ${SECRET}` },
    });
    await submit({ payload: '1+1' }, '?wait=5s');
    const seen: string[] = [];
    const stream = Readable.fromWeb(response.body ?? expect.fail('no stream'));
    for await (const line of createInterface({ input: stream })) {
      seen.push(line);
      const text = seen.join('\n');
      if (text.includes('"task-sync"') && /"beats":\[\{/.test(text)) break;
    }
    stream.destroy();
    const [hello, picture] = seen.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(hello).toMatchObject({ kind: 'hello', node: 'master', protocol: PROTOCOL_VERSION });
    expect(picture).toMatchObject({ kind: 'picture', members: [{ node: 'worker-1', health: 'ready' }] });
  });

  test('orders about faults reach the master and its workers, and are measured there', async () => {
    const master = await startMaster();
    await startWorker('worker-1', master);
    const order = async (node: string, asked: FaultOrder): Promise<FaultAnswer> => {
      const answer = await ask('/control/faults', { body: { node, order: asked }, secret: SECRET });
      expect(answer.status).toBe(200);
      return faultAnswer.parse(answer.json);
    };
    const ping: FaultOrder = { do: 'ping', peers: ['worker-1', 'worker-9'], count: 3, spacingMs: 10, timeoutMs: 2_000 };
    const effect = { kind: 'delay', delayMs: 200, jitterMs: 0 } as const;
    const rules = [{ fault: 'f1', peer: 'worker-1', direction: 'both', effect, forMs: 60_000 } as const];
    expect((await order('master', { do: 'set', rules })).rules).toMatchObject([{ fault: 'f1', peer: 'worker-1' }]);
    const [slow, stranger] = (await order('master', ping)).pings;
    expect(slow).toMatchObject({ connected: true, sent: 3 });
    expect(Math.min(...(slow?.roundTripsMs ?? []))).toBeGreaterThanOrEqual(400);
    expect(stranger).toMatchObject({ connected: false, sent: 0 });
    // Both pings and what the worker says of itself came to the rule.
    const healed = await order('master', { do: 'heal', fault: 'f1' });
    expect(healed.rules).toEqual([]);
    expect(healed.past[0]?.out.passed).toBeGreaterThanOrEqual(3);
    expect((await order('worker-1', { do: 'list' })).rules).toEqual([]);
    expect((await order('worker-1', { do: 'list' })).heard).toMatchObject([{ peer: 'master', pings: 3 }]);
    expect((await order('worker-1', { do: 'sync', count: 2 })).syncsMs).toEqual([]);
    expect((await order('master', { do: 'sync', count: 2 })).syncsMs).toHaveLength(2);
    const unknown = { node: 'worker-9', order: { do: 'list' } };
    expect(await ask('/control/faults', { body: unknown, secret: SECRET })).toMatchObject({ status: 404 });
    expect(await ask('/control/faults', { body: unknown })).toMatchObject({ status: 401 });
  });
});
