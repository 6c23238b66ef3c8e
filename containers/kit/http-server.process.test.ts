/** The HTTP server over real sockets. */
import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { OrreryError, type ErrorBody } from '../protocol/errors.ts';
import { serveHttp, type Route } from './http-server.ts';

const SECRET = '0123456789abcdef';
const LIMIT = 1_000;
let close = async (): Promise<void> => {};
afterEach(() => close());

const echoBody = z.strictObject({ text: z.string() });
const aborted: string[] = [];
const openApi = z.looseObject({
  openapi: z.string(),
  paths: z.record(z.string(), z.record(z.string(), z.looseObject({}))),
});

const routes: Route[] = [
  { method: 'GET', path: '/health', summary: 'Health', handle: () => ({ status: 200, json: { status: 'healthy' } }) },
  {
    method: 'GET',
    path: '/tasks/:id',
    summary: 'One task',
    handle: ({ params, query }) => ({ status: 200, json: { ...params, wait: query.get('wait') } }),
  },
  {
    method: 'GET',
    path: '/records/*',
    summary: 'One record',
    handle: ({ params }) => ({ status: 200, body: params['*'] ?? '' }),
  },
  {
    method: 'PUT',
    path: '/records/*',
    summary: 'Store',
    handle: async (request) => ({ status: 201, json: { size: (await request.readBody(LIMIT)).length } }),
  },
  { method: 'DELETE', path: '/records/*', summary: 'Delete', handle: () => ({ status: 204 }) },
  {
    method: 'POST',
    path: '/echo',
    summary: 'Echo',
    body: echoBody,
    answers: { 200: echoBody, 409: 'Never' },
    handle: async (request) => ({ status: 200, json: await request.readJson(echoBody, LIMIT) }),
  },
  { method: 'POST', path: '/control/stop', summary: 'Control', control: true, handle: () => ({ status: 204 }) },
  {
    method: 'GET',
    path: '/full',
    summary: 'Full',
    handle: () => {
      throw new OrreryError('too-many', { what: 'The queue', limit: 3, retryAfterS: 7 });
    },
  },
  {
    method: 'GET',
    path: '/bug',
    summary: 'Bug',
    handle: async () => {
      throw new TypeError('oops');
    },
  },
  {
    method: 'GET',
    path: '/bad-header',
    summary: 'Bad header',
    handle: () => ({ status: 200, headers: { 'X-Bad': 'a\nb' }, json: {} }),
  },
  {
    method: 'GET',
    path: '/wait',
    summary: 'Waits',
    handle: ({ signal }) =>
      new Promise((resolve) => {
        aborted.push('asked');
        signal.addEventListener('abort', () => {
          aborted.push('gone');
          resolve({ status: 200 });
        });
      }),
  },
  {
    method: 'GET',
    path: '/stream',
    summary: 'Stream',
    handle: () => ({
      status: 200,
      stream: async (write, signal) => {
        write('one\n');
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
      },
    }),
  },
  {
    method: 'GET',
    path: '/cut',
    summary: 'Cut',
    handle: () => ({
      status: 200,
      stream: (write) => {
        write('half');
        throw new Error('cut');
      },
    }),
  },
];

async function serve(): Promise<{ url: string; port: number }> {
  const server = await serveHttp({ bind: '127.0.0.1', port: 0, node: 'master', secret: SECRET, routes });
  close = server.close;
  return { url: `http://127.0.0.1:${server.port}`, port: server.port };
}

/** The error body of an answer. */
async function errorOf(answer: Response): Promise<ErrorBody> {
  return (await answer.json()) as ErrorBody;
}

/** Sends bytes and returns all that comes until the server closes. */
function talk(port: number, bytes: string | Uint8Array): Promise<string> {
  return new Promise((resolve) => {
    let heard = '';
    const socket = connect({ port, host: '127.0.0.1' });
    socket.on('data', (chunk) => (heard += chunk.toString()));
    socket.on('error', () => {});
    socket.on('close', () => resolve(heard));
    socket.write(bytes);
  });
}

