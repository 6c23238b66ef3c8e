/** What is counted and told when a task comes to its end, and who waits for that. */
import type { TaskResult } from '../protocol/compute-messages.ts';
import type { ErrorCode, ErrorDetails } from '../protocol/errors.ts';
import type { Answer, Finished, MasterEffect } from './core-types.ts';
import { CLIENT, countEdge } from './counters.ts';
import type { Outbox } from './outbox.ts';
import { answer } from './replies.ts';
import type { TaskRow } from './task-row.ts';

/** What a worker says of a task that it ended. */
export type Measured = Pick<TaskResult, 'serviceMs' | 'startedAtMs'>;

/** Counts a final outcome. */
export function conclude(out: Outbox, row: TaskRow, leasedAtMs: number | null, measured?: Measured): Finished {
  const { counters } = out.state;
  const isDone = row.state === 'DONE';
  if (isDone) counters.done++;
  else counters.failed++;
  countEdge(counters, CLIENT, isDone ? 'ok' : 'failed');
  if (row.lane === 'sync') out.state.scaling.window.answered(out.nowMs, out.nowMs - row.createdAtMs);
  return {
    task: row.id,
    row,
    series: row.lane === 'sync' ? 'task-sync' : 'task-durable',
    kind: row.kind,
    acceptedAtMs: row.redrivenAtMs ?? row.createdAtMs,
    leasedAtMs: leasedAtMs ?? out.nowMs,
    finishedAtMs: out.nowMs,
    worker: leasedAtMs === null ? null : row.worker,
    outcome: !isDone ? 'error' : row.attempts > 1 ? 'retried' : 'ok',
    serviceMs: measured?.serviceMs ?? null,
    startedAtMs: measured?.startedAtMs ?? null,
    why: out.state.balancing.explanations.take(row.id),
  };
}

/** `deadlineMs`: after so long its client wants no answer any more. */
export function awaitOutcome(out: Outbox, task: string, request: number, deadlineMs?: number): void {
  const { waiters, waitingFor, deadlines } = out.state;
  waitingFor.set(request, task);
  if (deadlineMs !== undefined) deadlines.set(request, out.nowMs + deadlineMs);
  const requests = waiters.get(task);
  if (requests === undefined) waiters.set(task, [request]);
  else requests.push(request);
}

/** The task that the request waited for, as far as it is known. */
export function stopWaiting(out: Outbox, request: number): TaskRow | undefined {
  const { waiters, waitingFor, deadlines, queue } = out.state;
  const task = waitingFor.get(request);
  if (task === undefined) return undefined;
  waitingFor.delete(request);
  deadlines.delete(request);
  const others = waiters.get(task)?.filter((other) => other !== request) ?? [];
  if (others.length === 0) waiters.delete(task);
  else waiters.set(task, others);
  return queue.rows.get(task);
}

export function answerWaiters(out: Outbox, row: TaskRow, effects: MasterEffect[]): void {
  // What is not kept is answered before anything else can happen to it.
  if (out.state.waiters.has(row.id)) tellWaiters(out, row, { kind: 'task', row: row.kept ? { ...row } : row }, effects);
}

export function refuseWaiters(
  out: Outbox,
  row: TaskRow,
  code: ErrorCode,
  details: ErrorDetails,
  effects: MasterEffect[],
): void {
  tellWaiters(out, row, { kind: 'refused', code, details }, effects);
}

function tellWaiters(out: Outbox, row: TaskRow, given: Answer, effects: MasterEffect[]): void {
  const { waiters, waitingFor } = out.state;
  const requests = waiters.get(row.id);
  if (requests === undefined) return;
  waiters.delete(row.id);
  for (const request of requests) {
    waitingFor.delete(request);
    effects.push(answer(request, isTooLate(out, request) ? tooLate(out, row) : given));
  }
}

/** The timer of a request's deadline may be later than the outcome that is. */
function isTooLate({ state, nowMs }: Outbox, request: number): boolean {
  if (state.deadlines.size === 0) return false;
  const atMs = state.deadlines.get(request);
  return state.deadlines.delete(request) && atMs !== undefined && atMs <= nowMs;
}

/** What a client is told whose time is over; counted. */
export function tooLate({ state, nowMs }: Outbox, row: TaskRow): Answer {
  state.counters.deadlineMissed++;
  return { kind: 'refused', code: 'deadline-exceeded', details: { ms: Math.round(nowMs - row.createdAtMs) } };
}
