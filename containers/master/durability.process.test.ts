/** What a real master promises is on disk: seen in its system calls, and in what is there after kill -9. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { BatchEvent, BatchView } from '../protocol/tasks.ts';
import { ComputeProcesses } from './compute-processes.ts';
import type { NodeProcess } from './compute-processes.ts';
import { firstUnsynced } from './syscall-trace.ts';

let cluster: ComputeProcesses;

beforeEach(async () => {
  cluster = await ComputeProcesses.open();
});
afterEach(() => cluster.close());

test('no 2xx leaves before the fdatasync that covers its entry has returned', async () => {
  const trace = join(cluster.folder, 'trace.txt');
  const calls = 'trace=fdatasync,write,writev,pwrite64,sendto,sendmsg';
  const master = await cluster.startMaster(['strace', '-f', '-tt', '-s', '65536', '-e', calls, '-o', trace]);
  const ids: string[] = [];
  const submit = async (n: number): Promise<void> => {
    const { status, json } = await cluster.ask('/submit-task', { payload: `${n} + 1` });
    expect(status).toBe(201);
    ids.push(String(json['taskId']));
  };
  for (let n = 0; n < 20; n++) await submit(n);
  for (let round = 0; round < 5; round++) await Promise.all(Array.from({ length: 10 }, (_, n) => submit(n)));
  const { status, json } = await cluster.ask('/tasks/batch', { tasks: [{ payload: '1' }, { payload: '2' }] });
  expect(status).toBe(201);
  ids.push((json['ids'] as string[])[0] ?? '');
  // The child is strace, which ends when the one it traces does.
  const pid = /pid=(\d+)/.exec(await master.waitFor('starting'))?.[1] ?? expect.fail('the master says no pid');
  process.kill(Number(pid), 'SIGTERM');
  await master.ended;
  const lines = (await readFile(trace, 'utf8')).split('\n');
  const batch = ids.at(-1)?.replace(/\.1$/, '') ?? '';
  for (const id of [...ids.slice(0, -1), batch]) expect(firstUnsynced(lines, id), `of ${id}`).toBeNull();
}, 120_000);

/** What clients were told, over all lives of the master. */
type Told = { tasks: string[]; batches: string[]; keyed: Map<string, string>; failures: number };

/** Enqueues until told to stop; what fails is asked again under its key until it is answered. */
async function enqueue(told: Told, client: number, isOver: () => boolean): Promise<void> {
  for (let n = 0; !isOver(); n++) {
    const key = `${client}-${n}`;
    const isBatch = n % 3 === 0;
    const tasks = Array.from({ length: 5 }, (_, at) => ({ payload: `${n} + ${at}` }));
    const [path, body] = isBatch ? ['/tasks/batch', { tasks }] : ['/submit-task', { payload: `${n} * 2` }];
    for (;;) {
      try {
        const { status, json } = await cluster.ask(path, body, { 'Idempotency-Key': key });
        expect(status).toBe(201);
        const ids = isBatch ? (json['ids'] as string[]) : [String(json['taskId'])];
        told.tasks.push(...ids);
        if (isBatch) told.batches.push((json['batch'] as BatchView).id);
        told.keyed.set(key, ids[0] ?? '');
        break;
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
        told.failures++;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('a master killed again and again under load: every 2xx is there, every batch ends once', async () => {
  const KILLS = 4;
  let master: NodeProcess = await cluster.startMaster();
  await Promise.all([cluster.startWorker('worker-1'), cluster.startWorker('worker-2')]);
  const told: Told = { tasks: [], batches: [], keyed: new Map(), failures: 0 };
  let over = false;
  const clients = Array.from({ length: 8 }, (_, client) => enqueue(told, client, () => over));
  for (let kill = 0; kill < KILLS; kill++) {
    const enough = told.tasks.length + 200 + 37 * kill;
    while (told.tasks.length < enough) await new Promise((resolve) => setTimeout(resolve, 5));
    master.child.kill('SIGKILL');
    await master.ended;
    master = await cluster.startMaster();
  }
  over = true;
  await Promise.all(clients);
  expect(told.failures).toBeGreaterThan(0);
  await cluster.until('/tenants', (json) => {
    const [only] = Object.values(json) as { waiting: number; in_flight: number }[];
    return only?.waiting === 0 && only.in_flight === 0;
  });
  const { json } = await cluster.ask('/tasks?status=done&limit=1000');
  expect((json as unknown as unknown[]).length).toBeGreaterThan(0);
  for (const id of told.tasks) expect((await cluster.ask(`/tasks/${id}`)).json, id).toMatchObject({ status: 'done' });
  const { json: list } = await cluster.ask('/batch-events?limit=1000');
  const events = list as unknown as BatchEvent[];
  expect(events.map(({ number }) => number)).toEqual(events.map((_, at) => at + 1));
  const ended = events.map(({ batch, round }) => `${batch} ${round}`);
  expect(new Set(ended).size).toBe(ended.length);
  expect([...ended].sort()).toEqual(told.batches.map((id) => `${id} 1`).sort());
  for (const [key, id] of [...told.keyed].slice(0, 5)) {
    const n = Number(key.split('-')[1]);
    if (n % 3 === 0) continue;
    const again = await cluster.ask('/submit-task', { payload: `${n} * 2` }, { 'Idempotency-Key': key });
    expect(again.json['taskId']).toBe(id);
  }
}, 120_000);

test('a master killed behind a snapshot: what it covers and what came after are there', async () => {
  const BATCHES = 26;
  const master = await cluster.startMaster();
  await cluster.startWorker('worker-1', 64);
  const tasks = Array.from({ length: 1_000 }, () => ({ kind: 'echo', payload: 'x' }));
  for (let n = 1; n <= BATCHES; n++) {
    const { status } = await cluster.ask('/tasks/batch', { batch_id: `b${n}`, tasks });
    expect(status).toBe(201);
    await cluster.until(`/batches/b${n}`, ({ state }) => state === 'complete');
  }
  await master.waitFor('snapshot stored');
  await cluster.ask('/tasks/batch', { batch_id: 'after', sealed: false, tasks: [{ payload: '1+1' }] });
  master.child.kill('SIGKILL');
  await master.ended;
  const again = await cluster.startMaster();
  const restored = await again.waitFor('queue restored');
  expect(Number(/entries=(\d+)/.exec(restored)?.[1])).toBeLessThan(50_000);
  const { json } = await cluster.ask('/batches?limit=100');
  const views = json as unknown as BatchView[];
  expect(views.filter(({ state, done }) => state === 'complete' && done === 1_000)).toHaveLength(BATCHES);
  expect((await cluster.ask('/batches/after/seal', {})).status).toBe(200);
  await cluster.until('/batches/after', ({ state }) => state === 'complete');
  const { json: events } = await cluster.ask('/batch-events?limit=1000');
  expect((events as unknown as BatchEvent[]).map(({ number }) => number)).toEqual(
    Array.from({ length: BATCHES + 1 }, (_, at) => at + 1),
  );
}, 120_000);
