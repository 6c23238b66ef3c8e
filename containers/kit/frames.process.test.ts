/** Connections over real sockets: handshake, requests, loss, faults. */
import { connect, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { OrreryError } from '../protocol/errors.ts';
import { PROTOCOL_VERSION } from '../protocol/version.ts';
import { systemClock as clock } from './clock.ts';
import { createFaultShim, type FaultShim } from './fault-shim.ts';
import { dialFrames, type DialerOptions } from './frame-dialer.ts';
import { serveFrames, type FrameServerOptions, type Hello } from './frame-server.ts';
import { encodeFrame, FrameDecoder } from './frames.ts';
import type { Connection, Frame, FrameHead } from './ports.ts';

const self = { node: 'master', role: 'master' as const, cluster: 'c1', secret: '0123456789abcdef', incarnation: 1 };
const worker = { ...self, node: 'worker-1', role: 'worker' as const, incarnation: 7 };
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

type Server = {
  port: number;
  shim: FaultShim;
  peers: { connection: Connection; hello: Hello }[];
  refused: string[];
  close(): Promise<void>;
};

async function serve(options: Partial<FrameServerOptions> = {}): Promise<Server> {
  const shim = createFaultShim(clock, Math.random);
  const peers: Server['peers'] = [];
  const refused: string[] = [];
  const server = await serveFrames({
    bind: '127.0.0.1',
    port: 0,
    self,
    shim,
    clock,
    onPeer(connection, hello) {
      peers.push({ connection, hello });
      connection.onFrame((frame) => connection.reply(frame, { t: 'echo', head: frame.head }, frame.body));
      return { heartbeatIntervalMs: 250 };
    },
    onRefused: (peer, code) => refused.push(`${peer} ${code}`),
    ...options,
  });
  cleanups.push(() => server.close());
  return { ...server, shim, peers, refused };
}

type Dialled = {
  connection: Connection;
  welcome: FrameHead;
  shim: FaultShim;
  closed: string[];
  opened(count: number): Promise<Connection>;
  close(): void;
};

function dial(port: number, options: Partial<DialerOptions> = {}): Promise<Dialled> {
  return new Promise((resolve) => {
    const shim = createFaultShim(clock, Math.random);
    const closed: string[] = [];
    const opens: Connection[] = [];
    const waiters: (() => void)[] = [];
    const opened = async (count: number): Promise<Connection> => {
      while (opens.length < count) await new Promise<void>((wake) => waiters.push(wake));
      return opens[count - 1] ?? expect.unreachable();
    };
    const dialer = dialFrames({
      address: `127.0.0.1:${port}`,
      peer: { role: 'master' },
      self: worker,
      info: () => ({ capacity: 2 }),
      shim,
      clock,
      random: Math.random,
      onOpen(connection, welcome) {
        opens.push(connection);
        for (const wake of waiters.splice(0)) wake();
        resolve({ connection, welcome, shim, closed, opened, close: () => dialer.close() });
      },
      onClosed: (reason) => closed.push(reason),
      onRefused: () => {},
      ...options,
    });
    cleanups.push(() => dialer.close());
  });
}

/** A peer that speaks bytes. */
async function raw(
  port: number,
): Promise<{ socket: Socket; frames: Frame[]; closed: Promise<void>; next(): Promise<Frame> }> {
  const socket = connect({ port, host: '127.0.0.1' });
  const decoder = new FrameDecoder();
  const frames: Frame[] = [];
  let wake = (): void => {};
  socket.on('data', (chunk) => {
    frames.push(...decoder.push(chunk));
    wake();
  });
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  socket.on('error', () => {});
  cleanups.push(() => socket.destroy());
  await new Promise<void>((resolve) => socket.on('connect', resolve));
  const next = async (): Promise<Frame> => {
    while (frames.length === 0) await new Promise<void>((resolve) => (wake = resolve));
    return frames.shift() ?? expect.unreachable();
  };
  return { socket, frames, closed, next };
}

const hello = (changes: Record<string, unknown> = {}): FrameHead => ({
  t: 'hello',
  protocol: PROTOCOL_VERSION,
  ...worker,
  info: {},
  ...changes,
});

describe('handshake', () => {
  test('introduces both sides', async () => {
    const server = await serve();
    const { connection, welcome } = await dial(server.port);
    expect(welcome).toMatchObject({
      t: 'welcome',
      node: 'master',
      role: 'master',
      incarnation: 1,
      heartbeatIntervalMs: 250,
    });
    expect(connection.peer).toBe('master');
    expect(server.peers[0]?.hello).toMatchObject({
      node: 'worker-1',
      role: 'worker',
      incarnation: 7,
      info: { capacity: 2 },
    });
    expect(server.peers[0]?.connection.peer).toBe('worker-1');
  });

  test.each([
    ['another protocol', { protocol: 99, secret: 5 }, 'protocol-mismatch'],
    ['another cluster', { cluster: 'c2' }, 'wrong-cluster'],
    ['a wrong secret', { secret: 'guess' }, 'unauthorized'],
    ['a role that does not exist', { role: 'king' }, 'bad-request'],
    ['no hello', { t: 'tasks' }, 'bad-request'],
  ])('refuses a peer with %s by name', async (_, changes, code) => {
    const server = await serve();
    const peer = await raw(server.port);
    peer.socket.write(encodeFrame(hello(changes)));
    expect((await peer.next()).head).toMatchObject({ t: 'refused', code });
    await peer.closed;
    expect(server.refused).toEqual([`worker-1 ${code}`]);
    expect(server.peers).toEqual([]);
  });

  test('lets the node refuse a peer itself', async () => {
    const server = await serve({
      onPeer() {
        throw new OrreryError('conflict', { reason: 'incarnation 7 is dead' });
      },
    });
    const refusal = await new Promise((resolve, reject) => {
      dial(server.port, { onRefused: (code, reason) => resolve({ code, reason }) }).catch(reject);
    });
    expect(refusal).toEqual({ code: 'conflict', reason: 'incarnation 7 is dead.' });
  });

  test('puts the welcome before what the node sends to its new peer', async () => {
    const server = await serve({
      onPeer(connection) {
        connection.send({ t: 'tasks' });
        return {};
      },
    });
    const peer = await raw(server.port);
    peer.socket.write(Buffer.concat([encodeFrame(hello())]));
    expect((await peer.next()).head.t).toBe('welcome');
    expect((await peer.next()).head.t).toBe('tasks');
  });

  test('cuts off strangers who send more than a hello, or garbage', async () => {
    const server = await serve();
    for (const bytes of [encodeFrame(hello(), new Uint8Array(100_000)), Buffer.from('GET / HTTP/1.1\r\n\r\n')]) {
      const peer = await raw(server.port);
      peer.socket.write(bytes);
      await peer.closed;
      expect(peer.frames).toEqual([]);
    }
    expect(server.peers).toEqual([]);
  });
});

describe('requests', () => {
  test('get their own replies, with bodies, many at a time and in order', async () => {
    const server = await serve();
    const { connection } = await dial(server.port);
    const sizes = [0, 1, 70_000, 5, 1_000_000, 3];
    const order: number[] = [];
    const replies = await Promise.all(
      sizes.map(async (size, n) => {
        const reply = await connection.request({ t: 'put', n }, { timeoutMs: 5_000, body: Buffer.alloc(size, n) });
        order.push(n);
        return reply;
      }),
    );
    expect(order).toEqual([0, 1, 2, 3, 4, 5]);
    replies.forEach(({ head, body }, n) => {
      expect(head['head']).toMatchObject({ t: 'put', n });
      expect(Buffer.compare(body, Buffer.alloc(sizes[n] ?? 0, n))).toBe(0);
    });
  });

  test('end with outcome-unknown when no reply comes in time', async () => {
    const server = await serve({ onPeer: () => ({}) });
    const { connection } = await dial(server.port);
    await expect(connection.request({ t: 'put' }, { timeoutMs: 20 })).rejects.toMatchObject({
      code: 'outcome-unknown',
    });
    expect(connection.open).toBe(true);
  });

  test('end with outcome-unknown when the connection is lost, and with unreachable after that', async () => {
    const server = await serve({ onPeer: () => ({}) });
    const dialled = await dial(server.port);
    const pending = dialled.connection.request({ t: 'put' }, { timeoutMs: 60_000 });
    await server.close();
    await expect(pending).rejects.toMatchObject({ code: 'outcome-unknown', definite: false });
    await expect(dialled.connection.request({ t: 'put' }, { timeoutMs: 10 })).rejects.toMatchObject({
      code: 'unreachable',
      definite: true,
    });
    expect(dialled.closed).toHaveLength(1);
  });

  test('that are too large are refused before they are sent', async () => {
    const server = await serve();
    const { connection } = await dial(server.port);
    const request = connection.request({ t: 'put' }, { timeoutMs: 1_000, body: new Uint8Array(9 * 1024 * 1024) });
    await expect(request).rejects.toMatchObject({ code: 'too-large' });
    expect((await connection.request({ t: 'get' }, { timeoutMs: 1_000 })).head.t).toBe('echo');
  });

  test('survive one-way traffic in between: frames without id get no reply', async () => {
    const server = await serve();
    const { connection } = await dial(server.port);
    const stray: Frame[] = [];
    connection.onFrame((frame) => stray.push(frame));
    connection.send({ t: 'note' });
    await connection.request({ t: 'get' }, { timeoutMs: 1_000 });
    expect(stray).toEqual([]);
  });
});

describe('a connection', () => {
  test('keeps frames that come before there is a listener', async () => {
    const late = await serve({
      onPeer(peer) {
        setTimeout(() => peer.onFrame((frame) => peer.send({ t: `got ${frame.head.t}` })), 20);
        return {};
      },
    });
    const dialled = await dial(late.port);
    const answered = new Promise((resolve) => dialled.connection.onFrame((frame) => resolve(frame.head.t)));
    dialled.connection.send({ t: 'early' });
    expect(await answered).toBe('got early');
  });

  test('is cut when its peer sends what the node refuses to work with', async () => {
    const server = await serve({
      onPeer(connection) {
        connection.onFrame(() => {
          throw new OrreryError('bad-request', { reason: 'no such frame' });
        });
        return {};
      },
    });
    const { connection } = await dial(server.port);
    const reason = new Promise((resolve) => connection.onClose(resolve));
    connection.send({ t: 'rubbish' });
    expect(await reason).toBe('the peer closed the connection');
  });

  test('delivers what was sent before it was closed', async () => {
    const arrived: string[] = [];
    const sink = await serve({
      onPeer(connection) {
        connection.onFrame((frame) => arrived.push(frame.head.t));
        connection.onClose(() => arrived.push('closed'));
        return {};
      },
    });
    const { connection } = await dial(sink.port);
    for (const t of ['a', 'b', 'c']) connection.send({ t });
    connection.close();
    await expect.poll(() => arrived).toEqual(['a', 'b', 'c', 'closed']);
  });

  test('is dialled again when it is lost, also when the server comes back later', async () => {
    const server = await serve();
    const dialled = await dial(server.port);
    server.peers[0]?.connection.close('test');
    const second = await dialled.opened(2);
    expect(second.open).toBe(true);
    expect(dialled.connection.open).toBe(false);
    await server.close();
    await expect.poll(() => dialled.closed.length).toBe(2);
    await serve({ port: server.port });
    expect((await dialled.opened(3)).open).toBe(true);
  });

  test('is dialled no more after the dialer was closed', async () => {
    const server = await serve();
    const dialled = await dial(server.port);
    dialled.close();
    expect(dialled.connection.open).toBe(false);
    expect(dialled.closed).toEqual(['the node stops']);
    await expect.poll(() => server.peers[0]?.connection.open).toBe(false);
    expect(server.peers).toHaveLength(1);
  });

  test('to a port where nobody listens does not end the process', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await new Promise((resolve) => server.close(resolve));
    const dialled = dial(port);
    await serve({ port });
    expect((await dialled).connection.open).toBe(true);
  });
});

