import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { TracePart } from '../../../containers/protocol/traces.ts';
import type { TraceQuery } from '../../core/latency/trace-query.ts';
import { openDatabase, type Db } from './database.ts';
import { traceTable } from './trace-table.ts';

let folder: string;
let db: Db;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'orrery-traces-'));
  db = openDatabase(path.join(folder, 'journal.db'), 0).db;
});
afterEach(() => {
  db.close();
  rmSync(folder, { recursive: true });
});

const part = (n: number, more: Partial<TracePart> = {}): TracePart => ({
  trace: String(n).padStart(32, '0'),
  part: '1'.padStart(16, '0'),
  series: 'task-sync',
  kind: 'echo',
  subject: `task ${n}`,
  atMs: 1_000 + n,
  durationMs: n,
  outcome: 'ok',
  because: 'slow',
  spans: [
    { id: '1', parent: null, name: 'request', node: 'master', startMs: 1_000 + n, endMs: 1_000 + 2 * n, outcome: 'ok' },
    {
      id: '2',
      parent: '1',
      name: 'attempt',
      node: `worker-${n % 2}`,
      startMs: 1_000 + n,
      endMs: 1_001 + n,
      outcome: 'ok',
    },
  ],
  ...more,
});
const all: TraceQuery = { fromMs: 0, toMs: 1e12, by: 'node', group: null, failedOnly: false, limit: 3 };

test('the slowest come first, of a span, a node, or those that failed', () => {
  const table = traceTable(db);
  table.add([1, 5, 2, 4, 3].map((n) => part(n)));
  table.add([part(6, { outcome: 'error', because: 'error' })]);
  const took = (query: Partial<TraceQuery>) => table.list({ ...all, ...query }).map(({ durationMs }) => durationMs);
  expect(took({})).toEqual([6, 5, 4]);
  expect(took({ group: 'worker-1' })).toEqual([5, 3, 1]);
  expect(took({ toMs: 1_004 })).toEqual([3, 2, 1]);
  expect(took({ failedOnly: true })).toEqual([6]);
});

test('a trace is what all nodes know of it; a part that comes again replaces itself', () => {
  const table = traceTable(db);
  table.add([part(7), part(7, { part: '2'.padStart(16, '0'), atMs: 900, subject: 'client' }), part(7)]);
  expect(table.read(part(7).trace).map(({ subject }) => subject)).toEqual(['client', 'task 7']);
  expect(table.read('0'.repeat(32))).toEqual([]);
});

test('of too many the ones kept by chance go first, then the oldest', () => {
  const table = traceTable(db);
  table.add(Array.from({ length: 20_001 }, (_, n) => part(n, n >= 19_500 ? { because: 'chance' } : {})));
  table.trim();
  expect(table.list({ ...all, limit: 1_000_000 })).toHaveLength(19_000);
  expect(table.read(part(19_600).trace)).toEqual([]);
  expect(table.read(part(499).trace)).toHaveLength(0);
  expect(table.read(part(500).trace)).toHaveLength(1);
});
