/** What a real master answers about batches, tenants, dead letters and its detector, and whom it refuses. */
import { connect } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { encodeFrame, FrameDecoder } from '../kit/frames.ts';
import type { Frame } from '../kit/ports.ts';
import { ComputeProcesses, SECRET } from './compute-processes.ts';

let cluster: ComputeProcesses;

beforeEach(async () => {
  cluster = await ComputeProcesses.open();
});
afterEach(() => cluster.close());

test('a batch with a dead task: partial, found, redriven with preview, its attempts shown', async () => {
  await cluster.startMaster();
  await cluster.startWorker('worker-1');
  const tasks = [
    { payload: '1+1' },
    { payload: '1/0' },
    { kind: 'fruit', payload: { fruit: 'kiwi', execution_time: 0 } },
  ];
  const body = { batch_id: 'salad', name: 'Lunch', tenant: 'kitchen', priority: 3, tasks };
  const first = await cluster.ask('/tasks/batch', body);
  expect(first).toMatchObject({
    status: 201,
    json: { batch: { id: 'salad', total: 3 }, ids: ['salad.1', 'salad.2', 'salad.3'] },
  });
  expect(await cluster.ask('/tasks/batch', body)).toMatchObject({ status: 201, json: { ids: first.json['ids'] } });
  expect(await cluster.ask('/tasks/batch', { ...body, name: 'Dinner' })).toMatchObject({ status: 409 });
  expect(await cluster.until('/batches/salad', ({ state }) => state === 'partial')).toMatchObject({
    done: 2,
    failed: 1,
  });

  expect(await cluster.ask('/tasks?status=dead&batch=salad&search=1/0')).toMatchObject({
    json: [{ id: 'salad.2', error: 'division by zero', tenant: 'kitchen', priority: 3, batch: 'salad' }],
  });
  expect(await cluster.ask('/tasks?batch=salad&limit=1&after=salad.2')).toMatchObject({ json: [{ id: 'salad.1' }] });
  expect(await cluster.ask('/tasks?after=none')).toMatchObject({ status: 404 });
  const preview = await cluster.ask('/tasks/redrive', { filter: { batch: 'salad' }, preview: true });
  expect(preview).toMatchObject({ status: 200, json: { preview: true, count: 1, sample: [{ id: 'salad.2' }] } });
  expect((await cluster.ask('/batches/salad')).json).toMatchObject({ state: 'partial', round: 1 });
  expect(await cluster.ask('/tasks/redrive', { ids: ['salad.2', 'salad.1'] })).toMatchObject({
    json: { count: 1, skipped: ['salad.1'] },
  });
  await cluster.until('/batches/salad', ({ state, round }) => state === 'partial' && round === 2);
  const { json } = await cluster.ask('/tasks/salad.2/attempts');
  expect((json['history'] as { what: string }[]).map(({ what }) => what)).toEqual([
    'queued',
    'leased',
    'failed',
    'redriven',
    'leased',
    'failed',
  ]);
  expect((await cluster.ask('/batch-events?after=1')).json).toMatchObject([{ number: 2, batch: 'salad', round: 2 }]);
  expect((await cluster.ask('/tenants')).json).toMatchObject([{ tenant: 'kitchen', done: 2, failed: 2 }]);
  const { paths } = (await cluster.ask('/openapi.json')).json as { paths: object };
  expect(Object.keys(paths)).toEqual(
    expect.arrayContaining(['/tasks/batch', '/tasks/redrive', '/tasks/{id}/attempts', '/batches', '/control/detector']),
  );
});

test('idempotency keys, a wrong batch, a full queue', async () => {
  await cluster.startMaster();
  const key = { 'Idempotency-Key': 'once', 'Orrery-Tenant': 'a' };
  const first = await cluster.ask('/submit-task', { payload: '1' }, key);
  expect(first.status).toBe(201);
  expect((await cluster.ask('/submit-task', { payload: '1' }, key)).json).toEqual(first.json);
  expect(await cluster.ask('/submit-task', { payload: '2' }, key)).toMatchObject({ status: 409 });
  const wrong = await cluster.ask('/tasks/batch', { tasks: [{ payload: '1' }, { payload: '1+' }] });
  expect(wrong).toMatchObject({ status: 400, json: { code: 'bad-expression', definite: true } });
  expect(wrong.json['error']).toContain('task 2');
  const tasks = Array.from({ length: 1_000 }, () => ({ payload: '1' }));
  for (let n = 0; n < 10; n++) expect((await cluster.ask('/tasks/batch', { tasks })).status).toBe(201);
  const full = await cluster.ask('/submit-task', { payload: '1' });
  expect(full).toMatchObject({ status: 429, json: { code: 'too-many', definite: true } });
  expect(full.headers.get('Retry-After')).toBe('1');
  expect((await cluster.ask('/submit-task', { payload: '1' }, { 'Orrery-Tenant': 'b' })).status).toBe(201);
  expect((await cluster.ask('/health')).json).toMatchObject({ status: 'healthy' });
});

