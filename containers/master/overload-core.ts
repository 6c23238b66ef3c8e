/**
 * Decisions about requests that cannot be answered in time: refused when they come, when their turn comes, or
 * when their time is over. A request is a task of the synchronous lane that nobody was promised: once it is kept
 * (its client was told its id, or asked for it) none of this concerns it any more.
 */
import { retryAfterS, waitOf } from './balancing/balancing-state.ts';
import { countEdge } from './counters.ts';
import type { MasterEffect } from './core-types.ts';
import type { ErrorCode, ErrorDetails } from '../protocol/errors.ts';
import type { Outbox } from './outbox.ts';
import { conclude, refuseWaiters, stopWaiting, tooLate } from './outcomes.ts';
import { answer, refuse } from './replies.ts';
import { abandon } from './task-queue.ts';
import { isRequest } from './task-row.ts';
import type { TaskRow } from './task-row.ts';

/** True when it is refused, because no time was left of it when it came. */
export function refuseExpired(out: Outbox, request: number, deadlineMs: number | undefined): boolean {
  if (deadlineMs === undefined || deadlineMs > 0) return false;
  out.state.counters.deadlineMissed++;
  refuse(out, request, 'deadline-exceeded', { ms: deadlineMs });
  return true;
}

/** True when it is refused: its time would be over before its turn, or too many wait. */
export function refuseAtArrival(out: Outbox, request: number, deadlineMs: number | undefined): boolean {
  const { queue, settings, balancing, counters } = out.state;
  const waiting = queue.readyCount.sync;
  const waitMs = deadlineMs === undefined ? null : waitOf(waiting, balancing);
  const isTooLate = waitMs !== null && deadlineMs !== undefined && waitMs > deadlineMs;
  if (!isTooLate && waiting < settings.syncDepthMax) return false;
  const reason = isTooLate
    ? `its turn would come in ${Math.round(waitMs)} ms, its deadline is in ${deadlineMs} ms`
    : `${settings.syncDepthMax} requests wait already`;
  counters.shed++;
  refuse(out, request, 'overloaded', { reason, retryAfterS: retryAfterS(waiting, balancing) });
  return true;
}

/** A worker has room for it. True when it does not get it, because it has waited for too long. */
export function refuseAtItsTurn(out: Outbox, row: TaskRow): boolean {
  if (row.lane !== 'sync') return false;
  const { nowMs, state } = out;
  const { balancing, counters, queue } = state;
  const { balancer, autoscaler } = state.settings;
  const waitedMs = nowMs - row.updatedAtMs;
  const isTooLong = balancing.delay.isTooLong(waitedMs, nowMs, autoscaler.thresholdMs);
  if (!isRequest(row)) return false;
  if (isLate(row, nowMs)) {
    missDeadline(out, row);
    return true;
  }
  if (!isTooLong || row.attempts > 0 || (row.deadlineAtMs === undefined && balancer.shed !== 'all')) return false;
  counters.shed++;
  const reason = `it has waited ${Math.round(waitedMs)} ms for its turn`;
  drop(out, row, 'overloaded', { reason, retryAfterS: retryAfterS(queue.readyCount.sync, balancing) });
  return true;
}

/** The time that a client gave its request is over; the task goes with it unless somebody else wants it. */
export function passDeadline(out: Outbox, request: number): void {
  const { state } = out;
  const row = stopWaiting(out, request);
  if (row === undefined) return;
  out.do(answer(request, tooLate(out, row)));
  if (isRequest(row) && !state.waiters.has(row.id)) drop(out, row);
}

/** Has its time passed without that anybody was told yet? */
export function isLate(row: TaskRow, nowMs: number): boolean {
  return row.deadlineAtMs !== undefined && row.deadlineAtMs <= nowMs && isRequest(row);
}

/** Of all that wait for it. */
export function missDeadline(out: Outbox, row: TaskRow): void {
  drop(out, row, 'deadline-exceeded', { ms: Math.round(out.nowMs - row.createdAtMs) });
}

/** As if it had never come: its id is free, and what a worker does about it is stopped and counts for nothing. */
function drop(out: Outbox, row: TaskRow, code: ErrorCode = 'deadline-exceeded', details: ErrorDetails = {}): void {
  const { state } = out;
  const { lease } = row;
  if (lease !== null) {
    countEdge(state.counters, lease.worker, 'failed');
    const link = state.membership.members.get(lease.worker)?.link ?? null;
    if (link !== null) out.do({ kind: 'send', link, message: { t: 'cancel', tokens: [lease.token] } });
  }
  abandon(state.queue, row);
  const effects: MasterEffect[] = [{ kind: 'finished', finished: conclude(out, row, lease?.sinceMs ?? null) }];
  refuseWaiters(out, row, code, details, effects);
  out.do(...effects);
}
