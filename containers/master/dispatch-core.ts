/**
 * Gives ready tasks to workers. Under `pull` everything waits in one line, and a worker with room takes what is
 * next. Under the other policies a request whose client waits is placed in the line of one worker as soon as it
 * comes; the durable lane is pulled all the same (ALGORITHMS.md 2 and 4). No worker ever has more than its
 * capacity: the lines are here, not there.
 */
import type { TaskOrder } from '../protocol/compute-messages.ts';
import { choosingOf } from './balancing/circumstances.ts';
import { chooseWorker, explain, isServing } from './balancing/choose.ts';
import type { Choosing, Wanted } from './balancing/choose.ts';
import { isPanic } from './balancing/ejection.ts';
import { countEdge } from './counters.ts';
import { someoneAsks } from './guests/pullers-core.ts';
import { serveWebhooks } from './guests/webhook-dispatch.ts';
import { takesWork } from './membership.ts';
import type { MemberRow, Members } from './membership.ts';
import type { Outbox } from './outbox.ts';
import { refuseAtItsTurn } from './overload-core.ts';
import { noteGiven } from './scaling/state.ts';
import { headOf, isTurnOfDurable, nextReady } from './next-ready.ts';
import { inFlightOf, lease, place, recall } from './task-queue.ts';
import { isRequest } from './task-row.ts';
import type { TaskRow } from './task-row.ts';
import { attemptContext, isAsked } from './task-trace.ts';

/** Until either tasks or room run out. */
export function dispatchReady(out: Outbox): void {
  const { queue, settings, webhooks } = out.state;
  const { policy } = settings.balancer;
  if (webhooks.size > 0) serveWebhooks(out);
  if (queue.lines.size > 0) recallStranded(out);
  if (policy !== 'pull') placeRequests(out);
  if (queue.lines.size > 0) workOffLines(out);
  let choosing: Choosing | null = null;
  for (let row = nextReady(queue, settings); row !== null; row = nextReady(queue, settings)) {
    if (row.lane === 'pulled' && someoneAsks(out)) return;
    choosing ??= choosingOf(out, 'pull');
    const worker = chooseFor(row, out.state.membership.members, choosing);
    if (worker === null) return;
    if (refuseAtItsTurn(out, row)) continue;
    give(out, row, worker, choosing);
  }
}

/** A request that is tried again goes to another worker than before. */
function wantedOf(row: TaskRow): Wanted {
  return { kind: row.kind, avoid: row.attempts > 0 && isRequest(row) ? row.worker : null };
}

/** Better the same worker than none. */
function chooseFor(row: TaskRow, members: Members, choosing: Choosing): MemberRow | null {
  const wanted = wantedOf(row);
  const worker = chooseWorker(members, wanted, choosing);
  return worker !== null || wanted.avoid === null
    ? worker
    : chooseWorker(members, { ...wanted, avoid: null }, choosing);
}

/** Tasks in the line of a worker that takes no work any more are anybody's again. */
function recallStranded({ state, nowMs }: Outbox): void {
  const { queue, membership, balancing } = state;
  const panic = nowMs < balancing.ejectionsUntilMs && isPanic(membership.members, nowMs);
  for (const node of queue.lines.workers()) {
    const member = membership.members.get(node);
    if (member === undefined || !isServing(member, { panic, nowMs })) recall(queue, node);
  }
}

function placeRequests(out: Outbox): void {
  const { queue, settings, membership, balancing } = out.state;
  const { explanations } = balancing;
  let choosing: Choosing | null = null;
  for (let row = headOf(queue, 'sync'); row !== null; row = headOf(queue, 'sync')) {
    choosing ??= choosingOf(out, settings.balancer.policy);
    const worker = chooseFor(row, membership.members, choosing);
    if (worker === null) return;
    if (explanations.isDue()) explanations.keep(row.id, explain(membership.members, worker, wantedOf(row), choosing));
    place(queue, row, worker.node, 'back');
  }
}

function workOffLines(out: Outbox): void {
  const { queue, membership, settings } = out.state;
  for (const node of queue.lines.workers()) {
    const member = membership.members.get(node);
    if (member === undefined || !takesWork(member)) continue;
    while (inFlightOf(queue, node) < member.capacity) {
      const durable = isTurnOfDurable(queue, settings) ? headOf(queue, 'durable') : null;
      const task = queue.lines.peek(node);
      const row = durable !== null && member.kinds.has(durable.kind) ? durable : queue.rows.get(task ?? '');
      if (row === undefined) break;
      if (refuseAtItsTurn(out, row)) continue;
      give(out, row, member, null);
    }
  }
}

/** `choosing`: how the worker was chosen just now; null when that was told before. */
function give(out: Outbox, row: TaskRow, worker: MemberRow, choosing: Choosing | null): void {
  const { queue, membership, settings, counters, balancing } = out.state;
  const { node, incarnation, link, record } = worker;
  if (link === null) return;
  if (choosing !== null && balancing.explanations.isDue()) {
    balancing.explanations.keep(row.id, explain(membership.members, worker, wantedOf(row), choosing));
  }
  out.persist(lease(queue, row, { worker: node, incarnation }, out.nowMs, settings));
  countEdge(counters, node, 'sent');
  record.dispatched++;
  noteGiven(out.state, node, out.nowMs);
  if (row.lease !== null) {
    const order: TaskOrder = { task: row.id, kind: row.kind, payload: row.payload, token: row.lease.token };
    if (row.deadlineAtMs !== undefined && isRequest(row)) order.withinMs = row.deadlineAtMs - out.nowMs;
    if (isAsked(row)) order.traceparent = attemptContext(row, row.lease.token);
    out.order(link, order);
  }
}
