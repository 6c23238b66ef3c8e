import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bucketOf } from '../../../containers/algorithms/histogram.ts';
import type { LatencyRow } from '../../core/latency/latency-history.ts';
import { openDatabase, type Db } from './database.ts';
import { latencyTable } from './latency-table.ts';

const HOUR_MS = 3_600_000;
const NOW_MS = 1_800_000_000_000;
let folder: string;
let db: Db;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'orrery-latency-'));
  db = openDatabase(path.join(folder, 'journal.db'), NOW_MS).db;
});
afterEach(() => {
  db.close();
  rmSync(folder, { recursive: true });
});

const row = (startMs: number, valueMs: number, count = 1, node = 'master'): LatencyRow => ({
  startMs,
  series: 'task-sync',
  kind: 'echo',
  node,
  counts: [[bucketOf(valueMs * 1_000), count]],
});
const query = (spanMs: number, toMs = NOW_MS) => ({
  fromMs: toMs - spanMs,
  toMs,
  quantiles: [0.5, 0.99],
  by: 'series' as const,
  group: null,
});

test('what comes twice for a window is added up, and every resolution has all of it', () => {
  const table = latencyTable(db);
  table.add([row(NOW_MS - 10_000, 4, 98)]);
  table.add([row(NOW_MS - 10_000, 400, 2)]);
  for (const spanMs of [60_000, 3 * HOUR_MS, 24 * HOUR_MS, 7 * 24 * HOUR_MS]) {
    const { points, groups } = table.read(query(spanMs));
    expect(points).toHaveLength(1);
    expect(points[0]?.count).toBe(100);
    expect(groups[0]?.values.map((ms) => Math.round(ms ?? 0))).toEqual([4, expect.closeTo(400, -1)]);
  }
});

test('old rows go from the fine resolutions and stay in the coarse ones', () => {
  const table = latencyTable(db);
  table.add([row(NOW_MS - 2 * HOUR_MS, 5), row(NOW_MS - 48 * HOUR_MS, 5)]);
  table.trim(NOW_MS);
  expect(table.read(query(10 * 60_000, NOW_MS - 2 * HOUR_MS + 60_000)).points).toHaveLength(0);
  expect(table.read(query(3 * HOUR_MS)).points).toHaveLength(1);
  expect(table.read(query(24 * HOUR_MS, NOW_MS - 40 * HOUR_MS)).points).toHaveLength(0);
  expect(table.read(query(7 * 24 * HOUR_MS)).points).toHaveLength(2);
});

test('a span before anything was measured is empty', () => {
  expect(latencyTable(db).read(query(60_000))).toMatchObject({ points: [], groups: [] });
});
