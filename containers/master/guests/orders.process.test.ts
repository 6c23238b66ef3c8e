/** Protocol B against a real master, with workers and orders as the course's students make them. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { BatchView } from '../../protocol/tasks.ts';
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

function startWorker(name: string, ...args: (string | number)[]): CourseProgram {
  const program = startCourseProgram('pulling_worker.py', cluster.urlAt('salad'), name, '--pause', 0.05, ...args);
  programs.push(program);
  return program;
}

async function order(...fruits: string[]): Promise<void> {
  const body = JSON.stringify(fruits.map((fruit) => ({ fruit })));
  const answer = await fetch(`${cluster.urlAt('shared')}/create_task/`, { method: 'POST', body });
  expect([answer.status, await answer.json()]).toEqual([200, { message: 'Task created' }]);
}

async function command(): Promise<{ status: number; json: Record<string, unknown> }> {
  const answer = await fetch(`${cluster.urlAt('salad')}/send_command`);
  return { status: answer.status, json: (await answer.json()) as Record<string, unknown> };
}

/** Asks until there is one; gives its time. */
async function nextCommand(): Promise<number> {
  for (;;) {
    const { status, json } = await command();
    if (status === 200) {
      expect(json).toEqual({ message: 'The salad is ready! Enjoy!', preparation_time: expect.any(Number) });
      return Number(json['preparation_time']);
    }
    expect(json).toEqual({ message: 'No command' });
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const seconds = (min: number, max: number) => cluster.ask('/control/orders', { secondsMin: min, secondsMax: max });

test('two workers, both shapes of results, and a master that is killed: each order is announced once', async () => {
  let master = await cluster.startMaster();
  await seconds(1, 1);
  const [nested] = [startWorker('w1', '--scale', 0.1), startWorker('w2', '--scale', 0.1, '--flat')];
  await order('mango', 'kiwi', 'fig');
  await order('lime');
  await nested?.waitFor('preparing');
  master.child.kill('SIGKILL');
  await master.ended;
  master = await cluster.startMaster();
  const times = [await nextCommand(), await nextCommand()];
  expect(Math.min(...times)).toBeGreaterThan(0);
  expect((await command()).status).toBe(202);
  const lines = programs.flatMap((program) => program.lines);
  const reported = new Set(lines.filter((line) => line.includes(': 200')).map((line) => line.split(/[ :]/)[1]));
  expect([...reported].sort()).toEqual(['1', '2', '3', '4']);
  const { json } = await cluster.ask('/batches');
  const views = json as unknown as BatchView[];
  expect(views.map(({ state, done, order: said }) => [state, done, said])).toEqual([
    ['complete', 1, 'announced'],
    ['complete', 3, 'announced'],
  ]);
});

test('a worker that is killed loses nothing, one that was paused may still report', async () => {
  await cluster.startMaster();
  // A lease of 10 s: none at all for the work, and the course's margin.
  await seconds(0, 0);
  const paused = startWorker('paused');
  await paused.waitFor('ready');
  await order('kiwi');
  await paused.waitFor('reported 1: 200');
  expect(await nextCommand()).toBeGreaterThanOrEqual(0);
  paused.child.kill('SIGSTOP');
  await seconds(1, 1);
  const doomed = startWorker('doomed', '--scale', 600);
  await order('mango', 'fig');
  await doomed.waitFor('preparing 2 mango');
  await doomed.kill();
  paused.child.kill('SIGCONT');
  await paused.waitFor('reported 3: 200');
  await paused.waitFor('reported 2: 200');
  await nextCommand();
});

test('an external master fetches orders, with the answers of the course', async () => {
  await cluster.startMaster();
  const fetchAll = () => fetch(`${cluster.urlAt('shared')}/get_tasks_to_do/`);
  await order('mango', 'kiwi');
  const full = await fetchAll();
  expect([full.status, await full.text()]).toEqual([200, '[{"fruit":"mango"},{"fruit":"kiwi"}]']);
  const empty = await fetchAll();
  expect([empty.status, await empty.text()]).toEqual([202, '[]']);
  expect(await cluster.ask('/send_task', { nom_worker: 'w1' })).toMatchObject({
    status: 202,
    json: { message: 'No more tasks' },
  });
  const { json } = await cluster.ask('/batches');
  expect(json).toMatchObject([{ state: 'handed-over', total: 2, done: 0 }]);
});
