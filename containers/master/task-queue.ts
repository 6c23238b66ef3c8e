/**
 * The task queue: rows, who may have them next, who has them. Every change is an entry applied by
 * `applyEntry`, live and at replay alike, so a restart cannot come to another result.
 */
import type { TaskOutcome, Token } from '../protocol/compute-messages.ts';
import type { Random } from '../protocol/step.ts';
import { Fifo } from './fifo.ts';
import type { LogEntry, Snapshot } from './log-entry.ts';
import type { MasterSettings } from './settings.ts';
import { isFinal } from './task-row.ts';
import type { Lane, TaskRow } from './task-row.ts';

export type TaskQueue = {
  /** Boot epoch: first half of every token given out. */
  epoch: number;
  lastToken: number;
  /** In order of acceptance. */
  rows: Map<string, TaskRow>;
  /** May hold ids that are no longer ready; `nextReady` skips them. */
  ready: Record<Lane, Fifo>;
  readyCount: Record<Lane, number>;
  /** READY, but in backoff. */
  delayed: Set<string>;
  /** Leased tasks by worker. */
  held: Map<string, Map<string, TaskRow>>;
  heldCount: number;
  /** Final ones, oldest first, for forgetting. */
  finished: Fifo;
  /** Finished in the synchronous lane and not yet in the log. */
  unlogged: TaskRow[];
  sinceSyncTurn: number;
};

export function createQueue(): TaskQueue {
  return {
    epoch: 0,
    lastToken: 0,
    rows: new Map(),
    ready: { sync: new Fifo(), durable: new Fifo() },
    readyCount: { sync: 0, durable: 0 },
    delayed: new Set(),
    held: new Map(),
    heldCount: 0,
    finished: new Fifo(),
    unlogged: [],
    sinceSyncTurn: 0,
  };
}

/** Takes a snapshot's content; entries after it are then applied. */
export function restoreSnapshot(queue: TaskQueue, snapshot: Snapshot): void {
  queue.epoch = snapshot.epoch;
  for (const row of snapshot.rows) queue.rows.set(row.id, row);
}

/** Only what is kept: rows of the synchronous lane live and die with the process. */
export function takeSnapshot(queue: TaskQueue): Snapshot {
  return { version: 1, epoch: queue.epoch, rows: [...queue.rows.values()].filter(({ kept }) => kept) };
}

/** Changes rows as an entry says; unknown tasks are passed over (forgotten before the snapshot). */
export function applyEntry(queue: TaskQueue, entry: LogEntry): void {
  if (entry.e === 'boot') {
    queue.epoch = Math.max(queue.epoch, entry.epoch);
    return;
  }
  if (entry.e === 'kept') {
    queue.rows.set(entry.row.id, entry.row);
    return;
  }
  const row = queue.rows.get(entry.id);
  if (row === undefined) return;
  row.updatedAtMs = entry.atMs;
  row.lease = null;
  switch (entry.e) {
    case 'leased':
      row.state = 'LEASED';
      row.attempts = entry.attempts;
      row.worker = entry.worker;
      row.lease = {
        token: entry.token,
        worker: entry.worker,
        incarnation: entry.incarnation,
        sinceMs: entry.atMs,
        untilMs: entry.atMs,
      };
      return;
    case 'released':
      row.state = 'READY';
      row.notBeforeMs = entry.notBeforeMs;
      row.error = entry.reason;
      return;
    case 'finished':
      row.state = entry.state;
      row.result = entry.result;
      row.error = entry.error;
      row.tookMs = Math.round(Math.max(0, entry.atMs - row.createdAtMs) * 1_000) / 1_000;
      return;
  }
}

/**
 * After a replay: builds the indexes anew. Time may have passed unseen, so leases and backoffs that
 * were running get their full time again.
 */
export function rebuildIndexes(queue: TaskQueue, nowMs: number, settings: MasterSettings): void {
  const finished: TaskRow[] = [];
  for (const row of queue.rows.values()) {
    row.kept = true;
    if (isFinal(row)) finished.push(row);
    else if (row.lease !== null) {
      row.lease.untilMs = nowMs + settings.leaseMs;
      hold(queue, row);
    } else {
      row.notBeforeMs = Math.min(row.notBeforeMs, nowMs + settings.backoffCapMs);
      makeReady(queue, row, nowMs, 'back');
    }
  }
  finished.sort((a, b) => a.updatedAtMs - b.updatedAtMs);
  for (const { id } of finished) queue.finished.push(id);
}

