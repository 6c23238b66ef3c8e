/** Which webhook workers have nothing to do. */
import { takesWork } from '../membership.ts';
import type { Outbox } from '../outbox.ts';
import { inFlightOf } from '../task-queue.ts';
import type { Webhook } from './guest-row.ts';

/** Webhook workers that could take a task of this kind now. */
export function freeWebhooks({ state }: Outbox, kind: string): number {
  if (kind !== 'calculator') return 0;
  return [...state.webhooks.values()].filter((webhook) => isFree({ state }, webhook)).length;
}

/** Whether it could be given a task. */
export function isFree({ state }: Pick<Outbox, 'state'>, { node, busy }: Webhook): boolean {
  const member = state.membership.members.get(node);
  return !busy && member !== undefined && takesWork(member) && inFlightOf(state.queue, node) === 0;
}