test('parameters of the detector: changed while it runs, on the workers, and over a restart', async () => {
  const master = await cluster.startMaster();
  const worker = await cluster.startWorker('worker-1');
  const wanted = { heartbeatIntervalMs: 50, thresholdRoute: 3, thresholdDead: 5, pauseMs: 100, windowSize: 20 };
  expect(await cluster.ask('/control/detector', { windowSize: 1 })).toMatchObject({ status: 422 });
  expect(await cluster.ask('/control/detector', wanted)).toMatchObject({ status: 200, json: wanted });
  worker.child.kill('SIGKILL');
  // With sigma at its floor of 200 ms nobody can be judged faster; by the old parameters it took 2 s more.
  expect(await master.waitFor('member-suspect node=worker-1')).toContain('threshold');
  master.child.kill('SIGKILL');
  await master.ended;
  await cluster.startMaster();
  expect((await cluster.ask('/control/detector')).json).toMatchObject(wanted);
});

test('a worker of another protocol version is refused by name', async () => {
  const master = await cluster.startMaster();
  const hello = {
    t: 'hello',
    protocol: 999,
    cluster: 'test',
    secret: SECRET,
    node: 'old',
    role: 'worker',
    incarnation: 1,
  };
  const [answer] = await exchange(cluster.framesPort, encodeFrame({ ...hello, info: {} }));
  expect(answer?.head).toMatchObject({ t: 'refused', code: 'protocol-mismatch' });
  expect(await master.waitFor('refused a peer')).toContain('peer=old code=protocol-mismatch');
});

/** Sends bytes, and gives what comes back until the other side hangs up. */
function exchange(port: number, bytes: Uint8Array): Promise<Frame[]> {
  return new Promise((resolve, reject) => {
    const decoder = new FrameDecoder();
    const frames: Frame[] = [];
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.on('data', (chunk) => frames.push(...decoder.push(chunk)));
    socket.on('error', reject);
    socket.on('close', () => resolve(frames));
  });
}

test('GET of a task with wait answers with its outcome, or with the task as it stands', async () => {
  await cluster.startMaster();
  const { json } = await cluster.ask('/submit-task', { payload: '6*7' });
  const path = `/tasks/${String(json['taskId'])}`;
  expect(await cluster.ask(`${path}?wait=50ms`)).toMatchObject({ status: 200, json: { status: 'pending' } });
  const outcome = cluster.ask(`${path}?wait=30s`);
  await cluster.startWorker('worker-1');
  expect(await outcome).toMatchObject({ status: 200, json: { status: 'done', result: '42' } });
  expect(await cluster.ask(`${path}?wait=soon`)).toMatchObject({ status: 400 });
  expect(await cluster.ask('/tasks/none?wait=5s')).toMatchObject({ status: 404 });
});

test('a worker takes more at once than fits into a frame, and reports it all', async () => {
  const master = await cluster.startMaster();
  const tasks = Array.from({ length: 200 }, () => ({ kind: 'echo', payload: 'é'.repeat(30_000) }));
  for (let first = 0; first < tasks.length; first += 50) {
    const batch = { batch_id: `long-${first}`, tasks: tasks.slice(first, first + 50) };
    expect(await cluster.ask('/tasks/batch', batch)).toMatchObject({ status: 201 });
  }
  await cluster.startWorker('worker-1', 200);
  for (let first = 0; first < tasks.length; first += 50) {
    const { done } = await cluster.until(`/batches/long-${first}`, ({ state }) => state === 'complete');
    expect(done).toBe(50);
  }
  expect(master.child.exitCode).toBeNull();
});