describe('routes', () => {
  test('answer JSON with a length and without a date, over one connection', async () => {
    const { port } = await serve();
    const heard = await talk(
      port,
      'GET /health HTTP/1.1\r\nHost: x\r\n\r\nGET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    );
    expect(heard.match(/HTTP\/1\.1 200 OK\r\n/g)).toHaveLength(2);
    expect(heard).toContain('Content-Length: 20\r\n');
    expect(heard).toContain('Content-Type: application/json\r\n');
    expect(heard).not.toMatch(/^Date|Transfer-Encoding/im);
  });

  test('get decoded parameters, wildcards and the query', async () => {
    const { url } = await serve();
    expect(await (await fetch(`${url}/tasks/a%2Fb%20c?wait=5s`)).json()).toEqual({ id: 'a/b c', wait: '5s' });
    for (const path of ['weather/paris', 'weather%2Fparis', 'weather/%70aris']) {
      expect(await (await fetch(`${url}/records/${path}`)).text()).toBe('weather/paris');
    }
    expect(await (await fetch(`${url}/records/${encodeURIComponent('ключ %/é')}`)).text()).toBe('ключ %/é');
    expect(await (await fetch(`${url}/records/${'k'.repeat(2_000)}`)).text()).toBe('k'.repeat(2_000));
  });

  test('that answer GET answer HEAD without a body', async () => {
    const { url } = await serve();
    const head = await fetch(`${url}/health`, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '20', '']);
  });

  test('answer 204 without a length', async () => {
    const { port } = await serve();
    const heard = await talk(port, 'DELETE /records/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    expect(heard).toMatch(/^HTTP\/1\.1 204 No Content\r\n/);
    expect(heard).not.toContain('Content-Length');
  });

  test('are found under a whole URL as proxies send it', async () => {
    const { port } = await serve();
    expect(await talk(port, 'GET http://host:1/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')).toContain(
      'healthy',
    );
  });
});

describe('refusals', () => {
  test('name the code, for paths, methods and encodings', async () => {
    const { url } = await serve();
    const missing = await fetch(`${url}/nothing`);
    expect([missing.status, await missing.json()]).toMatchObject([
      404,
      { code: 'not-found', definite: true, error: '/nothing does not exist.' },
    ]);
    const method = await fetch(`${url}/records/a`, { method: 'POST', body: 'x' });
    expect([method.status, method.headers.get('allow')]).toEqual([405, 'GET, PUT, DELETE, HEAD']);
    expect((await fetch(`${url}/tasks/%ff`)).status).toBe(400);
    expect((await fetch(`${url}/records/%zz`)).status).toBe(400);
    expect((await fetch(`${url}/health`, { method: 'PATCH' })).status).toBe(405);
  });

  test('of control endpoints need the whole secret', async () => {
    const { url } = await serve();
    const call = (authorization?: string) =>
      fetch(`${url}/control/stop`, { method: 'POST', ...(authorization && { headers: { authorization } }) });
    expect((await call(`Bearer ${SECRET}`)).status).toBe(204);
    for (const wrong of [undefined, 'Bearer', `Bearer ${SECRET}x`, `Bearer ${SECRET.slice(1)}`, `Basic ${SECRET}`]) {
      const answer = await call(wrong);
      expect([answer.status, (await errorOf(answer)).code]).toEqual([401, 'unauthorized']);
    }
  });

  test('tell when to come back', async () => {
    const { url } = await serve();
    const full = await fetch(`${url}/full`);
    expect([full.status, full.headers.get('retry-after')]).toEqual([429, '7']);
  });

  test('of our own faults are 500, and the server goes on', async () => {
    const { url } = await serve();
    for (const path of ['/bug', '/bad-header']) {
      const answer = await fetch(`${url}${path}`);
      expect([answer.status, (await errorOf(answer)).code]).toEqual([500, 'internal']);
    }
    expect((await fetch(`${url}/health`)).status).toBe(200);
  });

  test('of what is not HTTP are answered and closed', async () => {
    const { port } = await serve();
    expect(await talk(port, 'nonsense\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 .*bad-request/s);
    expect(await talk(port, `GET / HTTP/1.1\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431 /);
    expect(await talk(port, 'GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n')).toMatch(
      /^HTTP\/1\.1 400 /,
    );
  });
});

describe('bodies', () => {
  const post = (url: string, body: string | Uint8Array<ArrayBuffer>) => fetch(`${url}/echo`, { method: 'POST', body });

  test('are checked against the schema', async () => {
    const { url } = await serve();
    const good = await post(url, '{"text":"é"}');
    expect([good.status, await good.json()]).toEqual([200, { text: 'é' }]);
    const cases: [string | Uint8Array<ArrayBuffer>, number, string][] = [
      ['{"text":', 400, 'bad-json'],
      ['', 400, 'bad-json'],
      [Uint8Array.of(0x22, 0xff, 0x22), 400, 'bad-json'],
      ['{"text":5}', 422, 'unprocessable'],
      ['{"text":"a","more":1}', 422, 'unprocessable'],
      [`{"text":"${'x'.repeat(LIMIT)}"}`, 413, 'too-large'],
    ];
    for (const [body, status, code] of cases) {
      const answer = await post(url, body);
      expect([answer.status, (await errorOf(answer)).code]).toEqual([status, code]);
    }
    const wrong = await post(url, '{"text":5}');
    expect((await errorOf(wrong)).error).toMatch(/text: .*string/);
  });

  test('at the limit pass, one byte more does not', async () => {
    const { url } = await serve();
    const put = (size: number) => fetch(`${url}/records/a`, { method: 'PUT', body: new Uint8Array(size) });
    expect(await (await put(LIMIT)).json()).toEqual({ size: LIMIT });
    expect((await put(LIMIT + 1)).status).toBe(413);
    expect(await (await put(0)).json()).toEqual({ size: 0 });
  });

  test('announced too large are refused before they come, and the connection is closed', async () => {
    const { port } = await serve();
    const heard = await talk(
      port,
      `PUT /records/a HTTP/1.1\r\nHost: x\r\nContent-Length: ${LIMIT * 1000}\r\n\r\nonly this`,
    );
    expect(heard).toMatch(/^HTTP\/1\.1 413 /);
    expect(heard).toContain('Connection: close\r\n');
    expect(heard).toContain('"code":"too-large"');
  });

  test('of unknown length are refused while they come', async () => {
    const { port } = await serve();
    const chunk = `${LIMIT.toString(16)}\r\n${'x'.repeat(LIMIT)}\r\n`;
    const heard = await talk(
      port,
      `PUT /records/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}${chunk}${chunk}`,
    );
    expect(heard).toMatch(/^HTTP\/1\.1 413 /);
    expect(heard).toContain('too-large');
  });

  test('that end too early disturb nobody', async () => {
    const { url, port } = await serve();
    const socket = connect({ port, host: '127.0.0.1' });
    socket.write('PUT /records/a HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf');
    await new Promise((resolve) => setImmediate(resolve));
    socket.destroy();
    expect((await fetch(`${url}/health`)).status).toBe(200);
  });

  test('that nobody reads do not stand in the way of the next request', async () => {
    const { port } = await serve();
    const heard = await talk(
      port,
      'POST /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbodyGET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    );
    expect(heard).toMatch(/404 Not Found[\s\S]*200 OK/);
  });
});

describe('long answers', () => {
  test('stream until they are done, and are cut when they fail', async () => {
    const { url } = await serve();
    await expect(fetch(`${url}/cut`).then((answer) => answer.text())).rejects.toThrow();
    const abort = new AbortController();
    const answer = await fetch(`${url}/stream`, { signal: abort.signal });
    const { value } = (await answer.body?.getReader().read()) ?? {};
    expect(Buffer.from(value ?? []).toString()).toBe('one\n');
    abort.abort();
  });

  test('learn that their client has gone', async () => {
    const { port } = await serve();
    const socket = connect({ port, host: '127.0.0.1' });
    socket.write('GET /wait HTTP/1.1\r\nHost: x\r\n\r\n');
    await expect.poll(() => aborted).toEqual(['asked']);
    socket.destroy();
    await expect.poll(() => aborted).toEqual(['asked', 'gone']);
  });

  test('end when the server closes', async () => {
    const { url } = await serve();
    const answer = await fetch(`${url}/stream`);
    const text = answer.text();
    await close();
    expect(await text).toBe('one\n');
  });
});

describe('documentation', () => {
  test('describes the routes as OpenAPI', async () => {
    const { url } = await serve();
    const description = openApi.parse(await (await fetch(`${url}/openapi.json`)).json());
    expect(description.openapi).toBe('3.1.0');
    expect(Object.keys(description.paths)).toEqual(
      expect.arrayContaining(['/health', '/tasks/{id}', '/records/{path}', '/echo']),
    );
    expect(Object.keys(description.paths['/records/{path}'] ?? {})).toEqual(['get', 'put', 'delete']);
    expect(description.paths['/echo']?.['post']).toHaveProperty(
      'requestBody.content.application/json.schema',
      expect.objectContaining({
        type: 'object',
        required: ['text'],
        additionalProperties: false,
      }),
    );
    expect(description.paths['/control/stop']?.['post']?.['security']).toEqual([{ secret: [] }]);
  });

  test('is a page to read, without scripts', async () => {
    const { url } = await serve();
    const page = await fetch(`${url}/docs`);
    const html = await page.text();
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    for (const { path, summary } of routes) {
      expect(html).toContain(path);
      expect(html).toContain(summary);
    }
    expect(html).not.toContain('<script');
  });
});

test('a page of another site can do nothing, whichever way the request takes; programs are not asked who they are', async () => {
  const { url, port } = await serve();
  const status = async (head: string): Promise<string> =>
    (await talk(port, `${head}Connection: close\r\n\r\n`)).slice(9, 12);
  const host = `Host: 127.0.0.1:${port}\r\n`;
  expect((await fetch(`${url}/health`)).status).toBe(200);
  expect(await status(`GET /health HTTP/1.1\r\n${host}Origin: http://127.0.0.1:${port}\r\n`)).toBe('200');
  expect(await status(`GET /health HTTP/1.1\r\n${host}Sec-Fetch-Site: cross-site\r\n`)).toBe('403');
  expect(await status(`GET /health HTTP/1.1\r\nHost: evil.example\r\nSec-Fetch-Site: same-origin\r\n`)).toBe('403');
  const form = `POST /echo HTTP/1.1\r\n${host}Origin: https://evil.example\r\nContent-Type: text/plain\r\nContent-Length: 0\r\n`;
  const answer = await talk(port, `${form}\r\n`.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'));
  expect(answer).toContain('foreign-page');
  expect(answer).not.toContain('Access-Control');
});
