/** What the master writes to its log, and how a replay reads it. Entries say what is so, not what to add: applying one twice changes nothing. */
import type { Token } from '../protocol/compute-messages.ts';
import { OrreryError } from '../protocol/errors.ts';
import type { TaskRow } from './task-row.ts';

export type LogEntry =
  /** A start of the master. Its number fences the tokens of all starts before. */
  | { e: 'boot'; epoch: number; atMs: number }
  /** The task as it stands: new, or of the synchronous lane and now to be kept. */
  | { e: 'kept'; row: TaskRow }
  | { e: 'leased'; id: string; worker: string; incarnation: number; token: Token; attempts: number; atMs: number }
  | { e: 'released'; id: string; reason: string; notBeforeMs: number; atMs: number }
  | {
      e: 'finished';
      id: string;
      state: 'DONE' | 'DEAD';
      result: string | number | null;
      error: string | null;
      atMs: number;
    };

export type Snapshot = { version: 1; epoch: number; rows: TaskRow[] };

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function encodeEntry(entry: LogEntry): Uint8Array {
  return encoder.encode(JSON.stringify(entry));
}

/** Entries are checksummed by the log, so what comes back is what this program once wrote. */
export function decodeEntry(bytes: Uint8Array): LogEntry {
  return JSON.parse(decoder.decode(bytes)) as LogEntry;
}

export function encodeSnapshot(snapshot: Snapshot): Uint8Array {
  return encoder.encode(JSON.stringify(snapshot));
}

/** Throws `log-corrupt` for a snapshot of another version. */
export function decodeSnapshot(bytes: Uint8Array, node: string): Snapshot {
  const snapshot = JSON.parse(decoder.decode(bytes)) as Snapshot;
  if (snapshot.version !== 1)
    throw new OrreryError('log-corrupt', { node, where: `snapshot version ${snapshot.version}` });
  return snapshot;
}
