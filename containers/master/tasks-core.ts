/** Decisions about tasks: submission, waiting, dispatch, results, leases. */
import type { ResultVerdict, TaskOutcome } from '../protocol/compute-messages.ts';
import { CLIENT, countEdge } from './counters.ts';
import type { Answer, Finished, MasterEffect, MasterEvent } from './core-types.ts';
import { recordResponse } from './balancing/worker-record.ts';
import { freeWebhooks } from './guests/webhook-room.ts';
import { nameOf } from './idempotency.ts';
import type { LogEntry } from './log-entry.ts';
import { takesWork } from './membership.ts';
import type { Outbox } from './outbox.ts';
import { answer, endsIn, refuse } from './replies.ts';
import { abandon, addTask, complete, depth, findLease, giveBack, inFlightOf, keep } from './task-queue.ts';
import { noteFirstResult, noteServed } from './scaling/state.ts';
import { isFinal, isSameTask, tenantOf } from './task-row.ts';
import type { TaskRow, TaskSpec } from './task-row.ts';
import { depthOf } from './tenants.ts';

type Submit = Extract<MasterEvent, { kind: 'submit' }>;

export function onSubmit(out: Outbox, { request, spec, wait, queue: mayQueue }: Submit): void {
  const { state, nowMs } = out;
  const known = state.queue.rows.get(spec.id);
  if (known !== undefined) {
    if (isSameTask(known, spec)) resubmit(out, known, request, wait);
    else refuse(out, request, 'conflict', { reason: `task ${spec.id} exists with another body` });
    return;
  }
  if (answerRepeated(out, request, spec, wait)) return;
  const lane = wait ? 'sync' : 'durable';
  if (!mayQueue && !hasRoom(out, spec.kind)) {
    refuse(out, request, 'no-worker', {});
    return;
  }
  const full = whatIsFull(out, lane, tenantOf(spec), 1);
  if (full !== null) {
    refuse(out, request, 'too-many', { ...full, retryAfterS: 1 });
    return;
  }
  const entries = addTask(state.queue, spec, lane, nowMs);
  state.counters.accepted++;
  if (wait) state.scaling.window.arrived(nowMs);
  countEdge(state.counters, CLIENT, 'sent');
  if (wait) awaitOutcome(out, spec.id, request);
  else out.persist(entries, [{ kind: 'answer', request, answer: { kind: 'accepted', task: spec.id } }]);
}

/** True when the idempotency key is known and the request is answered. */
function answerRepeated(out: Outbox, request: number, spec: TaskSpec, wait: boolean): boolean {
  const { queue } = out.state;
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
  } else resubmit(out, row, request, wait);
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

/** The waiting time is over: the answer is the task as it stands, which from now on is promised. */
export function onWaitEnded(out: Outbox, request: number): void {
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
    takeOutcome(out, row, result.outcome, taken);
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
  const member = state.membership.members.get(held.worker);
  if (member !== undefined) recordResponse(member.record, nowMs - held.sinceMs, nowMs, settings.ewmaTauMs);
  const entries = giveBack(queue, row, reason, nowMs, settings);
  if (!isFinal(row)) {
    counters.retried++;
    out.persist(entries);
    return;
  }
  const effects: MasterEffect[] = [{ kind: 'finished', finished: conclude(out, row, held.sinceMs) }];
  answerWaiters(out, row, effects);
  out.after(entries, [...effects, ...endsIn(entries)]);
}

/** Takes an outcome as the task's, whoever has it. */
export function takeOutcome(out: Outbox, row: TaskRow, outcome: TaskOutcome, taken: Taken): void {
  const { state, nowMs, random } = out;
  const { queue, counters, settings, membership } = state;
  const held = row.lease;
  const member = membership.members.get(held?.worker ?? '');
  if (held !== null && member !== undefined) {
    recordResponse(member.record, nowMs - held.sinceMs, nowMs, settings.ewmaTauMs);
    if (row.lane === 'sync') noteServed(state.scaling, member.node, nowMs - held.sinceMs, nowMs);
    noteFirstResult(out, member.node);
  }
  if (held !== null) countEdge(counters, held.worker, outcome.ok ? 'ok' : 'failed');
  taken.entries.push(...complete(queue, row, outcome, nowMs, random, settings));
  if (!isFinal(row)) {
    counters.retried++;
    return;
  }
  const effects = row.kept ? taken.then : taken.now;
  effects.push({ kind: 'finished', finished: conclude(out, row, held?.sinceMs ?? null) });
  answerWaiters(out, row, effects);
}

