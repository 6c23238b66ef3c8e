import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { taskHandlers } from './task-handlers.ts';

type Seen = { line: string; body: unknown; authorization: string | undefined };

let server: Server;
let base: string;
let seen: Seen[] = [];
let reply: { status: number; body: unknown };
let asked: string[] = [];
const handlers = () => taskHandlers((monitor) => (asked.push(monitor), { base, secret: 's3' }));

beforeEach(async () => {
  seen = [];
  asked = [];
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => {
      const { authorization } = request.headers;
      seen.push({ line: `${request.method} ${request.url}`, body: body && JSON.parse(body), authorization });
      response.writeHead(reply.status).end(JSON.stringify(reply.body));
    });
  });
  const port = await new Promise<number>((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)),
  );
  base = `http://127.0.0.1:${port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

test('a search names only what is asked for', async () => {
  reply = { status: 200, body: [{ id: 'a' }] };
  const query = { search: '4 * (2', status: 'failed', after: null, limit: 50 } as const;
  expect(await handlers()['tasks.search'](query)).toEqual([{ id: 'a' }]);
  await handlers()['tasks.search']({ worker: 'worker-1', after: 'x/1', limit: 1 });
  expect(seen.map(({ line }) => line)).toEqual([
    'GET /tasks?search=4+*+%282&status=failed&limit=50',
    'GET /tasks?worker=worker-1&after=x%2F1&limit=1',
  ]);
});

test('an id is one part of the path, whatever it holds', async () => {
  reply = { status: 200, body: { task: 'a/b', status: 'done', attempts: 1, history: [] } };
  expect(await handlers()['tasks.attempts']({ id: 'a/b' })).toMatchObject({ status: 'done' });
  expect(seen[0]?.line).toBe('GET /tasks/a%2Fb/attempts');
});

test('an order becomes a batch under its own id', async () => {
  reply = { status: 201, body: { batch: { id: 'o1', total: 2 }, ids: ['o1.1', 'o1.2'] } };
  const payloads = [{ fruit: 'pear' }, { fruit: 'fig' }];
  const batch = await handlers()['tasks.submit-batch']({ id: 'o1', name: null, kind: 'fruit', payloads });
  expect(batch).toMatchObject({ id: 'o1', total: 2 });
  expect(seen[0]).toMatchObject({
    line: 'POST /tasks/batch',
    body: { batch_id: 'o1', tasks: payloads.map((payload) => ({ kind: 'fruit', payload })) },
    authorization: undefined,
  });
});

test('the detector is changed with the secret, and a refusal keeps its code', async () => {
  reply = { status: 200, body: { thresholdRoute: 6 } };
  for (const monitor of ['headnode', 'master'] as const) {
    expect(await handlers()['detector.set']({ monitor, thresholdRoute: 6 })).toEqual({ thresholdRoute: 6 });
  }
  expect(asked).toEqual(['headnode', 'master']);
  expect(seen[0]).toEqual({ line: 'POST /control/detector', body: { thresholdRoute: 6 }, authorization: 'Bearer s3' });
  reply = { status: 404, body: { code: 'not-found', error: 'Task q is not there', details: {} } };
  await expect(handlers()['tasks.attempts']({ id: 'q' })).rejects.toMatchObject({ code: 'not-found' });
});

test('a redrive and the list of batches go to their places', async () => {
  reply = { status: 200, body: { count: 3 } };
  await handlers()['tasks.redrive']({ filter: { kind: 'echo' }, preview: true });
  await handlers()['tasks.batches']({ limit: 20 });
  expect(seen.map(({ line }) => line)).toEqual(['POST /tasks/redrive', 'GET /batches?limit=20']);
  expect(seen[0]?.body).toEqual({ filter: { kind: 'echo' }, preview: true });
});
