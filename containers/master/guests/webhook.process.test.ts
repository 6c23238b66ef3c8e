/** Protocol A against a real master, with workers as the course's students write them. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ComputeProcesses } from '../compute-processes.ts';
import { startCourseProgram } from '../../kit/course-program.ts';
import type { CourseProgram } from '../../kit/course-program.ts';

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
