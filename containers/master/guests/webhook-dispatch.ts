/** Which webhook worker gets a task: they come before native workers, the one that waited longest first. */
import { countEdge } from '../counters.ts';
import { takesWork } from '../membership.ts';
import type { Outbox } from '../outbox.ts';
import { refuseAtItsTurn } from '../overload-core.ts';
import { nextReady } from '../next-ready.ts';
import { lease } from '../task-queue.ts';
import type { TaskRow } from '../task-row.ts';
import { endUnsent } from '../tasks-core.ts';
import type { Webhook } from './guest-row.ts';
import { isFree } from './webhook-room.ts';
import { webhookPayload, webhookTask, whyNotSent } from './webhook-task.ts';

/**
 * Gives ready tasks to idle webhook workers, in their order. What they cannot do is passed over: here may be nobody
 * else who ever will.
 */
export function serveWebhooks(out: Outbox): void {
  const { queue, settings } = out.state;
  const others = new Map<string, boolean>();
  const fits = (row: TaskRow): boolean => {
    const payload = webhookPayload(row);
    // Programs of the course know expressions; native workers know operations too.
    if (payload === null || typeof payload === 'string') return payload !== null;
    let isTaken = others.get(row.kind);
    if (isTaken === undefined) others.set(row.kind, (isTaken = isTakenByOthers(out, row.kind)));
    return !isTaken;
  };
  for (let webhook = longestIdle(out); webhook !== null; webhook = longestIdle(out)) {
    const row = nextReady(queue, settings, fits);
    if (row === null) return;
    offer(out, row, webhook);
  }
}

function offer(out: Outbox, row: TaskRow, webhook: Webhook): void {
  const { state, nowMs } = out;
  const payload = webhookPayload(row);
  const member = state.membership.members.get(webhook.node);
  if (payload === null || member === undefined || refuseAtItsTurn(out, row)) return;
  const unsafe = whyNotSent(payload);
  if (unsafe !== null) {
    endUnsent(out, row, unsafe);
    return;
  }
  const { node, url } = webhook;
  const { incarnation, record } = member;
  webhook.servedAtMs = nowMs;
  const entries = lease(state.queue, row, { worker: node, incarnation }, nowMs, state.settings);
  countEdge(state.counters, node, 'sent');
  record.dispatched++;
  if (row.lease !== null) {
    const { token } = row.lease;
    // It reports without a token: the lease has to be known after a crash, too.
    out.after(entries, [{ kind: 'give-webhook', node, url, token, task: webhookTask(row, payload) }]);
  }
}

function longestIdle(out: Outbox): Webhook | null {
  let chosen: Webhook | null = null;
  for (const webhook of out.state.webhooks.values()) {
    if (out.nowMs < webhook.restUntilMs || !isFree(out, webhook)) continue;
    if (chosen === null || webhook.servedAtMs < chosen.servedAtMs) chosen = webhook;
  }
  return chosen;
}

function isTakenByOthers({ state }: Outbox, kind: string): boolean {
  for (const member of state.membership.members.values()) {
    if (takesWork(member) && member.kinds.has(kind)) return true;
  }
  return false;
}
