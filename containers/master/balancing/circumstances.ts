/** What a choice of a worker depends on, as it is now. */
import type { Outbox } from '../outbox.ts';
import { inFlightOf } from '../task-queue.ts';
import type { Choosing } from './choose.ts';
import { isPanic } from './ejection.ts';

export function choosingOf({ state, nowMs, random }: Outbox, policy: Choosing['policy']): Choosing {
  const { queue, settings, balancing, membership } = state;
  return {
    policy,
    panic: nowMs < balancing.ejectionsUntilMs && isPanic(membership.members, nowMs),
    nowMs,
    random,
    tauMs: settings.ewmaTauMs,
    slowStartMs: settings.slowStartMs,
    outstandingOf: (node) => inFlightOf(queue, node) + queue.lines.waitingAt(node),
  };
}
