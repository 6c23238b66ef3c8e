/** Slow, flooding and vanishing peers against a real master and a real headnode: cut with the right word, nothing left behind. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { ProcessCluster } from '../../containers/headnode/process-cluster.ts';
import { ComputeProcesses } from '../../containers/master/compute-processes.ts';
import { inspectPort, openFiles, usedHeapBytes } from './footprint.ts';

const AWAIT = { timeout: 30_000, interval: 100 };
/** Of one round. */
const PEERS = 400;
/**
 * A leak of two kilobytes a peer shows: a socket holds more. Less than that is what is kept for a while, such as datanodes
 * that died within the last minute.
 */
const HEAP_SLACK_BYTES = 2 * PEERS * 2_048;

let compute: ComputeProcesses;
let store: ProcessCluster;
let masterPid = 0;
const inspect = { master: 0, headnode: 0 };

beforeAll(async () => {
  inspect.master = await inspectPort();
  inspect.headnode = await inspectPort();
  const through = (port: number): string[] => ['/usr/bin/env', `NODE_OPTIONS=--inspect=127.0.0.1:${port}`];
  compute = await ComputeProcesses.open();
  const { child } = await compute.startMaster(through(inspect.master));
  masterPid = child.pid ?? 0;
  store = new ProcessCluster({ ORRERY_SHARDS: '4' }, (node) => (node === 'headnode' ? through(inspect.headnode) : []));
  await store.start('headnode');
  await Promise.all(['datanode-1', 'datanode-2', 'datanode-3'].map((node) => store.start(node)));
  await store.replicated(3);
});
afterAll(() => Promise.all([compute.close(), store.stop()]));

async function dial(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

const httpPort = (): number => Number(new URL(compute.url).port);

/** All that comes until the other side ends. */
async function heard(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (bytes: Buffer) => (text += bytes.toString()));
  await Promise.race([once(socket, 'end'), once(socket, 'close')]);
  socket.destroy();
  return text;
}

/** Sends a byte every now and then, for as long as somebody listens. */
async function drip(socket: Socket, head: string): Promise<string> {
  socket.write(head);
  const timer = setInterval(() => socket.write('x'), 400);
  try {
    return await heard(socket);
  } finally {
    clearInterval(timer);
  }
}

test('slow senders are told that their time is over, and cut', async () => {
  const port = httpPort();
  const lineEnd = '\r\n';
  const head = ['POST /submit-task HTTP/1.1', 'Host: x', 'Content-Length: 50000'].join(lineEnd);
  const told = await Promise.all([
    heard(await dial(port)),
    drip(await dial(port), 'POST /submit-ta'),
    drip(await dial(port), `${head}${lineEnd}X-Slow: `),
    drip(await dial(port), `${head}${lineEnd}${lineEnd}{"payload":"`),
  ]);
  for (const text of told) {
    expect(text).toMatch(/^HTTP\/1\.1 408 Request Timeout/);
    expect(JSON.parse(text.split(`${lineEnd}${lineEnd}`)[1] ?? '')).toMatchObject({ code: 'bad-request' });
  }
}, 90_000);

/**
 * Runs the same round three times. Between the first, which fills what is filled once, and the last, neither open
 * files nor the used heap may have grown.
 */
async function leavesNothing(pid: number, inspector: number, round: () => Promise<void>): Promise<void> {
  const filesBefore = await openFiles(pid);
  const settled = async (): Promise<number> => {
    await vi.waitFor(async () => expect(await openFiles(pid)).toBeLessThanOrEqual(filesBefore), AWAIT);
    return usedHeapBytes(inspector);
  };
  await round();
  const firstBytes = await settled();
  await round();
  await round();
  await vi.waitFor(async () => expect((await settled()) - firstBytes).toBeLessThan(HEAP_SLACK_BYTES), AWAIT);
}

const times = <T>(count: number, act: (n: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, n) => act(n)));

const REQUESTS = [
  'GET /health HTTP/1.1\r\nHost: x\r\n\r\n',
  'POST /submit-task HTTP/1.1\r\nHost: x\r\nContent-Length: 19\r\n\r\n{"payload":"2 + +"}',
  'POST /register-slave HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}',
  'POST /send_task HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n{"nom_w',
  'POST /result HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"tas',
  'PUT /submit-task HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n',
  '\u0016\u0003\u0001 no HTTP at all\r\n\r\n',
  'POST /create_task/ HTTP/1.1\r\nHo',
];

test('the master: floods, peers that vanish and peers that say goodbye and stay leave nothing behind', async () => {
  const port = httpPort();
  await leavesNothing(masterPid, inspect.master, async () => {
    await times(PEERS, async (n) => {
      const socket = await dial(port);
      socket.write(REQUESTS[n % REQUESTS.length] ?? '');
      // Half of them vanish; the others say that they will send no more, and wait for what comes.
      if (n % 2 === 0) socket.resetAndDestroy();
      else {
        socket.end();
        await heard(socket);
      }
    });
    const unread = await dial(port);
    unread.pause();
    unread.write((REQUESTS[1] ?? '').repeat(20_000));
    const other = await dial(port);
    other.write('GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    expect(await heard(other)).toContain('"healthy"');
    unread.destroy();
    await times(PEERS / 4, async (n) => {
      const line = await dial(compute.linesPort);
      line.write(n % 2 === 0 ? '1 + 1' : '\n\n\u0000\nquit\n');
      line.resetAndDestroy();
    });
  });
}, 90_000);

test('the headnode’s sockets: floods, silence and half-open connections leave nothing behind', async () => {
  await leavesNothing(store.pid('headnode'), inspect.headnode, async () => {
    const silent = await times(PEERS / 4, () => dial(store.sockets));
    await times(PEERS, async (n) => {
      const socket = await dial(store.sockets);
      socket.write(['Cliente', 'Datanode', 'Cli', 'Hola servidor', 'GET / HTTP/1.1\r\n\r\n'][n % 5] ?? '');
      if (n % 3 === 0) socket.resetAndDestroy();
      else {
        socket.end(n % 5 === 0 ? 'adiós' : '');
        await heard(socket);
      }
    });
    const flood = await dial(store.sockets);
    flood.pause();
    flood.write(`Datanode${'Alive'.repeat(200_000)}`);
    const client = await dial(store.sockets);
    client.write(`Cliente${'x'.repeat(20_000)}`);
    let answers = '';
    client.on('data', (bytes: Buffer) => (answers += bytes.toString()));
    await vi.waitFor(() => expect(answers.split('127.0.0.1:')).toHaveLength(11), AWAIT);
    for (const socket of [...silent, flood, client]) socket.destroy();
  });
}, 120_000);

test('the headnode’s sockets: more than there is room for are told so', async () => {
  const sockets = await times(510, () => dial(store.sockets));
  const words = await Promise.all(sockets.slice(-10).map((socket) => heard(socket)));
  expect(words.filter((word) => word === 'Error: too many connections').length).toBeGreaterThan(0);
  for (const socket of sockets) socket.destroy();
  const client = await dial(store.sockets);
  client.write('Hola servidor');
  await vi.waitFor(async () => {
    const again = await dial(store.sockets);
    again.write('Hola servidor');
    again.write('quit');
    expect(await heard(again)).toContain('Te has desconectado');
  }, AWAIT);
  client.destroy();
}, 60_000);
