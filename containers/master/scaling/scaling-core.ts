/**
 * The autoscaler in the master: when it looks, and what follows for the workers.
 *
 *   STARTING → STANDBY ⇄ ACTIVE → DRAINING → GONE
 *
 * A worker that is new is warmed up and stands by; it is promoted in the step in which it is needed, and
 * gets work in the same step. Who is not needed any more becomes the standby if one is missing, and is
 * drained otherwise. The panel starts what is missing and removes what has left; promotion needs no panel.
 */
import { standbyTarget } from '../../protocol/autoscaler.ts';
import type { AutoscalerPicture, AutoscalerSettings, ScalingFacts } from '../../protocol/autoscaler.ts';
import type { MasterEvent, MasterState } from '../core-types.ts';
import type { LogEntry } from '../log-entry.ts';
import { drainMember } from '../members-core.ts';
import { demote, isGone, promote, warmed } from '../membership.ts';
import type { MemberRow } from '../membership.ts';
import type { Outbox } from '../outbox.ts';
import { applyEntry } from '../queue-replay.ts';
import { answer, refuse } from '../replies.ts';
import { SCALING_RULES } from './comparisons.ts';
import { nextTrigger } from './policy.ts';
import type { ScalingChoice, ScalingInputs } from './policy.ts';
import { createScaling, isActive, lookSlowly, pictureOf } from './state.ts';
import { inFlightOf, oldestSyncMs } from '../task-queue.ts';

type EventOf<Kind extends MasterEvent['kind']> = Extract<MasterEvent, { kind: Kind }>;

/** Looks at requests are not more frequent than this: a jump is seen in time, a flood costs nothing. */
const LOOK_EVERY_MS = 10;
/** After a growth the next look is at a tick: the first worker is there at once, the rest in as few decisions as may be. */
const AFTER_GROWTH_MS = 250;
const TELL_AGAIN_MS = 30_000;
const TAKE_OVER_FORGOTTEN_MS = 30_000;

export function onSetAutoscaler(out: Outbox, { request, change }: EventOf<'set-autoscaler'>): void {
  const { state } = out;
  const before = state.settings.autoscaler;
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  const settings: AutoscalerSettings = { ...before, ...given };
  const done = answer(request, { kind: 'set' });
  if (settings.minimum > settings.maximum) {
    const reason = `the minimum (${settings.minimum}) is above the maximum (${settings.maximum})`;
    refuse(out, request, 'bad-request', { reason });
    return;
  }
  if (JSON.stringify(settings) === JSON.stringify(before)) {
    out.persist([], [done]);
    return;
  }
  state.settings = { ...state.settings, autoscaler: settings };
  if (settings.enabled && (!before.enabled || settings.policy !== before.policy)) begin(out);
  if (!settings.enabled) for (const member of standbysOf(state)) activate(out, member);
  const entry: LogEntry = { e: 'autoscaler', settings };
  applyEntry(state.queue, entry);
  out.do({ kind: 'publish', event: { type: 'autoscaler-set', settings } });
  out.persist([entry], [done]);
}

/** A worker ran its warm-up tasks. */
export function onWarmed(out: Outbox, { node, link, tookMs }: EventOf<'warmed'>): void {
  const member = out.state.membership.members.get(node);
  if (member === undefined || member.link !== link) return;
  const event = warmed(member, tookMs, out.nowMs);
  if (event !== null) out.do({ kind: 'publish', event });
}

/** To be called in every step, before work is given out. */
export function scale(out: Outbox, cause: MasterEvent['kind']): void {
  const { state, nowMs } = out;
  const { scaling } = state;
  if (!state.settings.autoscaler.enabled) return;
  const isFrequent = cause === 'submit' || cause === 'results' || cause === 'heartbeat';
  if (isFrequent && nowMs - scaling.evaluatedAtMs < LOOK_EVERY_MS) return;
  if (!isFrequent || nowMs - scaling.memory.grewAtMs >= AFTER_GROWTH_MS) evaluate(out, cause === 'tick');
  adjust(out);
}