describe('faults', () => {
  const rule = { fault: 'f', peer: 'worker-1', direction: 'both' as const, endsAtMs: Number.POSITIVE_INFINITY };

  test('of delay hold frames back in both directions, in order, and end with them', async () => {
    const server = await serve();
    const { connection } = await dial(server.port);
    await connection.request({ t: 'get' }, { timeoutMs: 1_000 });
    server.shim.set({
      ...rule,
      effect: { kind: 'delay', delayMs: 40, jitterMs: 0 },
      endsAtMs: clock.monotonicMs() + 60_000,
    });
    const startMs = clock.monotonicMs();
    const order: unknown[] = [];
    await Promise.all(
      [0, 1, 2].map(async (n) => {
        await connection.request({ t: 'get', n }, { timeoutMs: 5_000 });
        order.push(n);
      }),
    );
    expect(clock.monotonicMs() - startMs).toBeGreaterThanOrEqual(79);
    expect(order).toEqual([0, 1, 2]);
    server.shim.heal('all');
    expect((await connection.request({ t: 'get' }, { timeoutMs: 1_000 })).head.t).toBe('echo');
  });

  test('of loss lose frames of that peer at once, and spare others', async () => {
    const server = await serve();
    const { connection } = await dial(server.port);
    const other = await dial(server.port, { self: { ...worker, node: 'worker-2' } });
    server.shim.set({
      ...rule,
      direction: 'in',
      effect: { kind: 'drop', probability: 1 },
      endsAtMs: clock.monotonicMs() + 60_000,
    });
    await expect(connection.request({ t: 'get' }, { timeoutMs: 30 })).rejects.toMatchObject({
      code: 'outcome-unknown',
    });
    expect((await other.connection.request({ t: 'get' }, { timeoutMs: 1_000 })).head.t).toBe('echo');
    server.shim.heal('f');
    expect((await connection.request({ t: 'get' }, { timeoutMs: 1_000 })).head.t).toBe('echo');
  });

  test('of loss hold for peers that dial anew', async () => {
    const server = await serve();
    server.shim.set({ ...rule, effect: { kind: 'drop', probability: 1 }, endsAtMs: clock.monotonicMs() + 200 });
    await dial(server.port);
    expect(server.shim.idle).toBe(true);
    expect(server.peers).toHaveLength(1);
  });
});
