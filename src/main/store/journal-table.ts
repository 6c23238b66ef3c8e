/** The journal's table: append, read forwards and backwards, trim. */
import type { JournalEvent } from '../../core/journal.ts';
import type { Db } from './database.ts';

type Row = { seq: number; hlc: string; at_ms: number; body: string };

export type JournalTable = {
  /** All of them or none, in one transaction. */
  append(events: readonly JournalEvent[]): void;
  /** Newest sequence number and clock; zero and null when empty. */
  last(): { seq: number; hlc: string | null };
  after(seq: number, limit: number): JournalEvent[];
  /** Newest first. */
  before(seq: number | null, limit: number): JournalEvent[];
  /** Oldest first; of more than `limit` the newest. */
  between(span: { fromMs: number; toMs: number; limit: number }): JournalEvent[];
  /** Oldest first. */
  ofType(which: { type: string; afterSeq: number; limit: number }): JournalEvent[];
  /** Sequence number of the start of the newest run (adoptions do not begin one); null when there is none. */
  runStart(): number | null;
  /** Keeps the newest `runs` runs and, of those, at most the newest `events` events. */
  trim(keep: { runs: number; events: number }): void;
};

export function journalTable(db: Db): JournalTable {
  const insert = db.prepare<[number, string, number, string, string]>(
    'INSERT OR IGNORE INTO journal (seq, hlc, at_ms, type, body) VALUES (?, ?, ?, ?, ?)',
  );
  const last = db.prepare<[], Row>('SELECT seq, hlc, at_ms, body FROM journal ORDER BY seq DESC LIMIT 1');
  const after = db.prepare<[number, number], Row>(
    'SELECT seq, hlc, at_ms, body FROM journal WHERE seq > ? ORDER BY seq LIMIT ?',
  );
  const before = db.prepare<[number, number], Row>(
    'SELECT seq, hlc, at_ms, body FROM journal WHERE seq < ? ORDER BY seq DESC LIMIT ?',
  );
  const between = db.prepare<[number, number, number], Row>(
    'SELECT seq, hlc, at_ms, body FROM journal WHERE at_ms >= ? AND at_ms < ? ORDER BY seq DESC LIMIT ?',
  );
  const ofType = db.prepare<[string, number, number], Row>(
    'SELECT seq, hlc, at_ms, body FROM journal WHERE type = ? AND seq > ? ORDER BY seq LIMIT ?',
  );
  const runs = db.prepare<[number, number], { seq: number }>(
    `SELECT seq FROM journal WHERE type = 'cluster-starting' AND json_extract(body, '$.adopted') = 0
     ORDER BY seq DESC LIMIT ? OFFSET ?`,
  );
  const drop = db.prepare<[number]>('DELETE FROM journal WHERE seq < ?');
  const appendAll = db.transaction((events: readonly JournalEvent[]) => {
    for (const { seq, hlc, atMs, body } of events) insert.run(seq, hlc, atMs, body.type, JSON.stringify(body));
  });
  return {
    append: (events) => appendAll(events),
    last() {
      const row = last.get();
      return { seq: row?.seq ?? 0, hlc: row?.hlc ?? null };
    },
    after: (seq, limit) => after.all(seq, limit).map(toEvent),
    before: (seq, limit) => before.all(seq ?? Number.MAX_SAFE_INTEGER, limit).map(toEvent),
    between: ({ fromMs, toMs, limit }) => between.all(fromMs, toMs, limit).toReversed().map(toEvent),
    ofType: ({ type, afterSeq, limit }) => ofType.all(type, afterSeq, limit).map(toEvent),
    runStart: () => runs.get(1, 0)?.seq ?? null,
    trim(keep) {
      const oldestRun = runs.get(1, keep.runs - 1)?.seq ?? 0;
      const oldestEvent = (last.get()?.seq ?? 0) - keep.events + 1;
      drop.run(Math.max(oldestRun, oldestEvent));
    },
  };
}

const toEvent = (row: Row): JournalEvent => ({
  seq: row.seq,
  hlc: row.hlc,
  atMs: row.at_ms,
  body: JSON.parse(row.body) as JournalEvent['body'],
});
