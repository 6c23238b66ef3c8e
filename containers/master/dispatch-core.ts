/**
 * Gives ready tasks to workers. Under `pull` everything waits in one line, and a worker with room takes what is
 * next. Under the other policies a request whose client waits is placed in the line of one worker as soon as it
 * comes; the durable lane is pulled all the same (ALGORITHMS.md 2 and 4). No worker ever has more than its
 * capacity: the lines are here, not there.
 */
import { chooseWorker, explain } from './balancing/choose.ts';
import type { Choosing, Wanted } from './balancing/choose.ts';
import { countEdge } from './counters.ts';
import { serveWebhooks } from './guests/webhook-dispatch.ts';
import { takesWork } from './membership.ts';
import type { MemberRow } from './membership.ts';
import type { Outbox } from './outbox.ts';
import { noteGiven } from './scaling/state.ts';
import { headOf, inFlightOf, isTurnOfDurable, lease, nextReady, place, recall } from './task-queue.ts';
import type { TaskRow } from './task-row.ts';

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
    choosing ??= choosingOf(out, 'pull');
    const wanted = wantedOf(row);
    const worker = chooseWorker(out.state.membership.members, wanted, choosing);
    if (worker === null) return;
    give(out, row, worker, choosing);
  }
}

/** The present circumstances of a choice. */
export function choosingOf({ state, nowMs, random }: Outbox, policy: Choosing['policy']): Choosing {
  const { queue, settings } = state;
  return {
    policy,
    nowMs,
    random,
    tauMs: settings.ewmaTauMs,
    slowStartMs: settings.slowStartMs,
    outstandingOf: (node) => inFlightOf(queue, node) + queue.lines.waitingAt(node),
  };
}

function wantedOf(row: TaskRow): Wanted {
  return { kind: row.kind, avoid: null };
}

/** Tasks in the line of a worker that takes no work any more are anybody's again. */
function recallStranded({ state }: Outbox): void {
  const { queue, membership } = state;
  for (const node of queue.lines.workers()) {
    const member = membership.members.get(node);
    if (member === undefined || !takesWork(member)) recall(queue, node);
  }
}

function placeRequests(out: Outbox): void {
  const { queue, settings, membership, explanations } = out.state;
  let choosing: Choosing | null = null;
  for (let row = headOf(queue, 'sync'); row !== null; row = headOf(queue, 'sync')) {
    choosing ??= choosingOf(out, settings.balancer.policy);
    const wanted = wantedOf(row);
    const worker = chooseWorker(membership.members, wanted, choosing);
    if (worker === null) return;
    if (explanations.isDue()) explanations.keep(row.id, explain(membership.members, worker, wanted, choosing));
    place(queue, row, worker.node);
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
      give(out, row, member, null);
    }
  }
}

/** `choosing`: how the worker was chosen just now; null when that was told before. */
function give(out: Outbox, row: TaskRow, worker: MemberRow, choosing: Choosing | null): void {
  const { queue, membership, settings, counters, explanations } = out.state;
  const { node, incarnation, link, record } = worker;
  if (link === null) return;
  if (choosing !== null && explanations.isDue()) {
    explanations.keep(row.id, explain(membership.members, worker, wantedOf(row), choosing));
  }
  out.persist(lease(queue, row, { worker: node, incarnation }, out.nowMs, settings));
  countEdge(counters, node, 'sent');
  record.dispatched++;
  noteGiven(out.state, node, out.nowMs);
  if (row.lease !== null) {
    out.order(link, { task: row.id, kind: row.kind, payload: row.payload, token: row.lease.token });
  }
}
