import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { OrreryError } from '../../../containers/protocol/errors.ts';
import { importRecords, readRecord, recordVersions } from './record-requests.ts';
import { calculate, deleteRecord, getRecord, listRecords, listTasks, putRecord, type Endpoints } from './requests.ts';

type Seen = { line: string; body: string; type: string | undefined; condition?: string };

let server: Server;
let endpoints: Endpoints;
let seen: Seen[] = [];
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let clockMs = 0;
const monotonicMs = () => (clockMs += 7);

const json = (status: number, body: unknown, headers: Record<string, string> = {}) => {
  answer = (_, response) => response.writeHead(status, headers).end(JSON.stringify(body));
};

beforeEach(async () => {
  seen = [];
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => {
      const { 'content-type': type, 'if-match': match, 'if-none-match': none } = request.headers;
      const condition = match === undefined ? none && `if-none-match ${none}` : `if-match ${match}`;
      seen.push({ line: `${request.method} ${request.url}`, body, type, ...(condition && { condition }) });
      answer(request, response);
    });
  });
  const port = await new Promise<number>((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)),
  );
  endpoints = { master: `http://127.0.0.1:${port}`, headnode: `http://127.0.0.1:${port}` };
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

describe('calculate', () => {
  test('gives result, worker and time', async () => {
    json(200, { status: 'done', result: 20, assigned_to: 'worker-2' });
    const request = await calculate(endpoints, '4 * (2 + 3)', monotonicMs);
    expect(request).toMatchObject({
      kind: 'calculate',
      subject: '4 * (2 + 3)',
      outcome: 'ok',
      answer: '20',
      worker: 'worker-2',
      tookMs: 7,
    });
    expect(seen).toEqual([
      { line: 'POST /submit-task?wait=10s', body: '{"payload":"4 * (2 + 3)"}', type: 'application/json' },
    ]);
  });

  test('a task that failed is an error with its reason and its worker', async () => {
    json(200, { status: 'failed', error: 'division by zero', result: null, assigned_to: 'worker-1' });
    expect(await calculate(endpoints, '1/0', monotonicMs)).toMatchObject({
      outcome: 'error',
      answer: 'division by zero',
      worker: 'worker-1',
    });
  });

  test('a task that is not done in time is unknown', async () => {
    json(202, { status: 'pending', result: null, assigned_to: null });
    expect(await calculate(endpoints, '1', monotonicMs)).toMatchObject({
      outcome: 'unknown',
      code: 'deadline-exceeded',
    });
  });

  test('a refusal keeps its code and its own sentence', async () => {
    json(400, new OrreryError('bad-expression', { reason: 'a number is missing' }).toBody());
    expect(await calculate(endpoints, '4 *', monotonicMs)).toMatchObject({
      outcome: 'error',
      code: 'bad-expression',
      answer: 'This is not an expression: a number is missing.',
    });
  });

  test.each<[string, (request: IncomingMessage, response: ServerResponse) => void, string, string]>([
    [
      'may have happened',
      (_, response) => response.writeHead(503).end(JSON.stringify(new OrreryError('outcome-unknown').toBody())),
      'unknown',
      'outcome-unknown',
    ],
    ['was cut off', (request) => request.socket.destroy(), 'unknown', 'outcome-unknown'],
    ['is not from us', (_, response) => response.writeHead(502).end('<html>'), 'unknown', 'internal'],
    ['is no JSON', (_, response) => response.writeHead(200).end('nonsense'), 'unknown', 'internal'],
  ])('an answer that %s', async (_, reply, outcome, code) => {
    answer = reply;
    expect(await calculate(endpoints, '1', monotonicMs)).toMatchObject({ outcome, code });
  });

  test('nobody there: it certainly did not happen', async () => {
    const nobody = { ...endpoints, master: 'http://127.0.0.1:1' };
    expect(await calculate(nobody, '1', monotonicMs)).toMatchObject({ outcome: 'error', code: 'starting' });
  });
});

const textUnder = (key: string) => ({
  key,
  value: 'hello',
  encoding: 'text' as const,
  contentType: 'text/plain; charset=utf-8',
  ifVersion: null,
});