export function addRow(queue: TaskQueue, row: TaskRow, nowMs: number): LogEntry[] {
  queue.rows.set(row.id, row);
  makeReady(queue, row, nowMs, 'back');
  return row.kept ? [keptEntry(row)] : [];
}

/** Puts a task of the synchronous lane, as it stands, into the log; all that follows goes there too. */
export function keep(row: TaskRow): LogEntry[] {
  if (row.kept) return [];
  row.kept = true;
  return [keptEntry(row)];
}

/** The next task to give out, without taking it; synchronous ones first, but never all of the turns. */
export function nextReady(queue: TaskQueue, settings: MasterSettings): TaskRow | null {
  const sync = headOf(queue, 'sync');
  const durable = headOf(queue, 'durable');
  if (sync === null || durable === null) return sync ?? durable;
  return queue.sinceSyncTurn + 1 >= settings.syncShareOf ? durable : sync;
}

/** Gives a ready task to a worker. */
export function lease(
  queue: TaskQueue,
  row: TaskRow,
  to: { worker: string; incarnation: number },
  nowMs: number,
  settings: MasterSettings,
): LogEntry[] {
  queue.sinceSyncTurn = row.lane === 'sync' ? queue.sinceSyncTurn + 1 : 0;
  unready(queue, row);
  const token: Token = [queue.epoch, ++queue.lastToken];
  const entries = change(queue, row, {
    e: 'leased',
    id: row.id,
    worker: to.worker,
    incarnation: to.incarnation,
    token,
    attempts: row.attempts + 1,
    atMs: nowMs,
  });
  if (row.lease !== null) row.lease.untilMs = nowMs + settings.leaseMs;
  hold(queue, row);
  return entries;
}

/** The row whose current lease has this token; null when the lease has passed on (or never was). */
export function findLease(queue: TaskQueue, task: string, token: Token): TaskRow | null {
  const row = queue.rows.get(task);
  const current = row?.lease?.token;
  return row !== undefined && current !== undefined && sameToken(current, token) ? row : null;
}

/** Ends a lease with the worker's outcome: final, or ready again after a backoff with full jitter. */
export function complete(
  queue: TaskQueue,
  row: TaskRow,
  outcome: TaskOutcome,
  nowMs: number,
  random: Random,
  settings: MasterSettings,
): LogEntry[] {
  if (outcome.ok) return finish(queue, row, 'DONE', outcome.result, null, nowMs);
  if (!outcome.retry || row.attempts >= settings.attemptsMax) {
    return finish(queue, row, 'DEAD', null, outcome.error, nowMs);
  }
  const ceilingMs = Math.min(settings.backoffCapMs, settings.backoffBaseMs * 2 ** (row.attempts - 1));
  return release(queue, row, outcome.error, nowMs + random() * ceilingMs, nowMs);
}

/** Ends a lease whose worker is lost: ready again at once and first in line, or DEAD when out of attempts. */
export function giveBack(
  queue: TaskQueue,
  row: TaskRow,
  reason: string,
  nowMs: number,
  settings: MasterSettings,
): LogEntry[] {
  if (row.attempts < settings.attemptsMax) return release(queue, row, reason, nowMs, nowMs);
  return finish(queue, row, 'DEAD', null, `given up after ${row.attempts} attempts: ${reason}`, nowMs);
}

/**
 * Nobody waits any more for a task that nobody has begun and that was never promised: it is as if it had
 * never come, so its id is free again.
 */
export function abandon(queue: TaskQueue, row: TaskRow): void {
  unready(queue, row);
  row.state = 'DEAD';
  queue.rows.delete(row.id);
}

/** Tasks whose backoff is over become ready. */
export function wakeDelayed(queue: TaskQueue, nowMs: number): void {
  for (const id of queue.delayed) {
    const row = queue.rows.get(id);
    if (row !== undefined && row.notBeforeMs > nowMs) continue;
    queue.delayed.delete(id);
    if (row !== undefined && row.state === 'READY') makeReady(queue, row, nowMs, 'back');
  }
}

