import { mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { OrreryError } from '../../../containers/protocol/errors.ts';
import { foldAll } from '../../core/fold.ts';
import type { JournalBody, JournalEvent } from '../../core/journal.ts';
import { openDatabase } from './database.ts';
import { createJournal, type Journal } from './journal.ts';
import { journalTable } from './journal-table.ts';
import { JournalWriter } from './journal-writer.ts';
import { openStore, type Store } from './store.ts';

let file: string;
let opened: { store: Store; journal: Journal }[] = [];

async function open(nowMs: () => number = Date.now): Promise<{ store: Store; journal: Journal }> {
  const store = await openStore({ file, nowMs: nowMs() });
  const both = { store, journal: createJournal(store, nowMs) };
  opened.push(both);
  return both;
}

async function take(journal: Journal, afterSeq: number | null, count: number): Promise<JournalEvent[]> {
  const events: JournalEvent[] = [];
  const abort = new AbortController();
  for await (const batch of journal.follow(afterSeq, abort.signal)) {
    events.push(...batch);
    if (events.length >= count) abort.abort();
  }
  return events;
}

const starting = (run: string, adopted = false) =>
  ({ type: 'cluster-starting', cluster: 'c', run, engine: 'fake', engineTitle: 'Fake', name: null, adopted }) as const;
const removed = (node: string) => ({ type: 'node-removed', node }) as const;

beforeEach(() => {
  file = path.join(mkdtempSync(path.join(tmpdir(), 'orrery-journal-')), 'journal.sqlite');
});
afterEach(async () => {
  for (const { store } of opened) await store.close();
  opened = [];
});

describe('journal', () => {
  test('goes on where it was cut off, without a proper close', async () => {
    const first = await open();
    first.journal.record(starting('r1'));
    first.journal.record({ type: 'node-wanted', node: 'worker-1', role: 'worker', by: 'user' });
    const before = first.journal.picture();
    await first.journal.flush();
    await first.store.close();

    const second = await open();
    expect(second.journal.picture()).toEqual(before);
    expect(second.journal.record(removed('worker-1')).seq).toBe(3);
  });

  test('what the newest run has of a type, in order, over pages', async () => {
    const { journal } = await open();
    const steps = (dropped: number): JournalBody => ({ type: 'guest-steps', steps: [], dropped });
    journal.record(starting('r1'));
    journal.record(steps(0));
    journal.record(starting('r2'));
    for (let n = 1; n <= 501; n++) journal.record(steps(n));
    journal.record(starting('r2', true));
    journal.record(steps(502));
    const dropped: number[] = [];
    for await (const page of journal.ofRun('guest-steps')) dropped.push(...page.map((body) => body.dropped));
    expect(dropped).toEqual(Array.from({ length: 502 }, (_, at) => at + 1));
  });

  test('the picture equals a fold of what is stored', async () => {
    const { journal } = await open();
    for (let index = 0; index < 1_200; index++)
      journal.record({ type: 'node-wanted', node: `worker-${index}`, role: 'worker', by: 'user' });
    await journal.flush();
    const all = await take(journal, 0, 1_200);
    expect(all.map((event) => event.seq)).toEqual(Array.from({ length: 1_200 }, (_, index) => index + 1));
    expect(foldAll(all)).toEqual(journal.picture());
  });

  test('a snapshot and the events after it give the same picture as all events', async () => {
    const first = await open();
    first.journal.record(starting('r1'));
    for (let index = 0; index < 700; index++)
      first.journal.record({ type: 'node-wanted', node: `worker-${index}`, role: 'worker', by: 'user' });
    const before = first.journal.picture();
    await first.journal.close();
    await first.store.close();
    const second = await open();
    expect(second.store.opened.snapshot?.seq).toBe(701);
    expect(second.journal.picture()).toEqual(before);
  });

  test('its clock strictly increases over restarts, even when wall time was set back (invariant 30)', async () => {
    const first = await open(() => 2_000_000);
    const stamps = [first.journal.record(starting('r1')).hlc, first.journal.record(removed('x')).hlc];
    await first.journal.flush();
    await first.store.close();
    const second = await open(() => 1_000_000);
    stamps.push(second.journal.record(removed('x')).hlc, second.journal.record(removed('x')).hlc);
    expect(stamps).toEqual([...stamps].sort());
    expect(new Set(stamps).size).toBe(4);
  });

  test('an event comes after the message that caused it; a clock far ahead is left out', async () => {
    const { journal } = await open(() => 1_000);
    const heard = `${(1_200).toString(16).padStart(12, '0')}0005@master`;
    const after = journal.record(removed('x'), heard).hlc;
    expect(after > heard).toBe(true);
    const far = `${(900_000).toString(16).padStart(12, '0')}0000@master`;
    expect(journal.record(removed('x'), far).hlc < far).toBe(true);
  });

  test('following starts with the newest run that was not adopted, and goes on live', async () => {
    const { journal } = await open();
    journal.record(starting('r1'));
    journal.record(starting('r2'));
    journal.record(removed('a'));
    journal.record(starting('r2', true));
    const seen = take(journal, null, 4);
    await journal.flush();
    journal.record(removed('b'));
    expect((await seen).map((event) => event.seq)).toEqual([2, 3, 4, 5]);
  });

  test('pages backwards over memory and database without gaps', async () => {
    const first = await open();
    for (let index = 0; index < 10; index++) first.journal.record(removed(`n${index}`));
    await first.journal.close();
    await first.store.close();
    const { journal } = await open();
    for (let index = 10; index < 15; index++) journal.record(removed(`n${index}`));
    const newest = await journal.page(null, 8);
    expect(newest.map((event) => event.seq)).toEqual([15, 14, 13, 12, 11, 10, 9, 8]);
    const older = await journal.page(8, 100);
    expect(older.map((event) => event.seq)).toEqual([7, 6, 5, 4, 3, 2, 1]);
  });

  test('a damaged database is put aside, a new one begun, and it says so', async () => {
    writeFileSync(file, 'this is no database at all, and long enough to be looked at '.repeat(20));
    const { journal } = await open();
    const bodies = (await journal.page(null, 10)).map((event) => event.body.type);
    expect(bodies).toEqual(['journal-back', 'journal-trouble']);
    const aside = readdirSync(path.dirname(file)).find((name) => name.includes('damaged'));
    expect(readFileSync(path.join(path.dirname(file), aside ?? ''), 'utf8')).toMatch(/^this is no database/);
  });

  test('a folder that cannot be written refuses by code', async () => {
    const nowhere = path.join(path.dirname(file), 'absent', 'journal.sqlite');
    await expect(openStore({ file: nowhere, nowMs: 0 })).rejects.toMatchObject({ code: 'journal-failed' });
  });

  test('settings are kept over a restart, and null removes one', async () => {
    const first = await open();
    await first.store.request('settings-write', { name: 'theme', value: { dark: true } });
    await first.store.request('settings-write', { name: 'gone', value: 1 });
    await first.store.request('settings-write', { name: 'gone', value: null });
    await first.store.close();
    const second = await open();
    expect(await second.store.request('settings-read', null)).toEqual({ theme: { dark: true } });
  });
});

test('a database that cannot be written: the picture says so, followers go on, and it is all stored later', async () => {
  const { store } = await open();
  let full = true;
  const failing: Store = {
    ...store,
    request: (op, input) =>
      op === 'append' && full
        ? Promise.reject(new OrreryError('journal-failed', { reason: 'database or disk is full' }))
        : store.request(op, input),
  };
  const journal = createJournal(failing, Date.now);
  journal.record(starting('r1'));
  await journal.flush();
  expect(journal.picture().journalTrouble).toBe('database or disk is full');
  const seen = await take(journal, 0, 2);
  expect(seen.map((event) => event.body.type)).toEqual(['cluster-starting', 'journal-trouble']);
  full = false;
  const all = await take(journal, 0, 3);
  await journal.flush();
  expect(all.map((event) => event.body.type)).toEqual(['cluster-starting', 'journal-trouble', 'journal-back']);
  expect(await store.request('after', { seq: 0, limit: 10 })).toEqual(all);
  expect(journal.picture().journalTrouble).toBeNull();
  await journal.close();
});

test('the past is bounded: the newest runs stay, and of them so many events', () => {
  const { db } = openDatabase(file, 0);
  const table = journalTable(db);
  const bodies = ['r1', 'r2', 'r3'].flatMap((run) => [starting(run), removed('a'), starting(run, true), removed('b')]);
  table.append(bodies.map((body, index) => ({ seq: index + 1, hlc: String(index), atMs: 0, body })));
  table.trim({ runs: 2, events: 100 });
  expect(table.after(0, 100).map((event) => event.seq)).toEqual([5, 6, 7, 8, 9, 10, 11, 12]);
  table.trim({ runs: 2, events: 3 });
  expect(table.after(0, 100).map((event) => event.seq)).toEqual([10, 11, 12]);
  expect(table.last().seq).toBe(12);
  db.close();
});

test('a database of a later build is refused by code, and left as it is', () => {
  const { db } = openDatabase(file, 0);
  db.pragma('user_version = 99');
  db.close();
  expect(() => openDatabase(file, 0)).toThrow(expect.objectContaining({ code: 'journal-failed' }));
  expect(readdirSync(path.dirname(file)).some((name) => name.includes('damaged'))).toBe(false);
});

describe('writer', () => {
  const event = (seq: number): JournalEvent => ({ seq, hlc: '', atMs: 0, body: { type: 'engine-back' } });

  test('writes at once when idle and batches what comes meanwhile', async () => {
    const batches: number[][] = [];
    let release = (): void => undefined;
    const writer = new JournalWriter({
      append: (events) => {
        batches.push(events.map((one) => one.seq));
        return new Promise<void>((resolve) => (release = resolve));
      },
      onTrouble: () => undefined,
      onBack: () => undefined,
    });
    writer.add(event(1));
    await Promise.resolve();
    writer.add(event(2));
    writer.add(event(3));
    const settled = writer.settled();
    release();
    await new Promise((resolve) => setImmediate(resolve));
    release();
    await settled;
    expect(batches).toEqual([[1], [2, 3]]);
  });

  test('keeps what could not be written, says so once, and writes it later in order', async () => {
    const said: string[] = [];
    const stored: number[] = [];
    let full = true;
    let back = (): void => undefined;
    const isBack = new Promise<void>((resolve) => (back = resolve));
    const writer = new JournalWriter({
      append: (events) => {
        if (full) return Promise.reject(new Error('disk full'));
        stored.push(...events.map((one) => one.seq));
        return Promise.resolve();
      },
      onTrouble: (reason) => said.push(`trouble: ${reason}`),
      onBack: () => {
        said.push('back');
        back();
      },
      retryMs: 5,
    });
    writer.add(event(1));
    await writer.settled();
    writer.add(event(2));
    full = false;
    await isBack;
    writer.close();
    expect(stored).toEqual([1, 2]);
    expect(said).toEqual(['trouble: disk full', 'back']);
  });
});
