/** Kept requests: what each node knows of a trace is a part of it; bounded, the least telling go first. */
import type { TracePart } from '../../../containers/protocol/traces.ts';
import { groupsOf, type TraceHead, type TraceQuery } from '../../core/latency/trace-query.ts';
import type { Db } from './database.ts';

export const TRACE_TABLE = `CREATE TABLE traces (
     trace TEXT NOT NULL,
     part TEXT NOT NULL,
     at_ms INTEGER NOT NULL,
     duration_ms REAL NOT NULL,
     outcome TEXT NOT NULL,
     because TEXT NOT NULL,
     body TEXT NOT NULL,
     PRIMARY KEY (trace, part)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX traces_times ON traces (at_ms);
   CREATE INDEX traces_durations ON traces (duration_ms);`;

const PARTS_MAX = 20_000;
/** Room made at a time, so that it is not made for every part. */
const PARTS_SPARE = 1_000;
/** Of the slowest so many are looked through for those of a group. */
const SEARCHED_MAX = 5_000;

export type TraceTable = {
  add(parts: readonly TracePart[]): void;
  /** The slowest first. */
  list(query: TraceQuery): TraceHead[];
  /** All that is known of a trace, in order of time. */
  read(trace: string): TracePart[];
  trim(): void;
};

export function traceTable(db: Db): TraceTable {
  const put = db.prepare<[string, string, number, number, string, string, string]>(
    'INSERT OR REPLACE INTO traces (trace, part, at_ms, duration_ms, outcome, because, body) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  const slowest = db.prepare<[number, number, string, number], { body: string }>(
    `SELECT body FROM traces WHERE at_ms >= ? AND at_ms < ? AND outcome <> ?
     ORDER BY duration_ms DESC LIMIT ?`,
  );
  const read = db.prepare<[string], { body: string }>('SELECT body FROM traces WHERE trace = ? ORDER BY at_ms');
  const count = db.prepare<[], { parts: number }>('SELECT count(*) AS parts FROM traces');
  const drop = db.prepare<[number]>(
    `DELETE FROM traces WHERE (trace, part) IN
     (SELECT trace, part FROM traces ORDER BY because = 'chance' DESC, at_ms LIMIT ?)`,
  );
  const addAll = db.transaction((parts: readonly TracePart[]) => {
    for (const part of parts) {
      const { trace, atMs, durationMs, outcome, because } = part;
      put.run(trace, part.part, Math.floor(atMs), durationMs, outcome, because, JSON.stringify(part));
    }
  });
  return {
    add: (parts) => addAll(parts),
    list({ fromMs, toMs, by, group, failedOnly, limit }) {
      const searched = group === null ? limit : SEARCHED_MAX;
      const found = slowest.all(fromMs, toMs, failedOnly ? 'ok' : '', searched).map(toPart);
      const wanted = group === null ? found : found.filter((part) => groupsOf(part, by).has(group));
      return wanted.slice(0, limit).map(({ spans, ...head }) => ({ ...head, node: spans[0]?.node ?? '' }));
    },
    read: (trace) => read.all(trace).map(toPart),
    trim() {
      const tooMany = (count.get()?.parts ?? 0) - PARTS_MAX;
      if (tooMany > 0) drop.run(tooMany + PARTS_SPARE);
    },
  };
}

const toPart = ({ body }: { body: string }): TracePart => JSON.parse(body) as TracePart;
