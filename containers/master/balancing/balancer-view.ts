/** What the stream's samples tell of the balancer. */
import type { BalancerState, WorkerLoad } from '../../protocol/stream.ts';
import type { MasterState } from '../core-types.ts';
import { isGone } from '../membership.ts';
import { inFlightOf } from '../task-queue.ts';
import { serviceRate } from './capacity.ts';
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
      ejectedUntilMs: null,
      consecutiveErrors: 0,
    };
  });
}

export function balancerState({ queue, membership, settings }: MasterState): BalancerState {
  const perMs = serviceRate(membership.members);
  const queueDepth = queue.readyCount.sync;
  return {
    policy: settings.balancer.policy,
    queueDepth,
    estimatedWaitMs: perMs === null ? null : Math.round((queueDepth / perMs) * 10) / 10,
    shedding: false,
    shed: 0,
    retries: 0,
    retryBudget: 0,
    deadlineMissed: 0,
  };
}
