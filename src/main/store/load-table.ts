/** Load test runs: what was measured is written once and never changed; a name and a note can be added. */
import type { LoadRun, LoadRunHead } from '../../core/load/load-run.ts';
import type { LoadSecond } from '../../core/load/load-second.ts';
import type { Db } from './database.ts';

/** The migration that makes the tables: the database itself refuses to change what was measured. */
export const LOAD_TABLES = `CREATE TABLE load_runs (
     run TEXT PRIMARY KEY,
     started_at_ms INTEGER NOT NULL,
     name TEXT NOT NULL,
     note TEXT NOT NULL,
     head TEXT NOT NULL,
     marks TEXT NOT NULL
   ) STRICT;
   CREATE INDEX load_runs_started ON load_runs (started_at_ms);
   CREATE TABLE load_seconds (
     run TEXT NOT NULL REFERENCES load_runs (run) ON DELETE CASCADE,
     second INTEGER NOT NULL,
     body TEXT NOT NULL,
     PRIMARY KEY (run, second)
   ) STRICT, WITHOUT ROWID;
   CREATE TRIGGER load_runs_keep BEFORE UPDATE OF run, started_at_ms, head, marks ON load_runs
     BEGIN SELECT RAISE(ABORT, 'a run is never changed'); END;
   CREATE TRIGGER load_seconds_keep BEFORE UPDATE ON load_seconds
     BEGIN SELECT RAISE(ABORT, 'a run is never changed'); END;`;

export type LoadTable = {
  /** Throws when the run is there already. */
  save(run: LoadRun): void;
  /** Newest first. */
  list(): LoadRunHead[];
  read(run: string): LoadRun | null;
  /** Null when there is no such run. */
  annotate(run: string, text: { name: string; note: string }): true | null;
  remove(run: string): true | null;
};

type Row = { run: string; name: string; note: string; head: string; marks: string };

export function loadTable(db: Db): LoadTable {
  const insert = db.prepare<[string, number, string, string, string, string]>(
    'INSERT INTO load_runs (run, started_at_ms, name, note, head, marks) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const insertSecond = db.prepare<[string, number, string]>(
    'INSERT INTO load_seconds (run, second, body) VALUES (?, ?, ?)',
  );
  const list = db.prepare<[], Row>('SELECT run, name, note, head, marks FROM load_runs ORDER BY started_at_ms DESC');
  const read = db.prepare<[string], Row>('SELECT run, name, note, head, marks FROM load_runs WHERE run = ?');
  const seconds = db.prepare<[string], { body: string }>('SELECT body FROM load_seconds WHERE run = ? ORDER BY second');
  const annotate = db.prepare<[string, string, string]>('UPDATE load_runs SET name = ?, note = ? WHERE run = ?');
  const removeSeconds = db.prepare<[string]>('DELETE FROM load_seconds WHERE run = ?');
  const remove = db.prepare<[string]>('DELETE FROM load_runs WHERE run = ?');
  const saveAll = db.transaction(({ seconds: rows, marks, ...head }: LoadRun) => {
    insert.run(head.run, head.startedAtMs, head.name, head.note, JSON.stringify(head), JSON.stringify(marks));
    for (const row of rows) insertSecond.run(head.run, row.second, JSON.stringify(row));
  });
  const removeAll = db.transaction((run: string) => {
    removeSeconds.run(run);
    return remove.run(run).changes;
  });
  return {
    save: (run) => saveAll(run),
    list: () => list.all().map(headOf),
    read(run) {
      const row = read.get(run);
      if (row === undefined) return null;
      const rows = seconds.all(run).map(({ body }) => JSON.parse(body) as LoadSecond);
      return { ...headOf(row), seconds: rows, marks: JSON.parse(row.marks) as LoadRun['marks'] };
    },
    annotate: (run, { name, note }) => (annotate.run(name, note, run).changes === 0 ? null : true),
    remove: (run) => (removeAll(run) === 0 ? null : true),
  };
}

const headOf = ({ name, note, head }: Row): LoadRunHead => ({ ...(JSON.parse(head) as LoadRunHead), name, note });
