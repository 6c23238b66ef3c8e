import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { completePlan, type LoadPlan } from '../../core/load/load-plan.ts';
import { isOver, type LoadPush, type LoadRun } from '../../core/load/load-run.ts';
import { createJournal, type Journal } from '../store/journal.ts';
import { openStore, type Store } from '../store/store.ts';
import { LoadRunner } from './load-runner.ts';

let folder = '';
let store: Store;
let journal: Journal;
let runner: LoadRunner;
let url = '';
let server: http.Server;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'orrery-load-runner-'));
  store = await openStore({ file: path.join(folder, 'journal.sqlite'), nowMs: Date.now() });
  journal = createJournal(store, () => Date.now());
  server = http.createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  runner = new LoadRunner({
    nowMs: () => Date.now(),
    journal,
    cluster: () => ({ id: 'c1', endpoints: { master: url, headnode: url }, readyWorkers: () => 2 }),
    save: (run) => store.request('load-save', run),
  });
});
afterEach(async () => {
  await runner.close();
  await journal.close();
  await store.close();
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

const plan = (more: Partial<LoadPlan> = {}): LoadPlan =>
  completePlan({
    seed: 'runner',
    warmupMs: 0,
    durationMs: 1_500,
    loop: { kind: 'open', rate: 100, shape: { kind: 'constant' } },
    target: { kind: 'http', method: 'GET', url, headers: {}, body: null },
    ...more,
  });
const start = (more: Partial<LoadPlan> = {}) =>
  runner.start({ plan: plan(more), name: null, allowRemote: null, by: 'user' });

/** Follows until the run is over; what a follower then knows. */
async function follow(onPush: (push: LoadPush) => void = () => undefined): Promise<LoadRun> {
  const abort = new AbortController();
  const rows = new Map<number, LoadRun['seconds'][number]>();
  const marks: LoadRun['marks'] = [];
  for await (const push of runner.follow(abort.signal)) {
    for (const row of push.seconds) rows.set(row.second, row);
    marks.push(...push.marks);
    onPush(push);
    if (push.head !== null && isOver(push.head.state)) {
      abort.abort();
      return { ...push.head, seconds: [...rows.values()].sort((a, b) => a.second - b.second), marks };
    }
  }
  throw new Error('the run did not end');
}

describe('runner', () => {
  test('deletes the records that a run wrote, and says how many could not be', async () => {
    const deleted: string[] = [];
    server.on('request', ({ method, url: path }) => {
      if (method === 'DELETE' && path !== undefined) deleted.push(path);
    });
    start({ target: { kind: 'record', action: 'put', keys: 40, valueBytes: 10 }, durationMs: 300 });
    // This server answers 200, which is no word of a record's end.
    expect((await follow()).cleanedUp).toEqual({ deleted: 0, left: 40 });
    expect(new Set(deleted).size).toBe(40);
    server
      .removeAllListeners('request')
      .on('request', (_, response: http.ServerResponse) => response.writeHead(204).end());
    start({ target: { kind: 'record', action: 'put', keys: 7, valueBytes: 10 }, durationMs: 300 });
    expect((await follow()).cleanedUp).toEqual({ deleted: 7, left: 0 });
    start();
    expect(await follow()).not.toHaveProperty('cleanedUp');
  });

  test('tells its followers everything, and keeps the same', async () => {
    const run = start();
    const early = await follow();
    // Who comes later learns the same.
    const late = await follow();
    expect(early).toEqual(late);
    expect(early).toMatchObject({ run, state: 'finished', cluster: 'c1', summary: { offered: 150, ok: 150 } });
    expect(early.seconds.map(({ second, ready }) => [second, ready]).slice(0, 2)).toEqual([
      [0, 2],
      [1, 2],
    ]);
    expect(await store.request('load-read', { run })).toEqual(early);
    expect(await store.request('load-list', null)).toHaveLength(1);
  });

  test('writes its beginning and its end into the journal, and marks what happened between', async () => {
    start();
    let killed = false;
    const run = await follow(({ head }) => {
      if (killed || head?.state !== 'running') return;
      killed = true;
      journal.record({ type: 'node-kill-asked', node: 'worker-1', by: 'user' });
      journal.record({ type: 'request-sent', request: { kind: 'calculate' } as never });
    });
    journal.record({ type: 'node-kill-asked', node: 'worker-2', by: 'user' });
    expect(run.marks.map(({ body }) => body)).toEqual([{ type: 'node-kill-asked', node: 'worker-1', by: 'user' }]);
    const types = (await journal.page(null, 10)).map(({ body }) => body.type);
    expect(types).toContain('load-started');
    expect(types).toContain('load-finished');
  });

  test('runs one at a time', async () => {
    start();
    expect(() => start()).toThrow(expect.objectContaining({ code: 'load-running' }));
    runner.stop();
    expect((await follow()).state).toBe('stopped');
    expect(() => runner.stop()).toThrow(expect.objectContaining({ code: 'no-load' }));
    start({ durationMs: 200 });
    expect((await follow()).state).toBe('finished');
  });

  test('leaves other machines alone unless their host is named', () => {
    const target: LoadPlan['target'] = {
      kind: 'http',
      method: 'GET',
      url: 'http://192.0.2.1/',
      headers: {},
      body: null,
    };
    const refused = expect.objectContaining({ code: 'remote-target' });
    expect(() => start({ target })).toThrow(refused);
    expect(() => runner.start({ plan: plan({ target }), name: null, allowRemote: '192.0.2.2', by: 'user' })).toThrow(
      refused,
    );
  });

  test('says why it failed, when a name leads nowhere', async () => {
    const target: LoadPlan['target'] = {
      kind: 'http',
      method: 'GET',
      url: 'http://nowhere.localhost.invalid/',
      headers: {},
      body: null,
    };
    runner.start({ plan: plan({ target }), name: null, allowRemote: 'nowhere.localhost.invalid', by: 'user' });
    expect(await follow()).toMatchObject({
      state: 'failed',
      summary: null,
      failure: expect.stringContaining('nowhere'),
    });
  });
});

describe('kept runs', () => {
  test('take a name and a note, but never change', async () => {
    const run = start({ durationMs: 300 });
    const kept = await follow();
    expect(await store.request('load-annotate', { run, name: 'before the fix', note: 'two workers' })).toBe(true);
    expect(await store.request('load-read', { run })).toEqual({ ...kept, name: 'before the fix', note: 'two workers' });
    await expect(store.request('load-save', kept)).rejects.toMatchObject({ code: 'journal-failed' });
    expect(await store.request('load-remove', { run })).toBe(true);
    expect(await store.request('load-read', { run })).toBeNull();
    expect(await store.request('load-annotate', { run, name: 'a', note: '' })).toBeNull();
  });
});
