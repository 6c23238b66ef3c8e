import { createServer, type Server, type ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { PROTOCOL_VERSION } from '../../../containers/protocol/version.ts';
import { LineReader } from './line-reader.ts';
import { createMonitorClient, type MonitorClient } from './monitor-client.ts';

let server: Server;
let port: number;
let streams: ServerResponse[] = [];
let secrets: (string | undefined)[] = [];
let client: MonitorClient;
let heard: string[] = [];
let waiting: { text: string; resolve: () => void }[] = [];

const hello = (more: object = {}) =>
  `${JSON.stringify({ kind: 'hello', node: 'master', role: 'master', incarnation: 1, protocol: PROTOCOL_VERSION, atMs: 0, ...more })}\n`;
const event = (node: string) =>
  `${JSON.stringify({ kind: 'event', hlc: 'h', atMs: 0, event: { type: 'member-ready', node, incarnation: 1 } })}\n`;

function say(text: string): void {
  heard.push(text);
  for (const one of waiting.filter((known) => heard.includes(known.text))) one.resolve();
}
const hears = (text: string) =>
  new Promise<void>((resolve) => (heard.includes(text) ? resolve() : waiting.push({ text, resolve })));

let connected: (stream: ServerResponse) => void;
const nextStream = () => new Promise<ServerResponse>((resolve) => (connected = resolve));

beforeEach(async () => {
  [streams, secrets, heard, waiting] = [[], [], [], []];
  connected = () => undefined;
  server = createServer((request, response) => {
    secrets.push(request.headers.authorization);
    streams.push(response);
    connected(response);
  });
  port = await new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)),
  );
  client = createMonitorClient(
    { monitor: 'master', base: `http://127.0.0.1:${port}`, secret: 's3cret' },
    {
      onHello: ({ incarnation }) => say(`hello ${incarnation}`),
      onLine: (line) => say(line.kind === 'event' && 'node' in line.event ? `event ${line.event.node}` : line.kind),
      onLost: () => say('lost'),
    },
  );
});
afterEach(async () => {
  client.shut('the test is over');
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

describe('monitor client', () => {
  test('shows its secret and hands on what it hears, wherever the bytes are cut', async () => {
    const stream = nextStream();
    client.open();
    const response = await stream;
    const bytes = Buffer.from(hello() + event('worker-ü'));
    for (const byte of bytes) response.write(Buffer.of(byte));
    await hears('event worker-ü');
    expect(heard).toEqual(['hello 1', 'event worker-ü']);
    expect(secrets).toEqual(['Bearer s3cret']);
    expect(client.connected).toBe(true);
  });

  test('says that it was lost, and starts over', async () => {
    let stream = nextStream();
    client.open();
    const first = await stream;
    first.write(hello());
    await hears('hello 1');
    stream = nextStream();
    first.destroy();
    await hears('lost');
    (await stream).write(hello({ incarnation: 2 }));
    await hears('hello 2');
    expect(heard).toEqual(['hello 1', 'lost', 'hello 2']);
  });

  test.each([
    ['another protocol', hello({ protocol: 99 })],
    ['another node', hello({ node: 'headnode' })],
    ['nonsense', 'nonsense\n'],
    ['an event before the hello', `nonsense\n${event('worker-1')}`],
  ])('does not take %s for a stream, and tries again', async (_, text) => {
    let stream = nextStream();
    client.open();
    const first = await stream;
    stream = nextStream();
    first.write(text);
    (await stream).write(hello());
    await hears('hello 1');
    expect(heard).toEqual(['hello 1']);
  });

  test('a refusal is no stream', async () => {
    let stream = nextStream();
    client.open();
    const first = await stream;
    stream = nextStream();
    first.writeHead(503).end();
    await stream;
    expect(heard).toEqual([]);
  });

  test('shut, it says so once and connects no more until it is opened', async () => {
    let stream = nextStream();
    client.open();
    client.open();
    (await stream).write(hello());
    await hears('hello 1');
    client.shut('enough');
    client.shut('enough');
    expect(heard).toEqual(['hello 1', 'lost']);
    expect(streams).toHaveLength(1);
    stream = nextStream();
    client.open();
    await stream;
    expect(streams).toHaveLength(2);
  });
});

test('lines come out whole, however they are cut', () => {
  const text = fc.array(fc.string({ unit: 'grapheme' }).map((line) => line.replaceAll('\n', '')));
  fc.assert(
    fc.property(text, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (lines, sizes) => {
      const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
      const reader = new LineReader();
      const read: string[] = [];
      for (let at = 0, turn = 0; at < bytes.length; turn++) {
        const size = sizes[turn % sizes.length] ?? 1;
        read.push(...reader.push(bytes.subarray(at, at + size)));
        at += size;
      }
      expect(read).toEqual(lines.filter((line) => line !== ''));
    }),
  );
});
