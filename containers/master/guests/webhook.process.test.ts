/** Protocol A against a real master, with workers as the course's students write them. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ComputeProcesses } from '../compute-processes.ts';
import { startCourseProgram } from '../../../e2e/course-programs/course-program.ts';
import type { CourseProgram } from '../../../e2e/course-programs/course-program.ts';

let cluster: ComputeProcesses;
let programs: CourseProgram[];

beforeEach(async () => {
  cluster = await ComputeProcesses.open();
  programs = [];
});
afterEach(async () => {
  await Promise.all(programs.map((program) => program.kill()));
  await cluster.close();
});

/** Resolves when it has registered; gives its id, too. */
async function startWebhook(...args: (string | number)[]): Promise<{ program: CourseProgram; id: string }> {
  const program = startCourseProgram('webhook_worker.py', cluster.url, ...args);
  programs.push(program);
  const line = await program.waitFor('registered 200');
  return { program, id: /slave-[0-9a-f]{8}/.exec(line)?.[0] ?? expect.fail(line) };
}

async function submit(payload: string): Promise<string> {
  const { status, json } = await cluster.ask('/submit-task', { payload });
  expect(status).toBe(201);
  return String(json['taskId']);
}

const finished = (json: Record<string, unknown>): boolean => json['status'] === 'done' || json['status'] === 'failed';

test('a worker of the course registers and serves before the native ones', async () => {
  await cluster.startMaster();
  await cluster.startWorker('worker-1');
  const { program, id } = await startWebhook('--seconds', 0.3);
  const { json: slaves } = await cluster.ask('/slaves');
  const port = /:(\d+)/.exec(await program.waitFor('ready at'))?.[1];
  expect(slaves[id]).toEqual({ id, webhook: `http://localhost:${port}`, status: 'free' });
  const task = await submit('4 * (2 + 3)');
  await program.waitFor(
    `working on ${task}: ['assigned_to', 'created_at', 'id', 'payload', 'result', 'status', 'updated_at']`,
  );
  const busy = await cluster.ask('/slaves');
  expect(busy.json[id]).toMatchObject({ status: 'busy' });
  const done = await cluster.until(`/tasks/${task}`, finished);
  expect(done).toMatchObject({ id: task, status: 'done', result: '20', assigned_to: id });
  await program.waitFor(`reported ${task}: 200`);
});

const healthOf = async (id: string): Promise<string | undefined> => {
  const { json } = await cluster.ask('/slaves');
  return (json[id] as { status: string } | undefined)?.status;
};

test('killed in mid-task, its task goes to another; restarted, it serves again under a new id', async () => {
  await cluster.startMaster();
  const doomed = await startWebhook('--seconds', 600);
  const task = await submit('6 * 7');
  await doomed.program.waitFor(`working on ${task}`);
  const port = /:(\d+)/.exec(await doomed.program.waitFor('ready at'))?.[1] ?? '';
  await doomed.program.kill();
  // Before the next health check: the master sees for itself that another process answers.
  const again = await startWebhook('--seconds', 0.1, '--port', port);
  expect(again.id).not.toBe(doomed.id);
  expect(await cluster.until(`/tasks/${task}`, finished)).toMatchObject({ result: '42', assigned_to: again.id });
  expect(await healthOf(doomed.id)).toBeUndefined();
});

test('paused, its task goes to another; resumed, it is taken back and its late result is welcome', async () => {
  await cluster.startMaster();
  const paused = await startWebhook('--seconds', 3);
  const task = await submit('6 * 7');
  await paused.program.waitFor(`working on ${task}`);
  paused.program.child.kill('SIGSTOP');
  await cluster.until('/slaves', (json) => json[paused.id] === undefined);
  await cluster.startWorker('worker-1');
  expect(await cluster.until(`/tasks/${task}`, finished)).toMatchObject({ result: '42', assigned_to: 'worker-1' });
  paused.program.child.kill('SIGCONT');
  await paused.program.waitFor(`reported ${task}: 200`);
  await cluster.until('/slaves', (json) => json[paused.id] !== undefined);
  const next = await submit('1 + 1');
  await paused.program.waitFor(`working on ${next}`);
});

test('the master is killed in mid-task: the worker still belongs, and its result counts', async () => {
  const master = await cluster.startMaster();
  const { program, id } = await startWebhook('--seconds', 2);
  const tasks = [await submit('6 * 7'), await submit('7 * 7')];
  await program.waitFor(`working on ${tasks[0]}`);
  master.child.kill('SIGKILL');
  await master.ended;
  await cluster.startMaster();
  await program.waitFor(`reported ${tasks[0]}: 200`);
  expect(await cluster.until(`/tasks/${tasks[1]}`, finished)).toMatchObject({ result: '49', assigned_to: id });
  expect((await cluster.ask(`/tasks/${tasks[0]}`)).json).toMatchObject({ result: '42', attempts: 1 });
});

