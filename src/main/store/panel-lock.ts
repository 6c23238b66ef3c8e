/**
 * One panel at a time on a home: an exclusive lock of SQLite, which the operating system lifts when
 * its holder dies, however it dies.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { OrreryError } from '../../../containers/protocol/errors.ts';

/** A lock whose handle nobody holds any more would be collected, and with that be open. */
const held = new Set<Database.Database>();

/** Takes the lock or throws `panel-running` with the holder's process id. Returns the release. */
export function takePanelLock(file: string, pid: number): () => void {
  const db = new Database(file, { timeout: 0 });
  try {
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY'))
      throw new OrreryError('panel-running', { pid: holderOf(file) }, { cause: error });
    throw error;
  }
  writeFileSync(pidFile(file), String(pid), { mode: 0o600 });
  held.add(db);
  return () => {
    held.delete(db);
    db.close();
  };
}

const pidFile = (file: string) => `${file}.pid`;

function holderOf(file: string): string {
  try {
    return readFileSync(pidFile(file), 'utf8').trim();
  } catch {
    return 'unknown';
  }
}
