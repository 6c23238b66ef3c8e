import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RecordListAnswer, RecordPutAnswer } from '../protocol/records.ts';
import { ProcessCluster } from './process-cluster.ts';

const DATANODES = ['datanode-1', 'datanode-2', 'datanode-3'];
const cluster = new ProcessCluster();

beforeAll(async () => {
  await cluster.start('headnode');
  await Promise.all(DATANODES.map((node) => cluster.start(node)));
  await cluster.replicated(3);
});
afterAll(() => cluster.stop());

async function put(key: string, body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) {
  const response = await cluster.request(`/records/${key}`, { method: 'PUT', body, headers });
  return {
    status: response.status,
    etag: response.headers.get('etag'),
    answer: (await response.json()) as RecordPutAnswer,
  };
}

async function codeOf(response: Response): Promise<[number, string, boolean]> {
  const { code, definite } = (await response.json()) as { code: string; definite: boolean };
  return [response.status, code, definite];
}

async function list(query: string): Promise<RecordListAnswer> {
  const response = await cluster.request(`/records?${query}`);
  expect(response.status).toBe(200);
  return (await response.json()) as RecordListAnswer;
}

describe('the record API', () => {
  test('put creates, then replaces; get gives back bytes and type', async () => {
    const bytes = Uint8Array.from({ length: 300 }, (_, at) => at % 256);
    const created = await put('fruit/mango', bytes, { 'Content-Type': 'application/x-fruit' });
    expect(created.status).toBe(201);
    expect(created.etag).toBe('"1"');
    expect(created.answer.key).toBe('fruit/mango');
    expect(created.answer.version).toBe(1);
    expect(created.answer.replicas.toSorted()).toEqual(DATANODES);
    const found = await cluster.request('/records/fruit%2Fmango');
    expect(found.status).toBe(200);
    expect(new Uint8Array(await found.arrayBuffer())).toEqual(bytes);
    expect(found.headers.get('content-type')).toBe('application/x-fruit');
    expect(found.headers.get('etag')).toBe('"1"');
    expect(found.headers.get('x-record-replicas')?.split(',').toSorted()).toEqual(DATANODES);
    const replaced = await put('fruit/mango', '');
    expect([replaced.status, replaced.etag]).toEqual([200, '"2"']);
    expect(await (await cluster.request('/records/fruit/mango')).text()).toBe('');
  });

  test('head tells the same without the bytes', async () => {
    await put('headed', 'twelve bytes');
    const head = await cluster.request('/records/headed', { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length'), head.headers.get('etag')]).toEqual([200, '12', '"1"']);
    expect((await cluster.request('/records/none', { method: 'HEAD' })).status).toBe(404);
  });

  test('delete: 204, then 404; the next version goes on', async () => {
    await put('gone', 'x');
    expect((await cluster.request('/records/gone', { method: 'DELETE' })).status).toBe(204);
    expect(await codeOf(await cluster.request('/records/gone', { method: 'DELETE' }))).toEqual([
      404,
      'not-found',
      true,
    ]);
    expect(await codeOf(await cluster.request('/records/gone'))).toEqual([404, 'not-found', true]);
    const again = await put('gone', 'y');
    expect([again.status, again.etag]).toEqual([201, '"3"']);
  });

  test('compare-and-set', async () => {
    expect((await put('cas', '1', { 'If-None-Match': '*' })).status).toBe(201);
    expect((await put('cas', '2', { 'If-None-Match': '*' })).status).toBe(412);
    expect((await put('cas', '2', { 'If-Match': '"1"' })).status).toBe(200);
    const lost = await cluster.request('/records/cas', { method: 'PUT', body: '3', headers: { 'If-Match': '"1"' } });
    expect(await codeOf(lost)).toEqual([412, 'precondition-failed', true]);
    expect((await put('cas', '3', { 'If-Match': '"1", "2"' })).status).toBe(200);
    expect((await put('cas-none', 'x', { 'If-Match': '*' })).status).toBe(412);
    const kept = await cluster.request('/records/cas', { method: 'DELETE', headers: { 'If-Match': '"9"' } });
    expect(kept.status).toBe(412);
    expect(await (await cluster.request('/records/cas')).text()).toBe('3');
  });

  test('one Idempotency-Key applies once', async () => {
    const headers = { 'Idempotency-Key': 'order 17' };
    const first = await put('once', 'a', headers);
    await put('once', 'b');
    expect(await put('once', 'a', headers)).toEqual(first);
    expect(await (await cluster.request('/records/once')).text()).toBe('b');
    const other = await cluster.request('/records/once', { method: 'PUT', body: 'c', headers });
    expect(await codeOf(other)).toEqual([409, 'conflict', true]);
  });

  test('lists in key order, page by page, with values when asked', async () => {
    const keys = ['list/a', 'list/b', 'list/b/c', 'list/é', 'list/😀', 'list/ﬀ'];
    for (const key of keys.toReversed())
      await put(encodeURIComponent(key), `{"k":"${key}"}`, { 'Content-Type': 'application/json' });
    // By UTF-8 bytes: ﬀ (U+FB00) before 😀 (U+1F600).
    const sorted = ['list/a', 'list/b', 'list/b/c', 'list/é', 'list/ﬀ', 'list/😀'];
    const seen: string[] = [];
    for (let after = ''; ;) {
      const page = await list(`prefix=list/&limit=2&after=${encodeURIComponent(after)}`);
      seen.push(...page.records.map(({ key }) => key));
      if (page.next === null) break;
      after = page.next;
    }
    expect(seen).toEqual(sorted);
    const { records } = await list('prefix=list/b&values=true');
    expect(records.map(({ key, value, size }) => [key, value, size])).toEqual([
      ['list/b', { k: 'list/b' }, 14],
      ['list/b/c', { k: 'list/b/c' }, 16],
    ]);
    expect((await list('prefix=nothing')).next).toBeNull();
    const first = await list('contains=t/b&limit=1');
    expect([first.records.map(({ key }) => key), first.next]).toEqual([['list/b'], 'list/b']);
    const second = await list(`contains=t/b&limit=1&after=${encodeURIComponent('list/b')}`);
    expect([second.records.map(({ key }) => key), second.next]).toEqual([['list/b/c'], null]);
    expect((await list('prefix=list/&contains=%C3%A9')).records.map(({ key }) => key)).toEqual(['list/é']);
  });

  test('a list with large values is cut into pages that fit', async () => {
    const large = new Uint8Array(256 * 1024).fill(7);
    const keys = Array.from({ length: 60 }, (_, at) => `large/${String(at).padStart(2, '0')}`);
    await Promise.all(keys.map((key) => put(key, large)));
    const seen: string[] = [];
    let pages = 0;
    for (let after = ''; ; pages++) {
      const page = await list(`prefix=large/&values=true&limit=1000&after=${after}`);
      for (const { key, valueBase64 } of page.records) {
        expect(valueBase64?.length).toBe(349_528);
        seen.push(key);
      }
      if (page.next === null) break;
      after = page.next;
    }
    expect(seen).toEqual(keys);
    expect(pages).toBeGreaterThan(0);
  });

  test('bulk: one result a record, good and bad beside each other', async () => {
    const records = [
      { key: 'bulk/text', value: 'words' },
      { key: 'bulk/json', value: { a: [1, null] } },
      { key: 'bulk/bytes', valueBase64: 'AAEC', contentType: 'image/x-none' },
      { key: '', value: 'no key' },
      { key: 'bulk/none' },
    ];
    const response = await cluster.request('/records', { method: 'POST', body: JSON.stringify({ records }) });
    expect(response.status).toBe(207);
    const { results } = (await response.json()) as { results: { status: number; code?: string }[] };
    expect(results.map(({ status, code }) => [status, code])).toEqual([
      [201, undefined],
      [201, undefined],
      [201, undefined],
      [400, 'bad-key'],
      [422, 'unprocessable'],
    ]);
    const { records: listed } = await list('prefix=bulk/&values=true');
    expect(listed.map(({ key, contentType, value, valueBase64 }) => [key, contentType, value ?? valueBase64])).toEqual([
      ['bulk/bytes', 'image/x-none', 'AAEC'],
      ['bulk/json', 'application/json', { a: [1, null] }],
      ['bulk/text', 'text/plain; charset=utf-8', 'words'],
    ]);
  });

  test('what a bulk write stored comes out of a list in the same form', async () => {
    const { records } = await list('prefix=bulk/&values=true');
    const copies = records.map(({ key, value, valueBase64, contentType }) => ({
      key: `copy/${key}`,
      contentType,
      ...(valueBase64 === undefined ? { value } : { valueBase64 }),
    }));
    await cluster.request('/records', { method: 'POST', body: JSON.stringify({ records: copies }) });
    const { records: copied } = await list('prefix=copy/&values=true');
    const content = (all: RecordListAnswer['records']) =>
      all.map(({ value, valueBase64, contentType, size }) => [value, valueBase64, contentType, size]);
    expect(content(copied)).toEqual(content(records));
  });

  test.each<[string, string, RequestInit, [number, string]]>([
    ['empty key', '/records/', { method: 'PUT', body: 'x' }, [400, 'bad-key']],
    ['key of 513 bytes', `/records/${'k'.repeat(513)}`, { method: 'PUT', body: 'x' }, [400, 'bad-key']],
    ['key of 512 bytes', `/records/${'é'.repeat(256)}`, {}, [404, 'not-found']],
    [
      'value of 256 KiB and 1',
      '/records/big',
      { method: 'PUT', body: new Uint8Array(256 * 1024 + 1) },
      [413, 'too-large'],
    ],
    ['limit 0', '/records?limit=0', {}, [400, 'bad-request']],
    ['limit 1001', '/records?limit=1001', {}, [400, 'bad-request']],
    ['limit x', '/records?limit=x', {}, [400, 'bad-request']],
    ['unknown query', '/records?pre=x', {}, [400, 'bad-request']],
    [
      'If-Match without quotes',
      '/records/x',
      { method: 'PUT', body: 'x', headers: { 'If-Match': '3' } },
      [400, 'bad-request'],
    ],
    [
      'If-None-Match with a version',
      '/records/x',
      { method: 'PUT', body: 'x', headers: { 'If-None-Match': '"3"' } },
      [400, 'bad-request'],
    ],
    ['bulk that is no JSON', '/records', { method: 'POST', body: '{' }, [400, 'bad-json']],
    ['bulk of another shape', '/records', { method: 'POST', body: '[]' }, [422, 'unprocessable']],
    ['bulk of nothing', '/records', { method: 'POST', body: '{"records":[]}' }, [422, 'unprocessable']],
    ['another method', '/records/x', { method: 'POST', body: 'x' }, [405, 'method-not-allowed']],
    ['control without the secret', '/control/drain', { method: 'POST', body: '{}' }, [401, 'unauthorized']],
  ])('refuses: %s', async (_, path, init, expected) => {
    expect(await codeOf(await cluster.request(path, init))).toEqual([...expected, true]);
  });

  test('a path that is not UTF-8 is refused, and a key of bytes that JSON cannot hold', async () => {
    expect((await cluster.request('/records/%ff')).status).toBe(400);
    const response = await cluster.request('/records', {
      method: 'POST',
      body: '{"records":[{"key":"\\ud800","value":1}]}',
    });
    expect(((await response.json()) as { results: { code: string }[] }).results[0]?.code).toBe('bad-key');
  });

  test('documents itself, and tells its health and numbers', async () => {
    const openapi = (await (await cluster.request('/openapi.json')).json()) as { paths: Record<string, unknown> };
    expect(Object.keys(openapi.paths).some((path) => path.startsWith('/records/'))).toBe(true);
    const health = (await (await cluster.request('/health')).json()) as { status: string; members: unknown };
    expect([health.status, health.members]).toEqual(['healthy', { ready: 3 }]);
    expect(await (await cluster.request('/metrics')).text()).toMatch(
      /^orrery_record_requests_total\{.*record-put.*ok.*\} \d+$/m,
    );
  });

  test('the stream counts what happened: client, datanodes, replication, latencies, ways', async () => {
    const seen = await cluster.follow((line, all) => {
      if (all.length === 1) void put('watched', 'x').catch(() => undefined);
      return (
        line.kind === 'sample' &&
        line.sample.traces.some(({ series, hops }) => series === 'record-put' && hops.length === 4)
      );
    });
    const last = seen.at(-1);
    if (last?.kind !== 'sample') throw new Error('no sample');
    const { edges, latencies, suspicions } = last.sample;
    expect(edges.find(({ from }) => from === 'client')).toMatchObject({ to: 'headnode', inFlight: 0 });
    expect(edges.filter(({ from }) => from === 'headnode').reduce((sum, { ok }) => sum + ok, 0)).toBeGreaterThan(80);
    expect(edges.some(({ from, to, ok }) => from.startsWith('datanode-') && to.startsWith('datanode-') && ok > 0)).toBe(
      true,
    );
    expect(latencies.map(({ series }) => series)).toContain('record-put');
    expect(suspicions.map(({ node }) => node).toSorted()).toEqual(DATANODES);
  });
});

describe('through the master', () => {
  test('the same API, by its own routing, which goes on while the headnode is away', async () => {
    await put('routed', 'by the headnode');
    await cluster.start('master');
    const master = cluster.httpOf('master');
    expect(await (await fetch(`${master}/records/routed`)).text()).toBe('by the headnode');
    await cluster.kill('headnode');
    const written = await fetch(`${master}/records/routed`, { method: 'PUT', body: 'by the master' });
    expect([written.status, written.headers.get('etag')]).toEqual([200, '"2"']);
    const listed = (await (await fetch(`${master}/records?prefix=routed&values=true`)).json()) as RecordListAnswer;
    expect(listed.records.map(({ value }) => value)).toEqual(['by the master']);
    await cluster.start('headnode');
    expect(await (await cluster.request('/records/routed')).text()).toBe('by the master');
    await cluster.terminate('master');
  });
});

describe('when nodes die', () => {
  const keys = Array.from({ length: 150 }, (_, at) => `kept/${at}`);
  const readAll = async (): Promise<string[]> =>
    Promise.all(keys.map(async (key) => (await cluster.request(`/records/${key}`)).text()));

  test('kill -9 one of three: everything acknowledged is there, writes go on, respawn brings three copies', async () => {
    await Promise.all(keys.map((key) => put(key, key)));
    await cluster.kill('datanode-2');
    await cluster.control('POST', '/control/engine-event', { node: 'datanode-2', type: 'exited', atMs: Date.now() });
    expect(await readAll()).toEqual(keys);
    const written = await put('kept/new', 'x');
    expect([written.status, written.answer.replicas.length]).toEqual([201, 2]);
    await cluster.start('datanode-2');
    await cluster.replicated(3);
    expect(await readAll()).toEqual(keys);
    // The copy is a real one: the two others may go.
    await cluster.kill('datanode-1');
    await cluster.control('POST', '/control/engine-event', { node: 'datanode-1', type: 'exited', atMs: Date.now() });
    await cluster.kill('datanode-3');
    await cluster.control('POST', '/control/engine-event', { node: 'datanode-3', type: 'exited', atMs: Date.now() });
    expect(await readAll()).toEqual(keys);
    const refused = await cluster.request('/records/kept/0', { method: 'PUT', body: 'x' });
    expect(await codeOf(refused)).toEqual([503, 'too-few-replicas', true]);
    await Promise.all(['datanode-1', 'datanode-3'].map((node) => cluster.start(node)));
    await cluster.replicated(3);
    expect(await readAll()).toEqual(keys);
  });

  test('without the engine’s word, silence and a failed probe are enough', async () => {
    const dead = cluster.event('member-dead', 'datanode-3');
    await cluster.kill('datanode-3');
    expect(await dead).toMatchObject({ cause: 'phi-and-probe' });
    expect(await readAll()).toEqual(keys);
    await cluster.start('datanode-3');
    await cluster.replicated(3);
  });

  test('a lost disk comes back as an empty node and is filled again', async () => {
    await cluster.kill('datanode-1');
    cluster.wipe('datanode-1');
    await cluster.start('datanode-1');
    await cluster.replicated(3);
    expect(await readAll()).toEqual(keys);
  });

  test('all stop and start again: every record is there', async () => {
    for (const node of [...DATANODES, 'headnode']) expect(await cluster.terminate(node)).toBe(0);
    await cluster.start('headnode');
    await Promise.all(DATANODES.map((node) => cluster.start(node)));
    expect(await readAll()).toEqual(keys);
    expect((await put('kept/after', 'x')).status).toBe(201);
  });

  test('a headnode that is killed knows all views again', async () => {
    await cluster.kill('headnode');
    await cluster.start('headnode');
    expect(await readAll()).toEqual(keys);
    expect((await put('kept/later', 'x')).status).toBe(201);
  });

  test('a primary that stands still is replaced, and comes back in peace', async () => {
    await cluster.replicated(3);
    const dead = cluster.event('member-dead', 'datanode-2');
    cluster.signal('datanode-2', 'SIGSTOP');
    await dead;
    expect(await readAll()).toEqual(keys);
    const back = cluster.event('member-ready', 'datanode-2');
    cluster.signal('datanode-2', 'SIGCONT');
    await back;
    await cluster.replicated(3);
    expect(await readAll()).toEqual(keys);
  });

  test('a drained datanode gives its copies to a spare one and leaves', async () => {
    await cluster.start('datanode-4');
    const left = cluster.event('member-left', 'datanode-1');
    expect((await cluster.control('POST', '/control/drain', { node: 'datanode-1' })).status).toBe(202);
    await left;
    await cluster.kill('datanode-1');
    expect(await readAll()).toEqual(keys);
    expect((await cluster.control('POST', '/control/drain', { node: 'datanode-9' })).status).toBe(404);
  });
});
