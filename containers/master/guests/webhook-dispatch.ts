/** Which webhook worker gets a task: they come before native workers, the one that waited longest first. */
import { countEdge } from '../counters.ts';
import { takesWork } from '../membership.ts';
import type { Outbox } from '../outbox.ts';
import { refuseAtItsTurn } from '../overload-core.ts';
import { lease, nextReady } from '../task-queue.ts';
import type { TaskRow } from '../task-row.ts';
import { endUnsent } from '../tasks-core.ts';
import type { Webhook } from './guest-row.ts';
import { isFree } from './webhook-room.ts';
import { webhookPayload, webhookTask, whyNotSent } from './webhook-task.ts';

/** Gives ready tasks to idle webhook workers, in their order, until one does not fit. */
export function serveWebhooks(out: Outbox): void {
  const { queue, settings } = out.state;
  for (let row = nextReady(queue, settings); row !== null; row = nextReady(queue, settings)) {
    if (!offer(out, row)) return;
  }
}

/** False: none takes it. */
function offer(out: Outbox, row: TaskRow): boolean {
  const { state, nowMs } = out;
  const payload = webhookPayload(row);
  const webhook = payload === null ? null : longestIdle(out);
  if (payload === null || webhook === null) return false;
  // Programs of the course know expressions; native workers know operations too.
  if (typeof payload !== 'string' && isTakenByOthers(out, row.kind)) return false;
  if (refuseAtItsTurn(out, row)) return true;
  const unsafe = whyNotSent(payload);
  if (unsafe !== null) {
    endUnsent(out, row, unsafe);
    return true;
  }
  const { node, url } = webhook;
  const member = state.membership.members.get(node);
  if (member === undefined) return false;
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
  return true;
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
