/** Latencies of the past: histogram counts by window, series, kind and node, in several resolutions with a bound each. */
import {
  historyOf,
  stepFor,
  tierFor,
  TIERS,
  type LatencyHistory,
  type LatencyQuery,
} from '../../core/latency/latency-history.ts';
import type { LatencyRow } from '../../core/latency/latency-history.ts';
import { packCounts, unpackCounts } from '../../core/latency/packed-counts.ts';
import { mergeAll } from '../../core/load/latency-counts.ts';
import type { Db } from './database.ts';

export const LATENCY_TABLE = `CREATE TABLE latencies (
     window_ms INTEGER NOT NULL,
     start_ms INTEGER NOT NULL,
     series TEXT NOT NULL,
     kind TEXT NOT NULL,
     node TEXT NOT NULL,
     counts BLOB NOT NULL,
     PRIMARY KEY (window_ms, start_ms, series, kind, node)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX journal_times ON journal (at_ms);`;

/** However many nodes there are, a resolution has at most so many rows; the oldest go first. */
const ROWS_MAX = 100_000;

export type LatencyTable = {
  /** Adds rows (of any time) to all resolutions. */
  add(rows: readonly LatencyRow[]): void;
  read(query: LatencyQuery): LatencyHistory;
  /** Drops what is older than its resolution keeps, and what is too much. */
  trim(nowMs: number): void;
};

type Row = { start_ms: number; series: string; kind: string; node: string; counts: Uint8Array };

export function latencyTable(db: Db): LatencyTable {
  const known = db.prepare<[number, number, string, string, string], { counts: Uint8Array }>(
    'SELECT counts FROM latencies WHERE window_ms = ? AND start_ms = ? AND series = ? AND kind = ? AND node = ?',
  );
  const put = db.prepare<[number, number, string, string, string, Uint8Array]>(
    'INSERT OR REPLACE INTO latencies (window_ms, start_ms, series, kind, node, counts) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const between = db.prepare<[number, number, number], Row>(
    'SELECT start_ms, series, kind, node, counts FROM latencies WHERE window_ms = ? AND start_ms >= ? AND start_ms < ?',
  );
  const drop = db.prepare<[number, number]>('DELETE FROM latencies WHERE window_ms = ? AND start_ms < ?');
  const beyond = db.prepare<[number, number], { start_ms: number }>(
    'SELECT start_ms FROM latencies WHERE window_ms = ? ORDER BY start_ms DESC LIMIT 1 OFFSET ?',
  );
  const addAll = db.transaction((rows: readonly LatencyRow[]) => {
    for (const { windowMs } of TIERS) {
      for (const { startMs, series, kind, node, counts } of rows) {
        const start = Math.floor(startMs / windowMs) * windowMs;
        const before = known.get(windowMs, start, series, kind, node);
        const sum = before === undefined ? counts : mergeAll([unpackCounts(before.counts), counts]);
        put.run(windowMs, start, series, kind, node, packCounts(sum));
      }
    }
  });
  return {
    add: (rows) => addAll(rows),
    read(query) {
      const spanMs = query.toMs - query.fromMs;
      const tier = tierFor(spanMs);
      const stepMs = stepFor(spanMs, tier);
      const fromMs = Math.floor(query.fromMs / stepMs) * stepMs;
      return historyOf(between.all(tier.windowMs, fromMs, query.toMs).map(toRow), query, stepMs);
    },
    trim(nowMs) {
      for (const { windowMs, keptMs } of TIERS) {
        const oldest = beyond.get(windowMs, ROWS_MAX)?.start_ms ?? -1;
        drop.run(windowMs, Math.max(nowMs - keptMs - windowMs, oldest + 1));
      }
    },
  };
}

const toRow = ({ start_ms, series, kind, node, counts }: Row): LatencyRow => ({
  startMs: start_ms,
  series: series as LatencyRow['series'],
  kind,
  node,
  counts: unpackCounts(counts),
});