describe('records', () => {
  test('put: where it lies, and the line for a terminal', async () => {
    json(201, { key: "it's", version: 4, replicas: ['datanode-1', 'datanode-3'] });
    const request = await putRecord(endpoints, textUnder("it's/ü"), monotonicMs);
    expect(request).toMatchObject({
      outcome: 'ok',
      answer: '4',
      replicas: ['datanode-1', 'datanode-3'],
      subject: "it's/ü",
    });
    expect(seen).toEqual([{ line: "PUT /records/it's%2F%C3%BC", body: 'hello', type: 'text/plain; charset=utf-8' }]);
    expect(request.curl).toContain(`-X PUT '${endpoints.headnode}/records/it'\\''s%2F%C3%BC'`);
  });

  test('put: bytes, their type, and only where nothing is', async () => {
    json(201, { key: 'k', version: 1, replicas: [] });
    const bytes = { key: 'k', value: 'aGVsbG8=', encoding: 'base64', contentType: 'image/png' } as const;
    const { curl } = await putRecord(endpoints, { ...bytes, ifVersion: 'absent' }, monotonicMs);
    expect(seen).toEqual([{ line: 'PUT /records/k', body: 'hello', type: 'image/png', condition: 'if-none-match *' }]);
    expect(curl).toContain('--data-binary @value');
  });

  test('read: the bytes and what is known of them; null when it is not there', async () => {
    const headers = { ETag: '"7"', 'Content-Type': 'a/b', 'Last-Modified': 'Thu, 26 Nov 2026 00:00:00 GMT' };
    answer = (_, response) => response.writeHead(200, headers).end(Buffer.from([0, 255]));
    expect(await readRecord(endpoints.headnode, 'a')).toEqual({
      key: 'a',
      version: 7,
      contentType: 'a/b',
      updatedAt: '2026-11-26T00:00:00.000Z',
      replicas: [],
      valueBase64: 'AP8=',
    });
    json(404, new OrreryError('not-found', { what: 'Record a' }).toBody());
    expect(await readRecord(endpoints.headnode, 'a')).toBeNull();
    json(503, new OrreryError('views-lost', { nodes: 'datanode-2' }).toBody());
    await expect(readRecord(endpoints.headnode, 'a')).rejects.toMatchObject({ code: 'views-lost' });
  });

  test('versions: those that are there', async () => {
    answer = (request, response) =>
      request.url === '/records/b' ? response.writeHead(404).end() : response.writeHead(200, { ETag: '"2"' }).end();
    expect(await recordVersions(endpoints.headnode, ['a', 'b', 'c'])).toEqual([2, null, 2]);
  });

  test('import: a result a record, and one request for the journal that says what was refused', async () => {
    const refused = { key: 'b', status: 503, error: 'Nobody knows.', code: 'outcome-unknown', definite: false };
    json(207, { results: [{ key: 'a', status: 201, version: 1, replicas: [] }, refused] });
    const records = [
      { key: 'a', value: 'x' },
      { key: 'b', value: 'y' },
    ];
    const { results, request } = await importRecords(endpoints.headnode, records, monotonicMs);
    expect(results.map(({ status }) => status)).toEqual([201, 503]);
    expect(request).toMatchObject({ subject: '2', outcome: 'unknown', code: 'outcome-unknown' });
    expect(request.answer).toContain('Nobody knows');
  });

  test('get: value, version and replicas; null when it is not there', async () => {
    answer = (_, response) =>
      response
        .writeHead(200, { ETag: '"7"', 'Content-Type': 'text/plain', 'X-Record-Replicas': 'datanode-1, datanode-2' })
        .end('hello');
    expect(await getRecord(endpoints, 'a', monotonicMs)).toMatchObject({
      outcome: 'ok',
      answer: 'hello',
      record: {
        key: 'a',
        version: 7,
        value: 'hello',
        contentType: 'text/plain',
        replicas: ['datanode-1', 'datanode-2'],
      },
    });
    json(404, new OrreryError('not-found', { what: 'Record a' }).toBody());
    expect(await getRecord(endpoints, 'a', monotonicMs)).toMatchObject({
      outcome: 'error',
      code: 'not-found',
      record: null,
    });
  });

  test('delete', async () => {
    answer = (_, response) => response.writeHead(204).end();
    expect(await deleteRecord(endpoints, { key: 'a', ifVersion: 3 }, monotonicMs)).toMatchObject({
      kind: 'record-delete',
      outcome: 'ok',
    });
    expect(seen).toMatchObject([{ line: 'DELETE /records/a', condition: 'if-match "3"' }]);
  });

  test('a key that is no text is refused', async () => {
    await expect(putRecord(endpoints, textUnder('\ud800'), monotonicMs)).rejects.toMatchObject({ code: 'bad-key' });
  });

  test('lists pass their query on, and reject with the node’s error', async () => {
    json(200, { records: [], next: 'b' });
    expect(await listRecords(endpoints, { prefix: 'a b', contains: 'ü', after: 'k&', limit: 5, values: true })).toEqual(
      { records: [], next: 'b' },
    );
    expect(seen[0]?.line).toBe('GET /records?prefix=a+b&limit=5&contains=%C3%BC&after=k%26&values=base64');
    json(503, new OrreryError('starting', { node: 'headnode' }).toBody());
    await expect(
      listRecords(endpoints, { prefix: '', contains: '', after: null, limit: 5, values: false }),
    ).rejects.toMatchObject({
      code: 'starting',
    });
  });

  test('tasks are listed, no more than asked for', async () => {
    json(200, [{ id: '1' }, { id: '2' }]);
    expect(await listTasks(endpoints, 1)).toEqual([{ id: '1' }]);
  });
});
