/** What a real master tells of programs that only ask, and of requests that cannot be understood. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { GuestStep } from '../../protocol/guests.ts';
import type { StreamLine } from '../../protocol/stream.ts';
import { LOAD_HEADER } from '../../protocol/weather-limits.ts';
import { ComputeProcesses, SECRET } from '../compute-processes.ts';

let cluster: ComputeProcesses;
const gone = new AbortController();
const steps: GuestStep[] = [];
let wake = (): void => {};

beforeAll(async () => {
  cluster = await ComputeProcesses.open();
  await cluster.startMaster();
  await cluster.startWorker('worker-1');
  const headers = { Authorization: `Bearer ${SECRET}` };
  const { body } = await fetch(`${cluster.url}/stream`, { headers, signal: gone.signal });
  hear(body ?? expect.fail('no stream')).catch(() => expect(gone.signal.aborted).toBe(true));
}, 30_000);
afterAll(async () => {
  gone.abort();
  await cluster.close();
});

async function hear(body: AsyncIterable<Uint8Array>): Promise<void> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const text of lines) {
      const line = JSON.parse(text) as StreamLine;
      if (line.kind !== 'sample' || line.sample.guestSteps === undefined) continue;
      steps.push(...line.sample.guestSteps.steps);
      wake();
    }
  }
}

/** Resolves with the first step, told already or later, that is so. */
async function told(isSo: (step: GuestStep) => boolean): Promise<GuestStep> {
  for (;;) {
    const found = steps.find(isSo);
    if (found !== undefined) return found;
    await new Promise<void>((resolve) => (wake = resolve));
  }
}

const send = (path: string, body: string, headers: Record<string, string> = {}, method = 'POST') =>
  fetch(`${cluster.url}${path}`, { method, headers, ...(method === 'POST' && { body }) });

test('a client of the calculator, by what it says it is: submitted, fetched, refused, failed', async () => {
  const headers = { 'User-Agent': 'python-requests/2.28.1 (of a test)' };
  const peer = '127.0.0.1 python-requests/2.28.1';
  const submitted = await send('/submit-task', '{"payload":"6 * 7"}', headers);
  const { taskId } = (await submitted.json()) as { taskId: string };
  expect(await told(({ step }) => step === 'submit')).toMatchObject({ guest: 'calculator', peer, ok: true });
  expect((await send(`/tasks/${taskId}?wait=5s`, '', headers, 'GET')).status).toBe(200);
  expect(await told(({ step }) => step === 'outcome')).toMatchObject({ peer, ok: true });
  expect((await send('/submit-task?wait=5s', '{"payload":"1 / 0"}', headers)).status).toBe(200);
  expect(await told(({ step, ok }) => step === 'outcome' && !ok)).toMatchObject({ peer });
  for (const [body, code] of [
    ['{"payload":', 'bad-json'],
    ['{"payload":["é"]}', 'bad-request'],
    ['{"payload":"2 +"}', 'bad-expression'],
  ] as const) {
    expect((await send('/submit-task', body, headers)).status).toBe(400);
    expect(await told((step) => step.code === code)).toMatchObject({ peer, step: 'submit', ok: false });
  }
  expect((await send('/tasks/nobody', '', headers, 'GET')).status).toBe(404);
  expect(await told(({ code }) => code === 'not-found')).toMatchObject({ peer, step: 'outcome', ok: false });
});

test('load tests and the panel are nobody’s program', async () => {
  await send('/submit-task', '{"payload":"1"}', { 'User-Agent': 'load/1', [LOAD_HEADER]: '1' });
  await send('/submit-task', '{"payload":"1"}', { 'User-Agent': 'orrery' });
  await send('/submit-task', '{"payload":"1"}', { 'User-Agent': 'last/1' });
  await told(({ peer }) => peer.endsWith('last/1'));
  expect(steps.map(({ peer }) => peer)).not.toContain('127.0.0.1 load/1');
  expect(steps.map(({ peer }) => peer)).not.toContain('127.0.0.1 orrery');
});

test.each([
  ['/register-slave', '{"url":"http://w"}', 400, 'webhook', 'register', /^.*webhook_url/],
  ['/complete-task/7', '{"result":{}}', 400, 'webhook', 'result', /result/],
  ['/send_task', '{"worker":"w1"}', 422, 'pulling', 'ask', /nom_worker/],
  ['/result', '{"id":7}', 422, 'pulling', 'result', /./],
  ['/create_task/', '{"fruit":"kiwi"}', 422, 'pulling', 'order', /array/],
  ['/register_slave', '{}', 404, 'webhook', 'register', /^POST \/register_slave instead of POST \/register-slave$/],
  ['/send-task', '{}', 404, 'pulling', 'ask', /^POST \/send-task instead of POST \/send_task$/],
  ['/api/submitTask', '{}', 404, 'calculator', 'submit', /^POST \/api\/submitTask instead of/],
  ['/send_command', '{}', 405, 'pulling', 'command', /^POST \/send_command instead of GET \/send_command$/],
])('%s %s is refused with %i, and told as a step of its protocol', async (path, body, status, guest, step, reason) => {
  const agent = `shape${path.replaceAll('/', '-')}`;
  expect((await send(path, body, { 'User-Agent': agent })).status).toBe(status);
  const seen = await told(({ peer }) => peer === `127.0.0.1 ${agent}`);
  expect(seen).toMatchObject({ guest, step, ok: false, reason: expect.stringMatching(reason) });
});

test('a line client that forgets the line end, then ends it, then quits', async () => {
  const socket = connect(cluster.linesPort, '127.0.0.1');
  await once(socket, 'connect');
  const line = (step: GuestStep): boolean => step.guest === 'lines' && step.step === 'line';
  socket.write('2 + 3');
  const unended = await told((step) => line(step) && !step.ok);
  expect(unended).toMatchObject({ peer: '127.0.0.1', reason: '5 bytes without a line end: "2 + 3"' });
  socket.write('\n');
  await told((step) => line(step) && step.ok);
  socket.resume().write('quit\n');
  await Promise.all([once(socket, 'close'), told(({ step }) => step === 'quit')]);
}, 15_000);
