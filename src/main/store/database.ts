/** Opens a SQLite file of ours and brings its tables up to date. */
import { renameSync } from 'node:fs';
import Database from 'better-sqlite3';
import { OrreryError } from '../../../containers/protocol/errors.ts';
import { LATENCY_TABLE } from './latency-table.ts';
import { LOAD_TABLES } from './load-table.ts';
import { TRACE_TABLE } from './trace-table.ts';

/** One entry a version; never changed once released, only added to. */
const MIGRATIONS = [
  `CREATE TABLE journal (
     seq INTEGER PRIMARY KEY,
     hlc TEXT NOT NULL,
     at_ms INTEGER NOT NULL,
     type TEXT NOT NULL,
     body TEXT NOT NULL
   ) STRICT;
   CREATE INDEX journal_runs ON journal (seq) WHERE type = 'cluster-starting';
   CREATE TABLE snapshots (seq INTEGER PRIMARY KEY, shape INTEGER NOT NULL, picture TEXT NOT NULL) STRICT;
   CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;`,
  LOAD_TABLES,
  LATENCY_TABLE,
  TRACE_TABLE,
];

export type Db = Database.Database;

/**
 * Opens (or makes) the database. One that is damaged is put aside under another name, which is
 * returned, and a new one begun: a panel without its past is better than no panel.
 */
export function openDatabase(file: string, nowMs: number): { db: Db; damaged: string | null } {
  try {
    return { db: opened(file), damaged: null };
  } catch (error) {
    if (!isDamage(error)) throw asJournalFailure(error);
    const damaged = `${file}.damaged-${nowMs}`;
    renameSync(file, damaged);
    return { db: opened(file), damaged };
  }
}

/**
 * WAL with NORMAL: a commit is safe from a crash of this process at once, from a crash of the
 * machine after the next checkpoint or the operating system's write-back.
 */
function opened(file: string): Db {
  const db = new Database(file, { timeout: 2_000 });
  try {
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = NORMAL');
    const version = Number(db.pragma('user_version', { simple: true }));
    if (version > MIGRATIONS.length)
      throw new OrreryError('journal-failed', { reason: 'it was written by a newer Orrery' });
    MIGRATIONS.slice(version).forEach((migration, index) => {
      db.transaction(() => {
        db.exec(migration);
        db.pragma(`user_version = ${version + index + 1}`);
      })();
    });
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** A fault of SQLite or of the disk as a coded error; a full disk is named as such. */
export function asJournalFailure(error: unknown): OrreryError {
  if (error instanceof OrreryError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new OrreryError('journal-failed', { reason }, { cause: error });
}

function isDamage(error: unknown): boolean {
  return error instanceof Database.SqliteError && /^SQLITE_(CORRUPT|NOTADB)/.test(error.code);
}
