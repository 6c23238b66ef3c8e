/**
 * Decisions about what failed. A task of the durable lane is tried again after a backoff, until its attempts are
 * used up. A request, whose client waits, is tried once more, at once and on another worker, and only when doing
 * it twice does no harm and the budget allows it. Workers pay for their failures too: see ejection.ts.
 */
import { IDEMPOTENT_KINDS } from '../protocol/tasks.ts';
import { chooseWorker } from './balancing/choose.ts';
import { choosingOf } from './balancing/circumstances.ts';
import { noteError, noteSuccess } from './balancing/ejection.ts';
import { recordResponse } from './balancing/worker-record.ts';
import type { MemberRow } from './membership.ts';
import type { Outbox } from './outbox.ts';
import { place } from './task-queue.ts';
import { isRequest } from './task-row.ts';
import type { TaskRow } from './task-row.ts';

/** When a task whose worker failed it is to be tried again; null: never. `lost`: nothing was heard of it. */
export function againAtMs(out: Outbox, row: TaskRow, how: 'failed' | 'lost'): number | null {
  const { state, nowMs, random } = out;
  const { settings, balancing } = state;
  // A guest may refuse what it was offered, so one that refuses spends nothing.
  if (!isRequest(row) || state.webhooks.has(row.worker ?? '')) {
    // Nothing is wrong with a task because workers that only ask went away with it.
    if (how === 'lost' && row.lane === 'pulled') return nowMs;
    if (row.attempts >= settings.attemptsMax) return null;
    const ceilingMs = Math.min(settings.backoffCapMs, settings.backoffBaseMs * 2 ** (row.attempts - 1));
    return how === 'lost' ? nowMs : nowMs + random() * ceilingMs;
  }
  if (row.attempts > 1 || !(row.keyed || IDEMPOTENT_KINDS.has(row.kind))) return null;
  // A worker that is lost may come back, or another may come; one that failed would fail again.
  if (how === 'failed' && otherWorker(out, row) === null) return null;
  return balancing.budget.spend(nowMs) ? nowMs : null;
}

/** A request that is ready again is bound to another worker, where there is one. */
export function placeAgain(out: Outbox, row: TaskRow): void {
  if (!isRequest(row) || out.state.webhooks.has(row.worker ?? '')) return;
  out.state.counters.requestRetries++;
  const other = otherWorker(out, row);
  if (other !== null) place(out.state.queue, row, other.node, 'front');
}

function otherWorker(out: Outbox, row: TaskRow): MemberRow | null {
  const { policy } = out.state.settings.balancer;
  const choosing = choosingOf(out, policy === 'pull' ? 'least-outstanding' : policy);
  return chooseWorker(out.state.membership.members, { kind: row.kind, avoid: row.worker }, choosing);
}

/** How a worker did. `error`: not the task's own fault. */
export function noteWorker(out: Outbox, node: string, sinceMs: number, how: 'ok' | 'error'): void {
  const { state, nowMs } = out;
  const { membership, settings, balancing, counters } = state;
  const member = membership.members.get(node);
  if (member === undefined) return;
  const tookMs = nowMs - sinceMs;
  if (how === 'ok') {
    recordResponse(member.record, tookMs, nowMs, settings.ewmaTauMs);
    noteSuccess(member.record);
    return;
  }
  // One that fails fast must not look fast.
  const penaltyMs = Math.max(tookMs, settings.autoscaler.thresholdMs);
  recordResponse(member.record, penaltyMs, nowMs, settings.ewmaTauMs);
  const errors = member.record.consecutiveErrors + 1;
  const forMs = noteError(membership.members, member, nowMs, settings.ejectAfterErrors);
  if (forMs === 0) return;
  counters.ejections++;
  balancing.ejectionsUntilMs = Math.max(balancing.ejectionsUntilMs, nowMs + forMs);
  const { incarnation } = member;
  out.do({ kind: 'publish', event: { type: 'worker-ejected', node, incarnation, errors, forMs } });
}
