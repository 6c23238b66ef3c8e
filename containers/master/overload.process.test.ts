/** A real master under errors and overload: workers that fail every other task, and more than they can do. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createHlc } from '../algorithms/hlc.ts';
import { createRandom } from '../algorithms/seeded-random.ts';
import { systemClock } from '../kit/clock.ts';
import { createFaultShim } from '../kit/fault-shim.ts';
import { dialFrames } from '../kit/frame-dialer.ts';
import { createHeartbeatSender } from '../kit/heartbeat-sender.ts';
import { readOrders, writeResults } from '../protocol/compute-frames.ts';
import type { TaskOutcome } from '../protocol/compute-messages.ts';
import { ComputeProcesses, SECRET } from './compute-processes.ts';

let cluster: ComputeProcesses;
let ends: (() => void)[];
beforeEach(async () => {
  cluster = await ComputeProcesses.open();
  ends = [];
});
afterEach(async () => {
  for (const end of ends) end();
  await cluster.close();
});

/** A worker in this process, which fails half of what it is given. Resolves when it has joined. */
function startFlaky(node: string, onOrder: () => void): Promise<void> {
  const { next: random } = createRandom(node);
  const incarnation = systemClock.nowMs();
  const clock = systemClock;
  const hlc = createHlc(node);
  const extra = () => ({ holding: [] });
  const beats = createHeartbeatSender({ clock, hlc, incarnation, inFlight: () => 0, extra });
  return new Promise((resolve, reject) => {
    const link = dialFrames({
      address: `127.0.0.1:${cluster.framesPort}`,
      peer: { role: 'master' },
      self: { node, role: 'worker', cluster: 'test', secret: SECRET, incarnation },
      info: () => ({ capacity: 4, kinds: ['echo'], probe: '127.0.0.1:1', standby: false, holding: [] }),
      shim: createFaultShim(clock, random),
      clock,
      random,
      onOpen(connection) {
        connection.onFrame(({ head }) => {
          if (head.t !== 'tasks') return;
          const results = readOrders(head['tasks']).map(({ task, token }) => {
            onOrder();
            const failed: TaskOutcome = { ok: false, error: 'broke', retry: true };
            const done: TaskOutcome = { ok: true, result: 'x' };
            return { task, token, serviceMs: 0, outcome: random() < 0.5 ? failed : done };
          });
          connection
            .request({ t: 'results', results: writeResults(results) }, { timeoutMs: 5_000 })
            .catch(() => undefined);
        });
        beats.start(connection, 200);
        resolve();
      },
      onClosed: () => undefined,
      onRefused: (code, reason) => reject(new Error(`${node} was refused: ${code} ${reason}`)),
    });
    ends.push(() => {
      beats.stop();
      link.close();
    });
  });
}

test('with every other execution failing there are at most a quarter more of them than requests', async () => {
  await cluster.startMaster();
  let executions = 0;
  const count = (): void => void executions++;
  await Promise.all(['a', 'b', 'c'].map((node) => startFlaky(node, count)));
  await cluster.until('/health', (json) => JSON.stringify(json).includes('"ready":3'));
  const requests = 200;
  const answers = await Promise.all(
    Array.from({ length: requests }, () => cluster.ask('/submit-task?wait=20s', { kind: 'echo', payload: 'x' })),
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  const { length: done } = answers.filter(({ json }) => json['status'] === 'done');
  expect(executions).toBeLessThanOrEqual(1.25 * requests);
  // The retries there are do mend something.
  expect(executions).toBeGreaterThan(1.1 * requests);
  expect(done).toBeGreaterThan(0.5 * requests);
}, 60_000);

test('far more than the workers can do: the rest is refused with when to come again; then all is well', async () => {
  await cluster.startMaster();
  await cluster.startWorker('worker-1', 2);
  const body = { kind: 'work', payload: { serviceMs: 200, as: 'sleep' } };
  const ask = (deadlineMs: number, query = '?wait=10s') =>
    cluster.ask(`/submit-task${query}`, body, { 'Orrery-Deadline-Ms': String(deadlineMs) });
  // Ten a second can be done.
  const answers = await Promise.all(Array.from({ length: 150 }, () => ask(3_000)));
  const countOf = (wanted: number): number => answers.filter(({ status }) => status === wanted).length;
  expect(countOf(200) + countOf(503) + countOf(504)).toBe(150);
  expect(countOf(200)).toBeGreaterThanOrEqual(5);
  expect(countOf(503)).toBeGreaterThanOrEqual(20);
  for (const { status, headers } of answers) {
    if (status === 503) expect(Number(headers.get('Retry-After'))).toBeGreaterThanOrEqual(1);
  }
  expect(await ask(3_000)).toMatchObject({ status: 200 });
  expect(await ask(50)).toMatchObject({ status: 504, json: { code: 'deadline-exceeded' } });
  expect(await ask(3_000, '')).toMatchObject({ status: 400 });
}, 60_000);
