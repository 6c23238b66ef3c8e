/** What is kept of tasks, in memory and in the log, and for how long. */
import { forgetKeys } from './idempotency.ts';
import type { LogEntry } from './log-entry.ts';
import type { TaskQueue } from './queue-state.ts';
import type { MasterSettings } from './settings.ts';
import { isFinal } from './task-row.ts';
import type { TaskRow } from './task-row.ts';
import { forgetIdleTenants } from './tenants.ts';

/** Puts a task of the synchronous lane, as it stands, into the log; all that follows goes there too. */
export function keep(row: TaskRow): LogEntry[] {
  if (row.kept) return [];
  row.kept = true;
  return [keptEntry(row)];
}

/** A copy: the entry is written later than it is made. */
function keptEntry(row: TaskRow): LogEntry {
  const copy: TaskRow = { ...row, lease: row.lease === null ? null : { ...row.lease } };
  if (row.history !== undefined) copy.history = [...row.history];
  return { e: 'kept', row: copy };
}

/**
 * One that was answered comes, the oldest goes. Of a flood only some are kept: nobody could look at the others before
 * they went, and what is forgotten at once costs the collector nothing. A client that may ask again under its key
 * finds its task for as long as there is room.
 */
export function noteAnswered(queue: TaskQueue, row: TaskRow, { answeredMax }: MasterSettings): void {
  const isFlood = queue.answeredOfLate >= answeredMax;
  if (isFlood && row.idempotency === undefined) {
    queue.rows.delete(row.id);
    return;
  }
  if (!isFlood) queue.answeredOfLate++;
  queue.answered.push(row.id);
  if (queue.answered.length > answeredMax) queue.rows.delete(queue.answered.shift() ?? '');
}

/**
 * Entries for the newest finished tasks of the synchronous lane, so that they are still shown after a
 * restart. Nobody was promised that, so a flood of them does not become a flood of writes.
 */
export function logUnlogged(queue: TaskQueue, settings: MasterSettings): LogEntry[] {
  const rows = queue.unlogged.slice(-settings.loggedPerTickMax);
  queue.unlogged = [];
  return rows.flatMap(keep);
}

/** Under load many more tasks end between two ticks than are to be logged; those that are forgotten already are not. */
export function logLater(queue: TaskQueue, row: TaskRow, { loggedPerTickMax }: MasterSettings): void {
  if (!queue.rows.has(row.id)) return;
  queue.unlogged.push(row);
  if (queue.unlogged.length > 2 * loggedPerTickMax) queue.unlogged.splice(0, loggedPerTickMax);
}

/**
 * Forgets what is final beyond the bounds: tasks, batches, keys. Not logged: a replay may bring some back
 * until the next turn.
 */
export function forget(queue: TaskQueue, nowMs: number, settings: MasterSettings): void {
  const { finishedMax, finishedKeepMs, batchesMax, keysMax, answeredPerTick } = settings;
  queue.answeredOfLate = Math.max(0, queue.answeredOfLate - answeredPerTick);
  forgetKeys(queue.keys, nowMs, finishedKeepMs, keysMax);
  forgetIdleTenants(queue.tenants);
  for (const [id, { endedAtMs }] of queue.batches) {
    if (endedAtMs === null) continue;
    if (queue.batches.size <= batchesMax && endedAtMs >= nowMs - finishedKeepMs) break;
    queue.batches.delete(id);
  }
  for (let id = queue.finished.peek(); id !== undefined; id = queue.finished.peek()) {
    const row = queue.rows.get(id);
    // Redriven since: it will be here again.
    const isOpen = row !== undefined && !isFinal(row);
    const isOld = row === undefined || row.updatedAtMs < nowMs - finishedKeepMs;
    if (!isOpen && !isOld && queue.finished.length <= finishedMax) return;
    queue.finished.shift();
    if (!isOpen) queue.rows.delete(id);
  }
}
