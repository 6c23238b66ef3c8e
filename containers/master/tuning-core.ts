/** Decisions about what can be set while the master runs: the failure detector, the balancer, line mode, the tenants' shares. */
import { changedBy } from '../algorithms/detector-parameters.ts';
import { changePace } from '../algorithms/phi-accrual.ts';
import type { BalancerParameters } from '../protocol/balancing.ts';
import type { MasterEvent } from './core-types.ts';
import type { LogEntry } from './log-entry.ts';
import type { Outbox } from './outbox.ts';
import { applyEntry } from './queue-replay.ts';
import { answer } from './replies.ts';
import { recall } from './task-queue.ts';

type EventOf<Kind extends MasterEvent['kind']> = Extract<MasterEvent, { kind: Kind }>;

/** Verdicts are by the new parameters at once; workers hear of a new interval with the reply to their next beat. */
export function onSetDetector(out: Outbox, { request, change }: EventOf<'set-detector'>): void {
  const { state, nowMs } = out;
  const before = state.settings.phi;
  const phi = changedBy(before, change);
  state.settings = { ...state.settings, phi };
  for (const { detector } of state.membership.members.values()) {
    changePace(detector, phi, before.heartbeatIntervalMs, nowMs);
  }
  persist(out, request, { e: 'detector', phi });
}

/** Requests that wait are placed anew by the new policy at once. */
export function onSetBalancer(out: Outbox, { request, change }: EventOf<'set-balancer'>): void {
  const { state } = out;
  const { queue } = state;
  const before = state.settings.balancer;
  const balancer: BalancerParameters = {
    policy: change.policy ?? before.policy,
    shed: change.shed ?? before.shed,
  };
  state.settings = { ...state.settings, balancer };
  for (const node of queue.lines.workers()) recall(queue, node);
  persist(out, request, { e: 'balancer', balancer });
}

export function onSetLines(out: Outbox, { request, lines }: EventOf<'set-lines'>): void {
  out.state.settings = { ...out.state.settings, lineMode: lines };
  persist(out, request, { e: 'lines', lines });
}

export function onSetWeight(out: Outbox, { request, tenant, weight }: EventOf<'set-weight'>): void {
  persist(out, request, { e: 'weight', tenant, weight });
}

function persist(out: Outbox, request: number, entry: LogEntry): void {
  applyEntry(out.state.queue, entry);
  out.persist([entry], [answer(request, { kind: 'set' })]);
}
