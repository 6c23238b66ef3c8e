import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestPanel } from '../faults/test-panel.ts';

const panel = new TestPanel({ engine: 'process', workers: 1, datanodes: 2 });
beforeAll(() => panel.serve());
afterAll(() => panel.close());

const records = (...args: string[]) => panel.run('records', ...args);

test('writes, reads, lists and deletes, on its conditions', async () => {
  const put = await records('put', 'user/1 é', 'ein Wert', '--if-version', 'absent');
  expect(put).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^user\/1 é version 1 on datanode-\d, datanode-\d\n$/),
  });
  expect(await records('get', 'user/1 é')).toMatchObject({ code: 0, out: 'ein Wert\n' });
  const refused = await records('put', 'user/1 é', 'b', '--if-version', 'absent');
  expect(refused).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/^precondition-failed: /) });

  const file = path.join(panel.home, 'bytes');
  writeFileSync(file, Uint8Array.of(0, 255, 10));
  expect((await records('put', 'bytes/1', '--file', file)).code).toBe(0);
  expect(await records('get', 'bytes/1')).toMatchObject({ code: 2, out: '', err: expect.stringContaining('no text') });
  expect((await records('get', 'bytes/1', '--out', `${file}.back`)).code).toBe(0);
  expect([...readFileSync(`${file}.back`)]).toEqual([0, 255, 10]);

  const listed = await records('list', '--contains', '/1');
  expect(listed.out.split('\n').map((line) => line.split('\t').slice(0, 4))).toEqual([
    ['bytes/1', '1', '3', 'application/octet-stream'],
    ['user/1 é', '1', '8', 'text/plain; charset=utf-8'],
    [''],
  ]);
  const first = await records('list', '--limit', '1', '--json');
  expect(first.err).toBe('there are more than 1: see --limit\n');
  expect(JSON.parse(first.out)).toMatchObject([{ key: 'bytes/1', version: 1, size: 3 }]);

  expect(await records('delete', 'user/1 é')).toMatchObject({ code: 0, out: 'user/1 é deleted\n' });
  expect(await records('get', 'user/1 é')).toMatchObject({ code: 1, err: expect.stringMatching(/^not-found: /) });
  expect(await records('delete', 'user/1 é')).toMatchObject({ code: 1, err: expect.stringMatching(/^not-found: /) });
});

test.each([
  [['put', 'a'], 'Give either a value or --file'],
  [['put', 'a', 'b', '--file', 'c'], 'Give either a value or --file'],
  [['put', 'a', '--file', '/nowhere/at/all'], '/nowhere/at/all'],
  [['put', 'a', 'b', '--if-version', 'x'], 'It must be a version, or absent'],
])('%j is bad usage', async (args, said) => {
  const { code, out, err } = await records(...args);
  expect([code, out]).toEqual([2, '']);
  expect(err).toContain(said);
});
