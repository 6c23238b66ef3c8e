import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { FaultOrder } from '../protocol/control.ts';
import type { ProbeAnswer } from '../protocol/roles.ts';
import { orderNode } from './fault-relay.ts';
import { serveProbe } from './probe-server.ts';

let close = async (): Promise<void> => {};
afterEach(() => close());

const answer: ProbeAnswer = { node: 'worker-1', role: 'worker', incarnation: 3, ready: true };

async function serve(ready: () => boolean): Promise<string> {
  const orders: FaultOrder[] = [];
  const faults = {
    perform(order: FaultOrder) {
      orders.push(order);
      return Promise.resolve({ rules: [], past: [], heard: [], pings: [], syncsMs: [orders.length] });
    },
  };
  const options = { bind: '127.0.0.1', port: 0, secret: 's3cret', faults };
  const server = await serveProbe({ ...options, answer: () => ({ ...answer, ready: ready() }) });
  close = server.close;
  return `http://127.0.0.1:${server.port}`;
}

describe('probe port', () => {
  test('answers with the identity of the process, and 503 until it is ready', async () => {
    let ready = false;
    const url = await serve(() => ready);
    const starting = await fetch(url);
    expect([starting.status, await starting.json()]).toEqual([503, { ...answer, ready: false }]);
    ready = true;
    const running = await fetch(`${url}/?from=master`);
    expect([running.status, await running.json()]).toEqual([200, answer]);
    const head = await fetch(url, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
  });

  test('answers nothing else', async () => {
    const url = await serve(() => true);
    expect((await fetch(`${url}/secret`)).status).toBe(404);
    expect((await fetch(url, { method: 'POST', body: 'x' })).status).toBe(404);
  });

  test('takes orders about faults from those who know the secret', async () => {
    const url = await serve(() => false);
    const order = { node: 'worker-1', address: new URL(url).host, order: { do: 'list' } } as const;
    expect(await orderNode({ ...order, secret: 's3cret' })).toMatchObject({ syncsMs: [1] });
    await expect(orderNode({ ...order, secret: 'guess' })).rejects.toMatchObject({ code: 'unreachable' });
    const headers = { Authorization: 'Bearer s3cret' };
    const refused = await fetch(`${url}/faults`, { method: 'POST', headers, body: '{"do":' });
    expect(refused.status).toBe(500);
    expect((await fetch(`${url}/faults`, { headers })).status).toBe(404);
  });

  test('takes a request in pieces and cuts off endless ones', async () => {
    const url = await serve(() => true);
    const port = Number(new URL(url).port);
    const pieces = await talk(port, async (write) => {
      for (const piece of ['GET / HT', 'TP/1.1\r\nHost: x\r', '\n\r\n']) {
        write(piece);
        await new Promise((resolve) => setImmediate(resolve));
      }
    });
    expect(pieces).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(await talk(port, (write) => write(`GET / HTTP/1.1\r\nX: ${'y'.repeat(20_000)}`))).toBe('');
  });
});

function talk(port: number, say: (write: (text: string) => void) => unknown): Promise<string> {
  return new Promise((resolve) => {
    let heard = '';
    const socket = connect({ port, host: '127.0.0.1' });
    socket.on('data', (chunk) => (heard += chunk.toString()));
    socket.on('error', () => {});
    socket.on('close', () => resolve(heard));
    say((text) => socket.write(text));
  });
}
