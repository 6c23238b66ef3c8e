/**
 * The task queue: rows, who may have them next, who has them. Every change is an entry applied by
 * `applyEntry`, live and at replay alike, so a restart cannot come to another result.
 */
import { ChurnMap } from '../algorithms/churn-map.ts';
import type { TaskOutcome, Token } from '../protocol/compute-messages.ts';
import type { FruitPayload } from '../protocol/tasks.ts';
import { endsWith } from './batch-row.ts';
import type { Tally } from './batch-row.ts';
import { isPuller } from './guests/guest-name.ts';
import { nameOf } from './idempotency.ts';
import { keep, logLater, noteAnswered } from './keeping.ts';
import type { LogEntry } from './log-entry.ts';
import { headOf } from './next-ready.ts';
import { applyEntry } from './queue-replay.ts';
import type { TaskQueue } from './queue-state.ts';
import type { MasterSettings } from './settings.ts';
import { createRow, isFinal, tenantOf } from './task-row.ts';
import type { Lane, TaskRow, TaskSpec } from './task-row.ts';
import { countsOf } from './tenants.ts';

export { takeSnapshot } from './queue-replay.ts';
export type { TaskQueue } from './queue-state.ts';

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
      row.lease.untilMs = nowMs + leaseMsOf(row, settings);
      hold(queue, row);
    } else {
      row.notBeforeMs = Math.min(row.notBeforeMs, nowMs + settings.backoffCapMs);
      makeReady(queue, row, nowMs, 'back');
    }
  }
  finished.sort((a, b) => a.updatedAtMs - b.updatedAtMs);
  for (const { id } of finished) queue.finished.push(id);
  // All that was replayed is durable.
  queue.toldEvent = queue.lastEvent;
}

/** Takes a new task in; the entry is empty for the synchronous lane, which is not in the log. */
export function addTask(queue: TaskQueue, spec: TaskSpec, lane: Lane, nowMs: number): LogEntry[] {
  if (lane === 'sync') {
    const row = createRow(spec, lane, nowMs);
    applyEntry(queue, { e: 'kept', row });
    makeReady(queue, row, nowMs, 'back');
    return [];
  }
  const entry: LogEntry = { e: 'new', spec, atMs: nowMs };
  applyEntry(queue, entry);
  lineUp(queue, spec.id, nowMs);
  return [entry];
}

/** A task that is in the rows and READY joins the line. */
export function lineUp(queue: TaskQueue, id: string, nowMs: number): void {
  const row = queue.rows.get(id);
  if (row !== undefined) makeReady(queue, row, nowMs, 'back');
}

/** A ready task waits for one worker from now on. `front`: it is tried again. */
export function place(queue: TaskQueue, row: TaskRow, worker: string, end: 'front' | 'back'): void {
  queue.lines.add(worker, row.id, end);
  if (queue.ready[row.lane].peek() === row.id) queue.ready[row.lane].take();
}

/** What waits for one worker waits for any again, first in line and in order. */
export function recall(queue: TaskQueue, worker: string): void {
  for (const id of queue.lines.recall(worker).toReversed()) {
    const row = queue.rows.get(id);
    if (row !== undefined) queue.ready[row.lane].unshift(tenantOf(row), row.priority ?? 0, id);
  }
}

/** When the first of those requests came that are next in their lines, ms; null when none waits. */
export function oldestSyncMs(queue: TaskQueue): number | null {
  const heads = queue.lines.workers().map((worker) => queue.rows.get(queue.lines.peek(worker) ?? ''));
  const times = [...heads, headOf(queue, 'sync')].flatMap((row) => (row ? [row.createdAtMs] : []));
  return times.length === 0 ? null : Math.min(...times);
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
  unready(queue, row, true);
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
  if (row.lease !== null) row.lease.untilMs = nowMs + leaseMsOf(row, settings);
  hold(queue, row);
  return entries;
}

/** The row whose current lease has this token; null when the lease has passed on (or never was). */
export function findLease(queue: TaskQueue, task: string, token: Token): TaskRow | null {
  const row = queue.rows.get(task);
  const current = row?.lease?.token;
  return row !== undefined && current !== undefined && sameToken(current, token) ? row : null;
}

/** Ends a lease with the worker's outcome: final, or ready again at the time that `againAtMs` gives (null: never). */
export function complete(
  queue: TaskQueue,
  row: TaskRow,
  outcome: TaskOutcome,
  nowMs: number,
  settings: MasterSettings,
  againAtMs: () => number | null,
): LogEntry[] {
  if (outcome.ok) return finish(queue, row, { state: 'DONE', result: outcome.result, error: null }, nowMs, settings);
  const notBeforeMs = outcome.retry ? againAtMs() : null;
  if (notBeforeMs !== null) return release(queue, row, outcome.error, notBeforeMs, nowMs);
  return finish(queue, row, { state: 'DEAD', result: null, error: outcome.error }, nowMs, settings);
}

/** Ends a lease whose worker is lost: ready again and first in line, or DEAD when `againAtMs` is null. */
export function giveBack(
  queue: TaskQueue,
  row: TaskRow,
  reason: string,
  againAtMs: number | null,
  nowMs: number,
  settings: MasterSettings,
): LogEntry[] {
  if (againAtMs !== null) return release(queue, row, reason, againAtMs, nowMs);
  const error = `given up after ${row.attempts} attempts: ${reason}`;
  return finish(queue, row, { state: 'DEAD', result: null, error }, nowMs, settings);
}

/** Nobody waits any more for a task that was never promised: it is as if it had never come, so its id is free again. */
export function abandon(queue: TaskQueue, row: TaskRow): void {
  unready(queue, row);
  unhold(queue, row);
  row.lease = null;
  row.state = 'DEAD';
  queue.rows.delete(row.id);
  if (row.idempotency !== undefined) queue.keys.delete(nameOf(tenantOf(row), row.idempotency.key));
}

