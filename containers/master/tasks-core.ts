/** Decisions about tasks: submission, waiting, dispatch, results, leases. */
import type { ResultVerdict, TaskOutcome } from '../protocol/compute-messages.ts';
import { isEjected } from './balancing/ejection.ts';
import { CLIENT, countEdge } from './counters.ts';
import type { Answer, MasterEffect, MasterEvent } from './core-types.ts';
import { freeWebhooks } from './guests/webhook-room.ts';
import { nameOf } from './idempotency.ts';
import { keep } from './keeping.ts';
import type { LogEntry } from './log-entry.ts';
import { takesWork } from './membership.ts';
import type { Outbox } from './outbox.ts';
import { answerWaiters, awaitOutcome, conclude, refuseWaiters, stopWaiting } from './outcomes.ts';
import type { Measured } from './outcomes.ts';
import { isLate, missDeadline, passDeadline, refuseAtArrival, refuseExpired } from './overload-core.ts';
import { answer, endsIn, refuse } from './replies.ts';
import { againAtMs, noteWorker, placeAgain } from './retry-core.ts';
import { abandon, addTask, complete, depth, findLease, giveBack, inFlightOf } from './task-queue.ts';
import { noteFirstResult, noteServed } from './scaling/state.ts';
import { isFinal, isRequest, isSameTask, tenantOf } from './task-row.ts';
import type { TaskRow } from './task-row.ts';
import { depthOf } from './tenants.ts';

type Submit = Extract<MasterEvent, { kind: 'submit' }>;

export function onSubmit(out: Outbox, event: Submit): void {
  const { request, spec, wait, queue: mayQueue, deadlineMs } = event;
  const { state, nowMs } = out;
  if (refuseExpired(out, request, deadlineMs)) return;
  const known = state.queue.rows.get(spec.id);
  if (known !== undefined) {
    if (isSameTask(known, spec)) resubmit(out, known, event);
    else refuse(out, request, 'conflict', { reason: `task ${spec.id} exists with another body` });
    return;
  }
  if (answerRepeated(out, event)) return;
  const lane = wait ? 'sync' : 'durable';
  if (!mayQueue && !hasRoom(out, spec.kind)) {
    refuse(out, request, 'no-worker', {});
    return;
  }
  if (wait && refuseAtArrival(out, request, deadlineMs)) return;
  const full = whatIsFull(out, tenantOf(spec), 1);
  if (full !== null) {
    refuse(out, request, 'too-many', { ...full, retryAfterS: 1 });
    return;
  }
  const entries = addTask(state.queue, spec, lane, nowMs);
  state.counters.accepted++;
  if (wait) state.scaling.window.arrived(nowMs);
  countEdge(state.counters, CLIENT, 'sent');
  if (wait) {
    state.balancing.budget.request(nowMs);
    awaitOutcome(out, spec.id, request, deadlineMs);
    if (deadlineMs !== undefined) setDeadline(out, spec.id, deadlineMs);
  } else out.persist(entries, [{ kind: 'answer', request, answer: { kind: 'accepted', task: spec.id } }]);
}

/** True when the idempotency key is known and the request is answered. */
function answerRepeated(out: Outbox, event: Submit): boolean {
  const { queue } = out.state;
  const { request, spec } = event;
  if (spec.idempotency === undefined) return false;
  const { key, hash } = spec.idempotency;
  const known = queue.keys.get(nameOf(tenantOf(spec), key));
  if (known === undefined) return false;
  const row = queue.rows.get(known.id);
  if (known.what !== 'task' || known.hash !== hash) {
    refuse(out, request, 'conflict', { reason: 'the idempotency key was used for another request' });
  } else if (row === undefined) {
    // Done long ago and forgotten; its key is not.
    out.persist([], [answer(request, { kind: 'accepted', task: known.id })]);
  } else resubmit(out, row, event);
  return true;
}

/** Answered with the outcome when that is durable; at once when it is there already. */
export function onAwait(out: Outbox, { request, task }: Extract<MasterEvent, { kind: 'await' }>): void {
  const row = out.state.queue.rows.get(task);
  if (row === undefined) refuse(out, request, 'not-found', { what: `Task ${task}` });
  else if (isFinal(row)) out.persist(keep(row), [answer(request, { kind: 'task', row: { ...row } })]);
  else {
    // Kept from now on, so that its outcome is written before it is told.
    out.persist(keep(row));
    awaitOutcome(out, task, request);
  }
}

/** The waiting time is over: the answer is the task as it stands, which from now on is promised; or the deadline is. */
export function onWaitEnded(out: Outbox, request: number): void {
  if (out.state.deadlines.has(request)) {
    passDeadline(out, request);
    return;
  }
  const row = stopWaiting(out, request);
  if (row !== undefined) out.persist(keep(row), [answer(request, { kind: 'task', row: { ...row } })]);
}

/** A task that only this client wanted and nobody has begun is not begun any more. */
export function onClientGone(out: Outbox, request: number): void {
  const row = stopWaiting(out, request);
  if (row === undefined || row.kept || row.state !== 'READY' || out.state.waiters.has(row.id)) return;
  abandon(out.state.queue, row);
  out.do({ kind: 'finished', finished: conclude(out, row, null) });
}

/** Results of a worker. Each counts only under its task's current token. */
export function onResults(out: Outbox, event: Extract<MasterEvent, { kind: 'results' }>): void {
  const { state } = out;
  const taken = nothingTaken();
  const verdicts: ResultVerdict[] = event.results.map((result) => {
    const row = findLease(state.queue, result.task, result.token);
    if (row === null || row.lease?.worker !== event.node) {
      state.counters.staleResults++;
      return 'stale';
    }
    if (isLate(row, out.nowMs)) {
      missDeadline(out, row);
      return 'stale';
    }
    takeOutcome(out, row, result.outcome, taken, result);
    return 'accepted';
  });
  carryOut(out, taken, [{ kind: 'settle', link: event.link, reply: event.reply, verdicts }]);
}