export function scalingPicture(state: MasterState, nowMs: number): AutoscalerPicture {
  const members = [...state.membership.members.values()].filter((member) => !isGone(member));
  const { autoscaler } = state.settings;
  // While it is off nothing is evaluated, but the load is shown all the same.
  if (!autoscaler.enabled) {
    const none = { desired: state.scaling.memory.desired, verdict: 'fixed', need: null } as const;
    state.scaling.facts = factsOf(state, inputsOf(state, nowMs), none);
  }
  return pictureOf(state.scaling, autoscaler, {
    active: members.filter(isActive).length,
    standby: members.filter(({ health }) => health === 'standby').length,
    draining: members.filter(({ drainUntilMs }) => drainUntilMs !== null).length,
    target: standbyTarget(autoscaler),
  });
}

/** Starts from the workers that are there. */
function begin(out: Outbox): void {
  const { state, nowMs } = out;
  const { minimum, maximum } = state.settings.autoscaler;
  const active = [...state.membership.members.values()].filter(isActive);
  // What is known of the load is as true as before.
  const { window, byLoad, rule, watched, served, lastNumber } = state.scaling;
  const desired = Math.min(maximum, Math.max(minimum, active.length));
  state.scaling = { ...createScaling(desired, nowMs), window, byLoad, rule, watched, served, lastNumber };
  // They remember what they are, should the master be restarted.
  for (const { link } of active) if (link !== null) out.do({ kind: 'send', link, message: { t: 'promote' } });
}

function evaluate(out: Outbox, isTick: boolean): void {
  const { state, nowMs } = out;
  const { scaling } = state;
  const settings = state.settings.autoscaler;
  scaling.evaluatedAtMs = nowMs;
  const before = scaling.memory.desired;
  const inputs = inputsOf(state, nowMs);
  const choice =
    bounded(out, inputs) ?? (scaling.rule ?? SCALING_RULES[settings.policy])(inputs, scaling.memory, settings);
  scaling.verdict = choice.verdict;
  scaling.facts = factsOf(state, inputs, choice);
  if (isTick || choice.desired !== before) scaling.next = nextTrigger(inputs, scaling.memory, settings);
  if (choice.desired !== before || isWorthTelling(out, choice)) tell(out, before, choice);
  for (const [node, { neededAtMs }] of scaling.takeOvers) {
    if (nowMs - neededAtMs > TAKE_OVER_FORGOTTEN_MS) scaling.takeOvers.delete(node);
  }
}

/** The bounds hold before any rule: they may have been moved. */
function bounded({ state }: Outbox, { nowMs }: ScalingInputs): ScalingChoice | null {
  const { minimum, maximum } = state.settings.autoscaler;
  const { memory } = state.scaling;
  if (memory.desired >= minimum && memory.desired <= maximum) return null;
  const verdict = memory.desired < minimum ? 'minimum' : 'maximum';
  memory.desired = memory.desired < minimum ? minimum : maximum;
  if (verdict === 'minimum') memory.grewAtMs = nowMs;
  return { desired: memory.desired, verdict, need: null };
}

function inputsOf(state: MasterState, nowMs: number): ScalingInputs {
  const { scaling, membership, queue } = state;
  const { rate60, service, serviceAt, p95Ms, p95NowMs } = lookSlowly(scaling, nowMs);
  const active = [...membership.members.values()].filter(isActive);
  const capacity = active.reduce((sum, member) => sum + member.capacity, 0);
  const oldestMs = oldestSyncMs(queue);
  return {
    nowMs,
    active: active.length,
    slots: active.length === 0 ? 1 : Math.max(1, Math.round(capacity / active.length)),
    rate2: scaling.window.rate(nowMs, 2_000),
    rate6: scaling.window.rate(nowMs, 6_000),
    rate60,
    service,
    serviceAt,
    queued: queue.readyCount.sync,
    waitMs: oldestMs === null ? 0 : Math.max(0, nowMs - oldestMs),
    p95Ms,
    p95NowMs,
    watched: scaling.watched,
  };
}

