/** Line mode of protocol D against a real master with real workers. */
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ComputeProcesses, SECRET } from '../compute-processes.ts';

let cluster: ComputeProcesses;
beforeAll(async () => {
  cluster = await ComputeProcesses.open();
  await cluster.startMaster();
  await cluster.startWorker('worker-1', 8);
}, 30_000);
afterAll(() => cluster.close());

async function dial(): Promise<Socket> {
  const socket = connect(cluster.linesPort, '127.0.0.1');
  // Of those that are cut off while they still say something.
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

/** All that comes until the master ends the connection. */
async function heard(socket: Socket): Promise<string[]> {
  let text = '';
  socket.setEncoding('utf8');
  for await (const chunk of socket) text += String(chunk);
  return text.split('\n').slice(0, -1);
}

const ENDING = / (worker-\d+|-) \d+\.\d ms$/;
const results = (lines: readonly string[]): string[] => lines.map((line) => line.replace(ENDING, ''));

test('a thousand requests in a row, glued and split: one answer each, in order, then quit', async () => {
  const socket = await dial();
  const lines = heard(socket);
  const text = Array.from({ length: 1_000 }, (_, n) => (n % 2 === 0 ? `${n} * 2` : `¿qué tal ${n}?`)).join('\n');
  const bytes = Buffer.from(`${text}\nquit\n1 + 1\n`);
  // Seven bytes are no whole character every now and then.
  for (let at = 0; at < 700; at += 7) socket.write(bytes.subarray(at, at + 7));
  socket.write(bytes.subarray(700));
  const answers = await lines;
  expect(answers).toHaveLength(1_000);
  for (const answer of answers) expect(answer).toMatch(/ worker-1 \d+\.\d ms$/);
  expect(results(answers).slice(0, 4)).toEqual(['0', '¿qué tal 1?', '4', '¿qué tal 3?']);
  expect(results(answers).at(-1)).toBe('¿qué tal 999?');
}, 30_000);

test('what is no request is told so, and the connection goes on', async () => {
  const socket = await dial();
  const lines = heard(socket);
  socket.write(
    Buffer.concat([Buffer.from([0xff, 0xfe, 0x0a]), Buffer.alloc(40_000, 'x'), Buffer.from('\n1/0\n2 +\n')]),
  );
  // Ends its side in the middle of a line, and still gets its answers.
  socket.end('6 * 7');
  const answers = await lines;
  expect(results(answers)).toEqual([
    'error: The request is not valid: the line is not UTF-8.',
    'error: The body has more than 32768 bytes.',
    'failed: division by zero',
    '2 +',
    '42',
  ]);
  expect(answers[0]).toMatch(/ - 0\.0 ms$/);
});

test('a peer that does not read, one that vanishes, and one that says nothing hinder nobody', async () => {
  const deaf = await dial();
  deaf.pause();
  const long = `${'y'.repeat(30_000)}\n`;
  for (let n = 0; n < 400; n++) deaf.write(long);
  const silent = await dial();
  const gone = await dial();
  gone.write('1+1\n'.repeat(50));
  gone.resetAndDestroy();
  const socket = await dial();
  const lines = heard(socket);
  socket.write('2 ** 3\n20 - 22\nquit\n');
  expect(results(await lines)).toEqual(['8', '-2']);
  deaf.destroy();
  silent.destroy();
});

test('quit stops the cluster only where that is allowed', async () => {
  const quit = async (): Promise<void> => {
    const socket = await dial();
    const lines = heard(socket);
    socket.write('quit\n');
    expect(await lines).toEqual([]);
  };
  expect(await cluster.ask('/control/lines', { quitStops: true })).toMatchObject({ json: { quitStops: true } });
  const response = await fetch(`${cluster.url}/stream`, { headers: { Authorization: `Bearer ${SECRET}` } });
  const stream = Readable.fromWeb(response.body ?? expect.fail('no stream'));
  await quit();
  const told: unknown[] = [];
  for await (const line of createInterface({ input: stream })) {
    const said = JSON.parse(line) as { kind: string; event?: { type: string } };
    if (said.event?.type !== 'stop-requested') continue;
    told.push(said.event);
    if (told.length === 1) {
      await cluster.ask('/control/lines', { quitStops: false });
      await quit();
      await cluster.ask('/control/lines', { quitStops: true });
      await quit();
    } else break;
  }
  stream.destroy();
  // The second of the three meant nothing.
  expect(told).toEqual(Array(2).fill({ type: 'stop-requested', peer: '127.0.0.1' }));
  expect(await cluster.ask('/control/lines', {})).toMatchObject({ status: 422 });
});