/** Takes a ready task out of its line: it is somebody else's affair from now on. */
export function withdraw(queue: TaskQueue, row: TaskRow): void {
  unready(queue, row);
}

/** A DEAD task is to be tried anew, with all its attempts; from now on it is kept. */
export function redrive(queue: TaskQueue, row: TaskRow, nowMs: number): LogEntry[] {
  const kept = keep(row);
  const batch = queue.batches.get(row.batch ?? '');
  const inBatch = batch !== undefined && { batch: batch.id, tally: { done: batch.done, dead: batch.dead - 1 } };
  const entries = change(queue, row, { e: 'redriven', id: row.id, ...inBatch, atMs: nowMs });
  makeReady(queue, row, nowMs, 'back');
  return [...kept, ...entries];
}

/** Tasks whose backoff is over become ready. */
export function wakeDelayed(queue: TaskQueue, nowMs: number): void {
  for (const id of queue.delayed) {
    const row = queue.rows.get(id);
    if (row !== undefined && row.notBeforeMs > nowMs) continue;
    queue.delayed.delete(id);
    if (row !== undefined && row.state === 'READY') enqueue(queue, row, 'back');
  }
}

/** How long a worker that asked may take without a word; all others are heard of meanwhile. */
function leaseMsOf({ lane, lease: held, payload }: TaskRow, { leaseMs }: MasterSettings): number {
  if (lane !== 'pulled' || held === null || !isPuller(held.worker)) return leaseMs;
  const { execution_time = 0 } = payload as FruitPayload;
  return execution_time * 1_500 + 10_000;
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
  return { waiting: readyCount.sync + readyCount.durable + readyCount.pulled + delayed.size, inFlight: heldCount };
}

export function sameToken(a: Token, b: Token): boolean {
  return a[0] === b[0] && a[1] === b[1];
}

function finish(
  queue: TaskQueue,
  row: TaskRow,
  { state, result, error }: { state: 'DONE' | 'DEAD'; result: string | number | null; error: string | null },
  nowMs: number,
  settings: MasterSettings,
): LogEntry[] {
  unready(queue, row);
  unhold(queue, row);
  const entry: LogEntry = { e: 'finished', id: row.id, state, result, error, atMs: nowMs };
  if (row.batch !== undefined) {
    entry.batch = row.batch;
    entry.tally = tallyWith(queue, row.batch, state);
  }
  const entries = change(queue, row, entry);
  if (state === 'DONE' && !row.kept && !row.keyed) noteAnswered(queue, row, settings);
  else queue.finished.push(row.id);
  const counts = countsOf(queue.tenants, tenantOf(row));
  if (state === 'DONE') counts.done++;
  else counts.failed++;
  // An id that the client may use again has to give the same result after a restart, so it waits for the disk.
  if (!row.kept && row.keyed) return keep(row);
  if (!row.kept) logLater(queue, row, settings);
  return entries;
}

/** The counts of a batch with one more task at its end. */
function tallyWith(queue: TaskQueue, id: string, state: 'DONE' | 'DEAD'): Tally {
  const batch = queue.batches.get(id);
  if (batch === undefined) return { done: 0, dead: 0 };
  const done = batch.done + (state === 'DONE' ? 1 : 0);
  const dead = batch.dead + (state === 'DEAD' ? 1 : 0);
  if (!endsWith(batch, done, dead)) return { done, dead };
  return { done, dead, end: { number: queue.lastEvent + 1, round: batch.round + 1 } };
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

function makeReady(queue: TaskQueue, row: TaskRow, nowMs: number, end: 'front' | 'back'): void {
  countsOf(queue.tenants, tenantOf(row)).waiting++;
  if (row.notBeforeMs > nowMs) queue.delayed.add(row.id);
  else enqueue(queue, row, end);
}

function enqueue(queue: TaskQueue, row: TaskRow, end: 'front' | 'back'): void {
  queue.readyCount[row.lane]++;
  const line = queue.ready[row.lane];
  if (end === 'front') line.unshift(tenantOf(row), row.priority ?? 0, row.id);
  else line.push(tenantOf(row), row.priority ?? 0, row.id);
}

/** `given`: somebody has it now, perhaps before its turn. What is only taken away costs its tenant nothing. */
function unready(queue: TaskQueue, row: TaskRow, given = false): void {
  if (row.state !== 'READY') return;
  countsOf(queue.tenants, tenantOf(row)).waiting--;
  if (queue.delayed.size > 0 && queue.delayed.delete(row.id)) return;
  queue.readyCount[row.lane]--;
  const placed = queue.lines.has(row.id);
  if (placed) queue.lines.remove(row.id);
  const line = queue.ready[row.lane];
  if (line.peek() === row.id) line.take();
  else if (given && !placed) line.takeOut(tenantOf(row), row.priority ?? 0, row.id);
}

function hold(queue: TaskQueue, row: TaskRow): void {
  if (row.lease === null) return;
  const { worker } = row.lease;
  let rows = queue.held.get(worker);
  if (rows === undefined) {
    rows = new ChurnMap();
    queue.held.set(worker, rows);
  }
  rows.set(row.id, row);
  queue.heldCount++;
  countsOf(queue.tenants, tenantOf(row)).inFlight++;
}

function unhold(queue: TaskQueue, row: TaskRow): void {
  if (row.lease === null) return;
  const rows = queue.held.get(row.lease.worker);
  if (rows?.delete(row.id) === true) {
    queue.heldCount--;
    countsOf(queue.tenants, tenantOf(row)).inFlight--;
  }
  if (rows?.size === 0) queue.held.delete(row.lease.worker);
}