function factsOf(state: MasterState, inputs: ScalingInputs, { need }: ScalingChoice): ScalingFacts {
  const { active, rate2, rate6, rate60, service, queued, waitMs, p95Ms } = inputs;
  return {
    active,
    standby: [...state.membership.members.values()].filter(({ health }) => health === 'standby').length,
    rate2: rounded(rate2),
    rate6: rounded(rate6),
    rate60: rounded(rate60),
    serviceMs: service === null ? null : rounded(service.meanMs),
    serviceCv2: service === null ? null : rounded(service.cv2),
    queued,
    waitMs: Math.round(waitMs),
    p95Ms: p95Ms === null ? null : rounded(p95Ms),
    need,
  };
}

/** That more are needed and cannot be had is worth a line of the log, now and then. */
function isWorthTelling({ state, nowMs }: Outbox, { verdict }: ScalingChoice): boolean {
  if (verdict !== 'at-maximum' && verdict !== 'unachievable' && verdict !== 'contention' && verdict !== 'unwatched')
    return false;
  const toldAtMs = state.scaling.toldAtMs.get(verdict);
  if (toldAtMs !== undefined && nowMs - toldAtMs < TELL_AGAIN_MS) return false;
  state.scaling.toldAtMs.set(verdict, nowMs);
  return true;
}

function tell(out: Outbox, from: number, { desired, verdict }: ScalingChoice): void {
  const { scaling, settings } = out.state;
  const { policy, thresholdMs } = settings.autoscaler;
  scaling.lastNumber += 1;
  const { lastNumber: number, facts, next } = scaling;
  const decision = { number, policy, thresholdMs, verdict, from, to: desired, facts, next };
  out.do({ kind: 'publish', event: { type: 'scaling-decided', decision } });
}

/** Makes the workers what was decided: promotes, demotes, drains. */
function adjust(out: Outbox): void {
  const { state, nowMs } = out;
  const { scaling, membership, queue } = state;
  const { desired } = scaling.memory;
  const active = [...membership.members.values()].filter(isActive);
  const standbys = standbysOf(state);
  scaling.shortSinceMs = active.length < desired ? (scaling.shortSinceMs ?? nowMs) : null;
  for (let missing = desired - active.length; missing > 0; missing--) {
    const next = standbys.shift();
    if (next === undefined) break;
    const neededAtMs = scaling.shortSinceMs ?? nowMs;
    scaling.takeOvers.set(next.node, { neededAtMs, wasStandby: next.health === 'standby', givenMs: null });
    activate(out, next);
  }
  const target = standbyTarget(state.settings.autoscaler);
  active.sort((a, b) => inFlightOf(queue, a.node) - inFlightOf(queue, b.node) || b.incarnation - a.incarnation);
  for (const member of active.slice(0, Math.max(0, active.length - desired))) {
    if (standbys.length < target || !scaling.watched) {
      standbys.push(member);
      standBy(out, member);
    } else drainMember(out, member);
  }
  if (!scaling.watched) return;
  for (const member of standbys.slice(target)) drainMember(out, member);
}

/** Warm ones first, then the oldest. */
function standbysOf({ membership }: MasterState): MemberRow[] {
  return [...membership.members.values()]
    .filter(
      ({ health, standby, link, drainUntilMs }) =>
        standby && link !== null && drainUntilMs === null && (health === 'standby' || health === 'joining'),
    )
    .sort((a, b) => Number(b.health === 'standby') - Number(a.health === 'standby') || a.incarnation - b.incarnation);
}

function activate(out: Outbox, member: MemberRow): void {
  out.do({ kind: 'publish', event: promote(member, out.nowMs) });
  if (member.link !== null) out.do({ kind: 'send', link: member.link, message: { t: 'promote' } });
}

function standBy(out: Outbox, member: MemberRow): void {
  out.do({ kind: 'publish', event: demote(member, out.nowMs) });
  if (member.link !== null) out.do({ kind: 'send', link: member.link, message: { t: 'stand-by' } });
}

const rounded = (value: number): number => Math.round(value * 100) / 100;
