/** What the stream's samples tell of the balancer. */
import type { BalancerState, WorkerLoad } from '../../protocol/stream.ts';
import type { MasterState } from '../core-types.ts';
import { isGone } from '../membership.ts';
import { inFlightOf } from '../task-queue.ts';
import { waitOf } from './balancing-state.ts';
import { isEjected } from './ejection.ts';
import { weightOf } from './worker-record.ts';

/** `dispatchedBefore`: by worker, at the sample before; holds the present numbers afterwards. */
export function workerLoads(state: MasterState, nowMs: number, dispatchedBefore: Map<string, number>): WorkerLoad[] {
  const { queue, membership, settings } = state;
  const present = [...membership.members.values()].filter((member) => !isGone(member));
  // A number that fell is of a new incarnation.
  const news = present.map(({ node, record: { dispatched } }) => {
    const before = dispatchedBefore.get(node) ?? 0;
    return dispatched - (before > dispatched ? 0 : before);
  });
  const total = news.reduce((sum, count) => sum + count, 0);
  dispatchedBefore.clear();
  return present.map(({ node, capacity, record }, at) => {
    dispatchedBefore.set(node, record.dispatched);
    return {
      node,
      inFlight: inFlightOf(queue, node),
      capacity,
      waiting: queue.lines.waitingAt(node),
      ewmaMs: record.ewmaMs === null ? null : Math.round(record.ewmaMs * 100) / 100,
      dispatched: record.dispatched,
      share: total === 0 ? 0 : (news[at] ?? 0) / total,
      weight: weightOf(record, nowMs, settings.slowStartMs),
      ejectedUntilMs: isEjected(record, nowMs) ? record.ejectedUntilMs : null,
      consecutiveErrors: record.consecutiveErrors,
    };
  });
}

export function balancerState({ queue, settings, balancing, counters }: MasterState, nowMs: number): BalancerState {
  const queueDepth = queue.readyCount.sync;
  const waitMs = waitOf(queueDepth, balancing);
  return {
    policy: settings.balancer.policy,
    queueDepth,
    estimatedWaitMs: waitMs === null ? null : Math.round(waitMs * 10) / 10,
    shedding: balancing.delay.overloaded,
    shed: counters.shed,
    retries: counters.requestRetries,
    retryBudget: Math.round(balancing.budget.balance(nowMs) * 10) / 10,
    deadlineMissed: counters.deadlineMissed,
  };
}
