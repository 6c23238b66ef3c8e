/** What the autoscaler holds between decisions, and what it hears of requests. None of it survives the process. */
import type { AutoscalerPicture, AutoscalerSettings, NextTrigger, ScalingFacts } from '../../protocol/autoscaler.ts';
import type { ServiceShape } from '../../algorithms/erlang.ts';
import type { ScalingVerdict } from '../../protocol/autoscaler.ts';
import type { MasterState } from '../core-types.ts';
import { ServiceByLoad } from './contention.ts';
import type { ServiceAt } from './contention.ts';
import { LoadWindow } from './load-window.ts';
import type { MemberRow } from '../membership.ts';
import type { Outbox } from '../outbox.ts';
import { createMemory } from './policy.ts';
import type { ScalingMemory, ScalingRule } from './policy.ts';

/** A worker that took over, from the moment in which it was needed. */
export type TakeOver = { neededAtMs: number; wasStandby: boolean; givenMs: number | null };

export type Scaling = {
  window: LoadWindow;
  byLoad: ServiceByLoad;
  memory: ScalingMemory;
  /** Instead of the rule of the policy that is set; for the simulator. */
  rule: ScalingRule | null;
  /** Whether a panel listens, which removes workers and starts new ones. */
  watched: boolean;
  evaluatedAtMs: number;
  /** What changes slowly and costs most to look at. */
  slow: {
    atMs: number;
    rate60: number;
    service: ServiceShape | null;
    serviceAt: readonly ServiceAt[];
    p95Ms: number | null;
    p95NowMs: number | null;
  };
  verdict: ScalingVerdict;
  facts: ScalingFacts;
  next: NextTrigger;
  /** Of the decisions, running. */
  lastNumber: number;
  /** When a verdict that changes nothing was last told. */
  toldAtMs: Map<ScalingVerdict, number>;
  /** Requests that each worker has served: the first few are left out, they are slower. */
  served: Map<string, number>;
  takeOvers: Map<string, TakeOver>;
  /** Since when fewer workers are active than shall be. */
  shortSinceMs: number | null;
};

/** The first requests of a worker meet cold code. */
const FIRST_LEFT_OUT = 5;
/** Fewer say nothing of a distribution. */
const SERVICE_COUNT_MIN = 10;
const SLOW_EVERY_MS = 250;
const SERVICE_SPAN_MS = 30_000;

const NO_FACTS: ScalingFacts = {
  active: 0,
  standby: 0,
  rate2: 0,
  rate6: 0,
  rate60: 0,
  serviceMs: null,
  serviceCv2: null,
  queued: 0,
  waitMs: 0,
  p95Ms: null,
  need: null,
};
const NO_TRIGGER: NextTrigger = { growAtRate: null, shrinkTo: null, shrinkInMs: null };

export function createScaling(desired: number, nowMs: number): Scaling {
  return {
    window: new LoadWindow(nowMs),
    byLoad: new ServiceByLoad(),
    memory: createMemory(desired, nowMs),
    rule: null,
    watched: true,
    evaluatedAtMs: Number.NEGATIVE_INFINITY,
    slow: {
      atMs: Number.NEGATIVE_INFINITY,
      rate60: 0,
      service: null,
      serviceAt: [],
      p95Ms: null,
      p95NowMs: null,
    },
    verdict: 'learning',
    facts: NO_FACTS,
    next: NO_TRIGGER,
    lastNumber: 0,
    toldAtMs: new Map(),
    served: new Map(),
    takeOvers: new Map(),
    shortSinceMs: null,
  };
}

/** A request held a worker for so long; `atOnce` were held when it ended. */
export function noteServed(
  { window, byLoad, served }: Scaling,
  { worker, heldMs, atOnce }: { worker: string; heldMs: number; atOnce: number },
  nowMs: number,
): void {
  const before = served.get(worker) ?? 0;
  served.set(worker, before + 1);
  if (before < FIRST_LEFT_OUT) return;
  window.served(nowMs, heldMs);
  byLoad.add(atOnce, heldMs, nowMs);
}

/** Looks anew at what changes slowly, when the last look is old enough. */
export function lookSlowly(scaling: Scaling, nowMs: number): Scaling['slow'] {
  if (nowMs - scaling.slow.atMs < SLOW_EVERY_MS) return scaling.slow;
  const { window } = scaling;
  scaling.slow = {
    atMs: nowMs,
    rate60: window.rate(nowMs, 60_000),
    // What is known of an earlier minute is better than nothing.
    service:
      window.service(nowMs, SERVICE_SPAN_MS).count >= SERVICE_COUNT_MIN ? window.shape(nowMs) : scaling.slow.service,
    serviceAt: scaling.byLoad.known(nowMs),
    p95Ms: window.p95Ms(nowMs, 10_000),
    p95NowMs: window.p95Ms(nowMs, 2_000),
  };
  return scaling.slow;
}

/** A worker with room was given a request: the first since it took over. */
export function noteGiven({ scaling }: MasterState, node: string, nowMs: number): void {
  const takeOver = scaling.takeOvers.get(node);
  if (takeOver !== undefined && takeOver.givenMs === null) takeOver.givenMs = nowMs - takeOver.neededAtMs;
}

/** The first result of a worker since it took over: says how long that was. */
export function noteFirstResult(out: Outbox, node: string): void {
  const { scaling } = out.state;
  const takeOver = scaling.takeOvers.get(node);
  if (takeOver === undefined || takeOver.givenMs === null) return;
  scaling.takeOvers.delete(node);
  const { neededAtMs, wasStandby, givenMs } = takeOver;
  const answeredMs = out.nowMs - neededAtMs;
  out.do({ kind: 'publish', event: { type: 'took-over', node, wasStandby, givenMs, answeredMs } });
}

/** An active worker of before a restart of the master came back: it stays active. */
export function adopt({ settings: { autoscaler }, scaling, membership }: MasterState): void {
  if (!autoscaler.enabled) return;
  const active = [...membership.members.values()].filter(isActive).length;
  scaling.memory.desired = Math.min(autoscaler.maximum, Math.max(scaling.memory.desired, active));
}

/** May be given work, or will be as soon as it has beaten once. */
export function isActive({ health, standby, link, drainUntilMs, guest }: MemberRow): boolean {
  return (
    guest === null && (health === 'ready' || health === 'joining') && !standby && link !== null && drainUntilMs === null
  );
}

/** How it stands, for the samples. */
export function pictureOf(
  { memory, verdict, facts, next }: Scaling,
  settings: AutoscalerSettings,
  counts: { active: number; standby: number; draining: number; target: number },
): AutoscalerPicture {
  const { active, standby, draining, target } = counts;
  const desired = settings.enabled ? memory.desired : active;
  const wanted = settings.enabled ? desired + target : active;
  return { settings, desired, wanted, active, standby, draining, verdict, facts, next };
}