/** What outcomes come to: what waits for nothing, what is to be written, and what is done when it is. */
export type Taken = { now: MasterEffect[]; entries: LogEntry[]; then: MasterEffect[] };

export function nothingTaken(): Taken {
  return { now: [], entries: [], then: [] };
}

/** Does all of it, and behind all of it `last`. */
export function carryOut(out: Outbox, { now, entries, then }: Taken, last: readonly MasterEffect[] = []): void {
  out.do(...now);
  out.after(entries, [...then, ...endsIn(entries), ...last]);
}

/** Leases that no heartbeat renewed. */
export function expireLeases(out: Outbox): void {
  for (const rows of out.state.queue.held.values()) {
    for (const row of rows.values()) {
      if (row.lease !== null && row.lease.untilMs <= out.nowMs) loseLease(out, row, 'its lease ran out');
    }
  }
}

/** Ends a lease without a result: its worker is lost, or never got the task. */
export function loseLease(out: Outbox, row: TaskRow, reason: string): void {
  const { state, nowMs } = out;
  const held = row.lease;
  if (held === null) return;
  const { counters, queue, settings } = state;
  countEdge(counters, held.worker, 'failed');
  counters.leasesLost++;
  noteWorker(out, held.worker, held.sinceMs, 'error');
  const wasRequest = isRequest(row);
  const entries = giveBack(queue, row, reason, againAtMs(out, row, 'lost'), nowMs, settings);
  if (!isFinal(row)) {
    counters.retried++;
    placeAgain(out, row);
    out.persist(entries);
    return;
  }
  const effects: MasterEffect[] = [{ kind: 'finished', finished: conclude(out, row, held.sinceMs) }];
  if (wasRequest) refuseWaiters(out, row, 'worker-lost', { worker: held.worker, reason }, effects);
  else answerWaiters(out, row, effects);
  out.after(entries, [...effects, ...endsIn(entries)]);
}

/** Takes an outcome as the task's, whoever has it; `measured` by its worker. */
export function takeOutcome(out: Outbox, row: TaskRow, outcome: TaskOutcome, taken: Taken, measured?: Measured): void {
  const { state, nowMs } = out;
  const { queue, counters, settings } = state;
  const held = row.lease;
  if (held !== null) {
    countEdge(counters, held.worker, outcome.ok ? 'ok' : 'failed');
    noteWorker(out, held.worker, held.sinceMs, outcome.ok || !outcome.retry ? 'ok' : 'error');
    const { worker, sinceMs } = held;
    if (row.lane === 'sync')
      noteServed(state.scaling, { worker, heldMs: nowMs - sinceMs, atOnce: queue.heldCount }, nowMs);
    noteFirstResult(out, held.worker);
  }
  taken.entries.push(...complete(queue, row, outcome, nowMs, settings, () => againAtMs(out, row, 'failed')));
  if (!isFinal(row)) {
    counters.retried++;
    placeAgain(out, row);
    return;
  }
  const effects = row.kept ? taken.then : taken.now;
  effects.push({ kind: 'finished', finished: conclude(out, row, held?.sinceMs ?? null, measured) });
  answerWaiters(out, row, effects);
}

/** Ends a task that nobody is to be given. */
export function endUnsent(out: Outbox, row: TaskRow, error: string): void {
  const taken = nothingTaken();
  takeOutcome(out, row, { ok: false, error, retry: false }, taken);
  carryOut(out, taken);
}

function setDeadline(out: Outbox, task: string, deadlineMs: number): void {
  const row = out.state.queue.rows.get(task);
  if (row !== undefined) row.deadlineAtMs = out.nowMs + deadlineMs;
}

function resubmit(out: Outbox, row: TaskRow, { request, wait, deadlineMs }: Submit): void {
  if (wait && !isFinal(row)) {
    awaitOutcome(out, row.id, request, deadlineMs);
    // It is wanted for as long as the most patient of its clients wants it.
    const mineMs = deadlineMs === undefined ? undefined : out.nowMs + deadlineMs;
    if (mineMs === undefined) delete row.deadlineAtMs;
    else if (row.deadlineAtMs !== undefined) row.deadlineAtMs = Math.max(row.deadlineAtMs, mineMs);
    return;
  }
  const again: Answer = wait ? { kind: 'task', row: { ...row } } : { kind: 'accepted', task: row.id };
  out.persist(keep(row), [answer(request, again)]);
}

function hasRoom(out: Outbox, kind: string): boolean {
  const { queue, membership } = out.state;
  const room = [...membership.members.values()].filter(
    (member) =>
      takesWork(member) &&
      !isEjected(member.record, out.nowMs) &&
      member.kinds.has(kind) &&
      inFlightOf(queue, member.node) < member.capacity,
  );
  // Those that wait already have a claim on the room there is.
  return room.length + freeWebhooks(out, kind) > depth(queue).waiting;
}

/** What has no room for so many tasks more; null when there is room. */
export function whatIsFull(out: Outbox, tenant: string, more: number): { what: string; limit: number } | null {
  const { queue, settings } = out.state;
  const { waiting, inFlight } = depth(queue);
  if (waiting + inFlight + more > settings.depthMax) return { what: 'The task queue', limit: settings.depthMax };
  if (depthOf(queue.tenants, tenant) + more > settings.tenantDepthMax) {
    return { what: `The task queue of tenant ${tenant}`, limit: settings.tenantDepthMax };
  }
  return null;
}
