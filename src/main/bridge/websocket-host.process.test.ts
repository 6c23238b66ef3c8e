import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { HostInfo } from '../../contract/contract.ts';
import { SOCKET_PATH } from '../../contract/names.ts';
import { socketChannel } from '../../contract/rpc/channel.ts';
import { createClient } from '../../contract/rpc/client.ts';
import { fakeHandlers } from '../../contract/rpc/fake-handlers.ts';
import { startWebHost, type WebHost } from './websocket-host.ts';

const info: HostInfo = { host: 'web', version: '1', platform: 'test', dataFolder: '/tmp' };
const actors: unknown[] = [];
let folder = '';
let host: WebHost;

beforeEach(async () => {
  actors.length = 0;
  folder = mkdtempSync(path.join(os.tmpdir(), 'orrery-web-'));
  writeFileSync(path.join(folder, 'index.html'), 'the page __CSP_NONCE__');
  const handlers = fakeHandlers({
    'host.info': (_, context) => {
      actors.push(context?.actor);
      return Promise.resolve(info);
    },
  });
  host = await startWebHost({ handlers, folder, port: 0 });
});
afterEach(async () => {
  await host.close();
  rmSync(folder, { recursive: true });
});

const get = (url: string, headers: Record<string, string> = {}) => fetch(url, { headers, redirect: 'manual' });
const letIn = async () => (await get(host.url)).headers.get('set-cookie')?.split(';')[0] ?? '';

/** What a raw request gets: fetch sets Host itself and tidies paths. */
function raw(lines: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(Number(new URL(host.origin).port), '127.0.0.1');
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    socket.on('end', () => resolve(text)).on('error', reject);
    socket.write([...lines, 'Connection: close', '', ''].join('\r\n'));
  });
}

/** The status that an upgrade is answered with: 101 when it is taken. */
async function upgrade(headers: Record<string, string>, pathname = SOCKET_PATH): Promise<number> {
  const socket = new WebSocket(`${host.origin.replace('http', 'ws')}${pathname}`, { headers });
  return new Promise((resolve) => {
    socket.on('error', () => {});
    socket.on('unexpected-response', (_, response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    socket.on('open', () => {
      socket.close();
      resolve(101);
    });
  });
}

describe('pages', () => {
  test('the token is exchanged for a cookie that scripts and other sites cannot use', async () => {
    const answer = await get(host.url);
    expect(answer.status).toBe(303);
    expect(answer.headers.get('location')).toBe('/');
    expect(answer.headers.get('set-cookie')).toMatch(/^orrery_\d+=[\w-]{32}; HttpOnly; SameSite=Strict; Path=\/$/);
    expect(answer.headers.get('set-cookie')).not.toContain(host.token);
    const page = await get(`${host.origin}/`, { Cookie: await letIn() });
    expect(page.status).toBe(200);
    expect(await page.text()).toMatch(/^the page [\w-]{22}$/);
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
  });

  test('without the cookie, or with a wrong one or a wrong token, there is nothing to see', async () => {
    const answers = await Promise.all([
      get(`${host.origin}/`),
      get(`${host.origin}/?token=wrong`),
      get(`${host.origin}/?token=`),
      get(`${host.origin}/`, { Cookie: `${(await letIn()).split('=')[0]}=wrong` }),
      get(`${host.origin}/index.html`, { Authorization: `Bearer ${host.token}` }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401]);
    expect(await answers[0]?.text()).toContain('Open the address with ?token=');
  });

  test('a foreign name for this machine is refused, even with the token', async () => {
    const answer = await raw([`GET /?token=${host.token} HTTP/1.1`, 'Host: evil.example']);
    expect(answer).toMatch(/^HTTP\/1\.1 403 /);
    expect(answer).not.toContain('Set-Cookie');
  });

  test('nothing outside the folder is served, and only read', async () => {
    writeFileSync(path.join(path.dirname(folder), 'orrery-outside.json'), '{}');
    const cookie = `Cookie: ${await letIn()}`;
    const hostLine = 'Host: 127.0.0.1';
    for (const target of ['/../orrery-outside.json', '/%2e%2e/orrery-outside.json', '/..%2forrery-outside.json']) {
      expect(await raw([`GET ${target} HTTP/1.1`, hostLine, cookie])).toMatch(/^HTTP\/1\.1 404 /);
    }
    expect(await raw(['GET http:// HTTP/1.1', hostLine, cookie])).toMatch(/^HTTP\/1\.1 40[04] /);
    expect(await raw(['POST / HTTP/1.1', hostLine, cookie])).toMatch(/^HTTP\/1\.1 405 .*Allow: GET, HEAD/s);
    rmSync(path.join(path.dirname(folder), 'orrery-outside.json'));
  });
});

describe('the socket', () => {
  test('is open to our page with its cookie, and to the command line with the token', async () => {
    expect(await upgrade({ Cookie: await letIn(), Origin: host.origin })).toBe(101);
    expect(await upgrade({ Authorization: `Bearer ${host.token}` })).toBe(101);
  });

  test('is closed to everybody else', async () => {
    const cookie = await letIn();
    const bearer = `Bearer ${host.token}`;
    expect({
      stranger: await upgrade({ Origin: host.origin }),
      wrongToken: await upgrade({ Authorization: 'Bearer wrong' }),
      foreignPage: await upgrade({ Cookie: cookie, Origin: 'http://evil.example' }),
      otherPort: await upgrade({ Cookie: cookie, Origin: 'http://127.0.0.1:1' }),
      noOrigin: await upgrade({ Cookie: cookie }),
      foreignPageWithToken: await upgrade({ Authorization: bearer, Origin: 'http://evil.example' }),
      foreignHost: await upgrade({ Authorization: bearer, Host: 'evil.example' }),
      otherPath: await upgrade({ Authorization: bearer }, '/other'),
    }).toEqual({
      stranger: 401,
      wrongToken: 403,
      foreignPage: 403,
      otherPort: 403,
      noOrigin: 403,
      foreignPageWithToken: 403,
      foreignHost: 403,
      otherPath: 404,
    });
  });

  test('carries the contract, and who asks', async () => {
    const connect = (headers: Record<string, string>) => async () => {
      const socket = new WebSocket(`${host.origin.replace('http', 'ws')}${SOCKET_PATH}`, { headers });
      await once(socket, 'open');
      return socketChannel(socket);
    };
    const page = createClient(connect({ Cookie: await letIn(), Origin: host.origin }));
    const commandLine = createClient(connect({ Authorization: `Bearer ${host.token}` }));
    expect(await page.call('host.info', undefined)).toEqual(info);
    expect(await commandLine.call('host.info', undefined)).toEqual(info);
    expect(actors).toEqual(['user', 'command-line']);
    page.close();
    commandLine.close();
  });

  test('hangs up on messages that are too long or no text', async () => {
    for (const message of ['x'.repeat(8 * 1_048_576 + 1), Buffer.from('{}')]) {
      const socket = new WebSocket(`${host.origin.replace('http', 'ws')}${SOCKET_PATH}`, {
        headers: { Authorization: `Bearer ${host.token}` },
      });
      socket.on('error', () => {});
      await once(socket, 'open');
      socket.send(message);
      const [code] = (await once(socket, 'close')) as [number];
      expect([1003, 1009]).toContain(code);
    }
  });
});

test('a taken port is refused by name', async () => {
  const port = Number(new URL(host.origin).port);
  await expect(startWebHost({ handlers: fakeHandlers(), folder, port })).rejects.toMatchObject({
    code: 'port-taken',
    details: { port },
  });
});