/** Ends a task that nobody is to be given. */
export function endUnsent(out: Outbox, row: TaskRow, error: string): void {
  const taken = nothingTaken();
  takeOutcome(out, row, { ok: false, error, retry: false }, taken);
  carryOut(out, taken);
}

/** Counts a final outcome. */
function conclude(out: Outbox, row: TaskRow, leasedAtMs: number | null): Finished {
  const { counters } = out.state;
  const isDone = row.state === 'DONE';
  if (isDone) counters.done++;
  else counters.failed++;
  countEdge(counters, CLIENT, isDone ? 'ok' : 'failed');
  if (row.lane === 'sync') out.state.scaling.window.answered(out.nowMs, out.nowMs - row.createdAtMs);
  return {
    task: row.id,
    series: row.lane === 'sync' ? 'task-sync' : 'task-durable',
    kind: row.kind,
    acceptedAtMs: row.redrivenAtMs ?? row.createdAtMs,
    leasedAtMs: leasedAtMs ?? out.nowMs,
    finishedAtMs: out.nowMs,
    worker: leasedAtMs === null ? null : row.worker,
    outcome: !isDone ? 'error' : row.attempts > 1 ? 'retried' : 'ok',
    why: out.state.explanations.take(row.id),
  };
}

function resubmit(out: Outbox, row: TaskRow, request: number, wait: boolean): void {
  if (wait && !isFinal(row)) {
    awaitOutcome(out, row.id, request);
    return;
  }
  const again: Answer = wait ? { kind: 'task', row: { ...row } } : { kind: 'accepted', task: row.id };
  out.persist(keep(row), [answer(request, again)]);
}

function awaitOutcome(out: Outbox, task: string, request: number): void {
  const { waiters, waitingFor } = out.state;
  waitingFor.set(request, task);
  const requests = waiters.get(task);
  if (requests === undefined) waiters.set(task, [request]);
  else requests.push(request);
}

function stopWaiting(out: Outbox, request: number): TaskRow | undefined {
  const { waiters, waitingFor, queue } = out.state;
  const task = waitingFor.get(request);
  if (task === undefined) return undefined;
  waitingFor.delete(request);
  const others = waiters.get(task)?.filter((other) => other !== request) ?? [];
  if (others.length === 0) waiters.delete(task);
  else waiters.set(task, others);
  return queue.rows.get(task);
}

function answerWaiters(out: Outbox, row: TaskRow, effects: MasterEffect[]): void {
  const { waiters, waitingFor } = out.state;
  const requests = waiters.get(row.id);
  if (requests === undefined) return;
  waiters.delete(row.id);
  // What is not kept is answered before anything else can happen to it.
  const given: Answer = { kind: 'task', row: row.kept ? { ...row } : row };
  for (const request of requests) {
    waitingFor.delete(request);
    effects.push(answer(request, given));
  }
}

function hasRoom(out: Outbox, kind: string): boolean {
  const { queue, membership } = out.state;
  const room = [...membership.members.values()].filter(
    (member) => takesWork(member) && member.kinds.has(kind) && inFlightOf(queue, member.node) < member.capacity,
  );
  // Those that wait already have a claim on the room there is.
  return room.length + freeWebhooks(out, kind) > depth(queue).waiting;
}

/** What has no room for so many tasks more; null when there is room. */
export function whatIsFull(
  out: Outbox,
  lane: TaskRow['lane'],
  tenant: string,
  more: number,
): { what: string; limit: number } | null {
  const { queue, settings } = out.state;
  const { waiting, inFlight } = depth(queue);
  if (waiting + inFlight + more > settings.depthMax) return { what: 'The task queue', limit: settings.depthMax };
  if (depthOf(queue.tenants, tenant) + more > settings.tenantDepthMax) {
    return { what: `The task queue of tenant ${tenant}`, limit: settings.tenantDepthMax };
  }
  const isFull = lane === 'sync' && queue.readyCount.sync >= settings.syncDepthMax;
  return isFull ? { what: 'The queue of waiting requests', limit: settings.syncDepthMax } : null;
}
