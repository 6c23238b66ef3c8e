/** Plain requests and all others on one connection, over real sockets. */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { serveHttp } from './http-server.ts';
import type { Route } from './http-server.ts';

const HEADERS_TIMEOUT_MS = 200;

let port = 0;
let close = async (): Promise<void> => {};
let gone: string[];
/** Lets the routes under /held go on. */
let release: Map<string, () => void>;

const routes: Route[] = [
  { method: 'GET', path: '/now/:id', summary: 'At once', handle: ({ params }) => ({ status: 200, json: params }) },
  {
    method: 'GET',
    path: '/held/:id',
    summary: 'When it is let go',
    handle: ({ params: { id = '' }, onGone }) =>
      new Promise((resolve) => {
        onGone(() => gone.push(id));
        release.set(id, () => resolve({ status: 200, json: { id } }));
      }),
  },
  {
    method: 'POST',
    path: '/length',
    summary: 'Length of the body',
    handle: async (request) => ({ status: 200, json: { length: (await request.readBody(70_000)).length } }),
  },
  { method: 'GET', path: '/text', summary: 'Text', handle: () => ({ status: 200, body: 'é€' }) },
  { method: 'GET', path: '/long', summary: 'Much', handle: () => ({ status: 200, body: 'x'.repeat(1_000_000) }) },
];

beforeEach(async () => {
  gone = [];
  release = new Map();
  const options = { bind: '127.0.0.1', port: 0, node: 'master', secret: 'x', routes };
  ({ port, close } = await serveHttp({ ...options, headersTimeoutMs: HEADERS_TIMEOUT_MS }));
});
afterEach(() => close());

/** A client that gathers what it hears. */
function dial() {
  const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true });
  let heard = '';
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  socket.on('error', () => {});
  socket.on('data', (chunk) => (heard += chunk.toString()));
  const until = (isThere: (text: string) => boolean): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (isThere(heard)) resolve(heard);
      };
      socket.on('data', look);
      socket.on('close', () => reject(new Error(`closed after ${heard}`)));
      look();
    });
  return { socket, until, closed, heard: () => heard };
}

function get(path: string, headers = ''): string {
  return `GET ${path} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`;
}

/** The ids in answers, in their order. */
function ids(heard: string): string[] {
  return [...heard.matchAll(/"id":"(\w+)"/g)].map(([, id = '']) => id);
}

/** Writes, and resolves when the other side had a turn to read it. */
function send(socket: Socket, bytes: string): Promise<void> {
  return new Promise((resolve) => socket.write(bytes, () => setImmediate(resolve)));
}

describe('a connection', () => {
  test('may be cut anywhere: every answer is the same', async () => {
    const bytes = `POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello${get('/now/a')}`;
    for (let at = 1; at < bytes.length; at += 3) {
      const { socket, until } = dial();
      await send(socket, bytes.slice(0, at));
      await send(socket, bytes.slice(at));
      expect(await until((heard) => heard.includes('"id":"a"'))).toMatch(/200 OK[^]*"length":5[^]*200 OK/);
      socket.destroy();
    }
  });

  test('answers requests sent ahead in their order, one that is slow included', async () => {
    const { socket, until, heard } = dial();
    socket.write(get('/now/a') + get('/held/b') + get('/now/c') + get('/held/d') + get('/now/e'));
    await expect.poll(() => [...release.keys()]).toContain('b');
    socket.write(get('/now/f'));
    expect(ids(heard())).not.toContain('c');
    release.get('b')?.();
    await expect.poll(() => [...release.keys()]).toContain('d');
    release.get('d')?.();
    expect(ids(await until((text) => text.includes('"f"')))).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
    socket.destroy();
  });

  test('answers thousands sent ahead', async () => {
    const { socket, until } = dial();
    socket.write(Array.from({ length: 5_000 }, (_, n) => get(`/now/n${n}`)).join(''));
    expect(ids(await until((heard) => heard.includes('"n4999"')))).toHaveLength(5_000);
    socket.destroy();
  });

  test.each([
    ['HEAD', 'HEAD /now/b HTTP/1.1\r\nHost: x\r\n\r\n', /200 OK/],
    [
      'Expect',
      'POST /length HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi',
      /100 Continue/,
    ],
    [
      'Transfer-Encoding',
      'POST /length HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n',
      /"length":2/,
    ],
    [
      'a long body',
      `POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 70000\r\n\r\n${'x'.repeat(70_000)}`,
      /"length":70000/,
    ],
    ['an unknown path', get('/nothing'), /404 Not Found/],
    ['what is no HTTP', 'nonsense\r\n\r\n', /400 Bad Request/],
  ])('goes over to node:http with %s in its middle, and goes on', async (what, bytes, answer) => {
    const { socket, until, closed, heard } = dial();
    socket.write(get('/now/a'));
    await until((text) => ids(text).includes('a'));
    socket.write(get('/now/b') + bytes + get('/now/c'));
    if (what === 'what is no HTTP') await closed;
    else await until((text) => ids(text).includes('c'));
    expect(heard()).toMatch(answer);
    expect(ids(heard()).slice(0, 2)).toEqual(['a', 'b']);
    socket.destroy();
  });

  test('gives text that is not ASCII in its full length', async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/text`);
    expect([answer.headers.get('content-length'), await answer.text()]).toEqual(['5', 'é€']);
  });

  test('of a client that reads nothing is not answered without end', async () => {
    const { socket, until } = dial();
    socket.pause();
    socket.write(get('/long').repeat(20) + get('/now/z'));
    await send(socket, get('/held/last'));
    expect([...release.keys()]).toEqual([]);
    socket.resume();
    await until((heard) => heard.endsWith('{"id":"z"}'));
    socket.destroy();
  });
});

describe('clients that', () => {
  test.each([
    ['say nothing', ''],
    ['stop in the head', 'GET /now/a HTTP/1.1\r\nHo'],
  ])('%s are told that their time is over', async (_, bytes) => {
    const { socket, closed, heard } = dial();
    socket.write(bytes);
    await closed;
    expect(heard()).toMatch(/^HTTP\/1\.1 408 Request Timeout/);
  });

  test('go are noticed, and those that were answered are not told apart from them', async () => {
    const { socket, until } = dial();
    socket.write(get('/held/a'));
    await expect.poll(() => [...release.keys()]).toEqual(['a']);
    release.get('a')?.();
    await until((heard) => ids(heard).includes('a'));
    socket.write(get('/held/b'));
    await expect.poll(() => [...release.keys()]).toEqual(['a', 'b']);
    socket.destroy();
    await expect.poll(() => gone).toEqual(['b']);
    release.get('b')?.();
    expect((await fetch(`http://127.0.0.1:${port}/text`)).status).toBe(200);
  });

  test('wait when the server closes get their answer', async () => {
    const { socket, closed, heard } = dial();
    socket.write(get('/held/a'));
    await expect.poll(() => [...release.keys()]).toEqual(['a']);
    const ended = close();
    close = async () => {};
    release.get('a')?.();
    await Promise.all([ended, closed]);
    expect(ids(heard())).toEqual(['a']);
  });
});