/** A worker that answers as it is told to. */
async function fakeWorker(
  answers: Record<string, [status: number, body: string]>,
): Promise<{ url: string; close(): void }> {
  const server = createServer((request, response) => {
    const path = (request.url ?? '').replace(/\/slave-[0-9a-f]{8}$/, '');
    const [status, body] = answers[path] ?? [404, ''];
    response.writeHead(status).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => server.close() };
}

test('registering: every answer of the table', async () => {
  await cluster.startMaster();
  const ask = (webhook_url: unknown) => cluster.ask('/register-slave', { webhook_url });
  const good = await fakeWorker({ '/health': [200, 'fine'], '/register-slave-api': [200, ''] });
  const refusing = await fakeWorker({ '/health': [200, '{}'], '/register-slave-api': [500, ''] });
  const sick = await fakeWorker({ '/health': [500, '{}'] });
  const [first, second] = [await ask(good.url), await ask(`${good.url}/`)];
  expect(first).toMatchObject({ status: 200, json: { message: expect.any(String) } });
  const { slave_id } = first.json;
  expect(slave_id).toMatch(/^slave-[0-9a-f]{8}$/);
  expect(second).toMatchObject({ status: 400, json: { error: expect.any(String), slave_id } });
  expect(await ask(refusing.url)).toMatchObject({ status: 500, json: { error: expect.any(String) } });
  for (const url of [sick.url, 'http://127.0.0.1:1', 'http://no.such.host.invalid']) {
    expect(await ask(url), url).toMatchObject({ status: 503, json: { error: expect.any(String) } });
  }
  for (const url of [undefined, null, 7, '', 'x', 'ftp://h', 'x'.repeat(10_000), { a: 1 }]) {
    expect(await ask(url), String(url)).toMatchObject({ status: 400, json: { error: expect.any(String) } });
  }
  for (const { close } of [good, refusing, sick]) close();
});

const HUGE = 'x'.repeat(3_000_000);
const DEEP = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
/** What every call that takes a body refuses, and with which of these. */
const ROUTES: [path: string, wrongShape: number][] = [
  ['/register-slave', 400],
  ['/complete-task/no-such-task', 400],
  ['/submit-task', 400],
  ['/create_task/', 422],
  ['/send_task', 422],
  ['/result', 422],
];

test('bad input: the right status and a body that says why, for every call', async () => {
  await cluster.startMaster();
  const post = async (path: string, body: string | Uint8Array<ArrayBuffer>) => {
    const response = await fetch(`${cluster.url}${path}`, { method: 'POST', body });
    return { status: response.status, json: (await response.json()) as Record<string, unknown> };
  };
  for (const [path, wrongShape] of ROUTES) {
    const noJson = path === '/create_task/' ? 422 : 400;
    const cases: [body: string | Uint8Array<ArrayBuffer>, statuses: number[]][] = [
      ['', [noJson]],
      ['{', [noJson]],
      [new Uint8Array([0x22, 0xff, 0x22]), [noJson]],
      ['null', [wrongShape]],
      ['7', [wrongShape]],
      ['"text"', [wrongShape]],
      ['{"a":1}', [wrongShape]],
      ['[{"fruit":7}]', [wrongShape]],
      ['{"nom_worker":7,"webhook_url":7,"payload":[],"task":[],"result":{}}', [wrongShape]],
      [DEEP, [wrongShape, 413]],
      [HUGE, [413]],
    ];
    for (const [body, statuses] of cases) {
      const { status, json } = await post(path, body);
      const text = typeof body === 'string' ? body.slice(0, 40) : 'bytes';
      expect(statuses, `${path} of ${text}: ${status}`).toContain(status);
      expect(json, `${path} of ${text}`).toMatchObject({ error: expect.any(String), code: expect.any(String) });
    }
    const wrongMethod = await fetch(`${cluster.url}${path}`, { method: 'DELETE' });
    expect([wrongMethod.status, wrongMethod.headers.get('allow')], path).toEqual([
      405,
      expect.stringContaining('POST'),
    ]);
  }
  for (const path of ['/tasks/nothing', '/slaves/nothing', '/complete-task']) {
    const response = await fetch(`${cluster.url}${path}`);
    expect(response.status, path).toBe(404);
    expect(await response.json()).toMatchObject({ error: expect.any(String) });
  }
  const shapes: [path: string, body: unknown, status: number][] = [
    ['/complete-task/no-such-task', { result: '1' }, 404],
    ['/result', { task: { id: 1, fruit: 'mango', execution_time: 1, nom_worker: 'w' }, result: 'x' }, 404],
    ['/result', { id: 1.5, fruit: 'mango', execution_time: 1, nom_worker: 'w', result: 'x' }, 422],
    ['/send_task', { nom_worker: 'x'.repeat(200) }, 422],
    ['/create_task/', Array.from({ length: 1_001 }, () => ({ fruit: 'mango' })), 422],
    ['/create_task/', [], 200],
    ['/create_task', [{ fruit: 'mango' }], 200],
    ['/create_task/', [{ fruit: 'mango', more: 1 }], 200],
  ];
  for (const [path, body, status] of shapes) {
    expect((await cluster.ask(path, body)).status, `${path} ${JSON.stringify(body).slice(0, 60)}`).toBe(status);
  }
  expect((await cluster.ask('/health')).status).toBe(200);
});

test('the documentation names every call of the protocols, on each port what is served there', async () => {
  await cluster.startMaster();
  const pathsAt = async (url: string): Promise<string[]> => {
    expect((await fetch(`${url}/docs`)).status).toBe(200);
    const { paths } = (await (await fetch(`${url}/openapi.json`)).json()) as { paths: object };
    return Object.keys(paths).sort();
  };
  const salad = ['/result', '/send_command', '/send_task'];
  const shared = ['/create_task', '/create_task/', '/get_tasks_to_do', '/get_tasks_to_do/'];
  expect(await pathsAt(cluster.urlAt('salad'))).toEqual(salad);
  expect(await pathsAt(cluster.urlAt('shared'))).toEqual(shared);
  const calculator = ['/register-slave', '/complete-task/{id}', '/submit-task', '/tasks', '/tasks/{id}', '/slaves'];
  expect(await pathsAt(cluster.url)).toEqual(expect.arrayContaining([...salad, ...shared, ...calculator]));
});