/** Forgets final tasks beyond the bounds. Not logged: a replay may bring some back until the next turn. */
export function forget(queue: TaskQueue, nowMs: number, settings: MasterSettings): void {
  for (let id = queue.finished.peek(); id !== undefined; id = queue.finished.peek()) {
    const row = queue.rows.get(id);
    const isOld = row === undefined || row.updatedAtMs < nowMs - settings.finishedKeepMs;
    if (!isOld && queue.finished.length <= settings.finishedMax) return;
    queue.finished.shift();
    queue.rows.delete(id);
  }
}

/** Entries for finished tasks of the synchronous lane, so that they are still shown after a restart. */
export function logUnlogged(queue: TaskQueue): LogEntry[] {
  const rows = queue.unlogged;
  queue.unlogged = [];
  return rows.flatMap(keep);
}

export function heldBy(queue: TaskQueue, worker: string): TaskRow[] {
  return [...(queue.held.get(worker)?.values() ?? [])];
}

export function inFlightOf(queue: TaskQueue, worker: string): number {
  return queue.held.get(worker)?.size ?? 0;
}

/** Unfinished tasks: `waiting` has no worker (backoff included), `inFlight` has one. */
export function depth(queue: TaskQueue): { waiting: number; inFlight: number } {
  const { readyCount, delayed, heldCount } = queue;
  return { waiting: readyCount.sync + readyCount.durable + delayed.size, inFlight: heldCount };
}

export function sameToken(a: Token, b: Token): boolean {
  return a[0] === b[0] && a[1] === b[1];
}

function finish(
  queue: TaskQueue,
  row: TaskRow,
  state: 'DONE' | 'DEAD',
  result: string | number | null,
  error: string | null,
  nowMs: number,
): LogEntry[] {
  unready(queue, row);
  unhold(queue, row);
  const entries = change(queue, row, { e: 'finished', id: row.id, state, result, error, atMs: nowMs });
  queue.finished.push(row.id);
  // An id that the client may use again has to give the same result after a restart, so it waits for the disk.
  if (!row.kept && row.keyed) return keep(row);
  if (!row.kept) queue.unlogged.push(row);
  return entries;
}

function release(queue: TaskQueue, row: TaskRow, reason: string, notBeforeMs: number, nowMs: number): LogEntry[] {
  unhold(queue, row);
  const entries = change(queue, row, { e: 'released', id: row.id, reason, notBeforeMs, atMs: nowMs });
  makeReady(queue, row, nowMs, 'front');
  return entries;
}

function change(queue: TaskQueue, row: TaskRow, entry: LogEntry): LogEntry[] {
  applyEntry(queue, entry);
  return row.kept ? [entry] : [];
}

/** A copy: the entry is written later than it is made. */
function keptEntry(row: TaskRow): LogEntry {
  return { e: 'kept', row: { ...row, lease: row.lease === null ? null : { ...row.lease } } };
}

function makeReady(queue: TaskQueue, row: TaskRow, nowMs: number, end: 'front' | 'back'): void {
  if (row.notBeforeMs > nowMs) {
    queue.delayed.add(row.id);
    return;
  }
  queue.readyCount[row.lane]++;
  if (end === 'front') queue.ready[row.lane].unshift(row.id);
  else queue.ready[row.lane].push(row.id);
}

function unready(queue: TaskQueue, row: TaskRow): void {
  if (row.state !== 'READY') return;
  if (queue.delayed.delete(row.id)) return;
  queue.readyCount[row.lane]--;
  if (queue.ready[row.lane].peek() === row.id) queue.ready[row.lane].shift();
}

function headOf(queue: TaskQueue, lane: Lane): TaskRow | null {
  const fifo = queue.ready[lane];
  for (let id = fifo.peek(); id !== undefined; id = fifo.peek()) {
    const row = queue.rows.get(id);
    if (row !== undefined && row.state === 'READY' && !queue.delayed.has(id)) return row;
    fifo.shift();
  }
  return null;
}

function hold(queue: TaskQueue, row: TaskRow): void {
  if (row.lease === null) return;
  const { worker } = row.lease;
  let rows = queue.held.get(worker);
  if (rows === undefined) {
    rows = new Map();
    queue.held.set(worker, rows);
  }
  rows.set(row.id, row);
  queue.heldCount++;
}

function unhold(queue: TaskQueue, row: TaskRow): void {
  if (row.lease === null) return;
  const rows = queue.held.get(row.lease.worker);
  if (rows?.delete(row.id) === true) queue.heldCount--;
  if (rows?.size === 0) queue.held.delete(row.lease.worker);
}
