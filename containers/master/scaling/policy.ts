/**
 * How many workers shall take work: inputs in, decision out (ALGORITHMS.md 3). Asked at every request (but
 * not more often than every few ms) and at every tick, so that a jump of the load is answered at once.
 *
 * Two thresholds make the hysteresis: workers are added when the arrivals would not be within 95 % of the
 * limit, and then as many as keep them within 80 % of it.
 */
import { lateAlone, rateSustained, serversNeeded } from '../../algorithms/erlang.ts';
import type { ServiceShape } from '../../algorithms/erlang.ts';
import type { AutoscalerSettings, NextTrigger, ScalingVerdict } from '../../protocol/autoscaler.ts';
import { NO_CONTENTION, boundOf, contentionAfter } from './contention.ts';
import type { Contention, ServiceAt } from './contention.ts';

export type ScalingInputs = {
  nowMs: number;
  /** Workers that take work now. */
  active: number;
  /** Tasks at once of one worker. */
  slots: number;
  rate2: number;
  rate6: number;
  rate60: number;
  service: ServiceShape | null;
  /** Service times by tasks at once. */
  serviceAt: readonly ServiceAt[];
  queued: number;
  waitMs: number;
  p95Ms: number | null;
  /** Of the last 2 s. */
  p95NowMs: number | null;
  /** Whether somebody is there to remove workers and to start new ones. */
  watched: boolean;
};

/** What the decisions before left. */
export type ScalingMemory = {
  /** Since when the rule has watched, ms. */
  sinceMs: number;
  desired: number;
  /** Most workers asked for, by second, of the last `shrinkAfterMs`. */
  asked: { second: number; workers: number }[];
  grewAtMs: number;
  shrunkAtMs: number;
  /** Since when p95 is above the threshold. */
  lateSinceMs: number | null;
  /** Since when p95 is well below it. */
  earlySinceMs: number | null;
  /** One worker more than the model asks for, until then. */
  extraUntilMs: number;
  contention: Contention;
};

export type ScalingChoice = { desired: number; verdict: ScalingVerdict; need: number | null };
export type ScalingRule = (inputs: ScalingInputs, memory: ScalingMemory, settings: AutoscalerSettings) => ScalingChoice;

const TRIGGER = 0.95;
const SIZE = 0.8;
const LATE_SHARE_MAX = 0.05;
/** Of their time workers may be busy where nothing else can be promised. */
const BUSY_SHARE_MAX = 0.7;
/** A backlog is to be gone within this. */
const DRAIN_S = 3;
/** A jump of the arrivals counts when it is so many standard deviations of their noise. */
const JUMP_SIGMAS = 3;
const SHRINK_EVERY_MS = 5_000;
const SHRINK_SHARE = 0.25;
const LATE_FOR_MS = 10_000;
const EXTRA_FOR_MS = 60_000;

export function createMemory(desired: number, nowMs: number): ScalingMemory {
  return {
    sinceMs: nowMs,
    desired,
    asked: [],
    grewAtMs: nowMs,
    shrunkAtMs: nowMs,
    lateSinceMs: null,
    earlySinceMs: null,
    extraUntilMs: 0,
    contention: NO_CONTENTION,
  };
}

/** By the model of the queue. Changes `memory`. */
export const byErlang: ScalingRule = (inputs, memory, settings) => {
  const { service, queued, waitMs, slots } = inputs;
  const { thresholdMs, maximum } = settings;
  const n = memory.desired;
  const isBacklog = queued > 0 && waitMs > thresholdMs / 2;
  if (service === null) {
    // Nothing is known of the service yet, but somebody waits.
    if (isBacklog && n < maximum && n <= inputs.active) return grown(memory, inputs, n + 1, 'backlog');
    const isIdle = inputs.rate60 === 0 && queued === 0;
    note(memory, inputs, settings, isIdle ? 1 : n);
    return isIdle ? shrunk(memory, inputs, settings) : { desired: n, verdict: 'learning', need: null };
  }
  if (lateAlone(service, thresholdMs) > LATE_SHARE_MAX) {
    // No number of workers is right, but those that the load keeps busy are enough.
    const busy = (Math.max(inputs.rate6, inputs.rate60) * service.meanMs) / 1_000 / slots;
    note(memory, inputs, settings, Math.max(1, Math.ceil(busy / BUSY_SHARE_MAX)));
    const choice = shrunk(memory, inputs, settings);
    if (choice.desired < n || (busy === 0 && queued === 0)) return choice;
    const bound = contentionBound(inputs, memory, false);
    return bound <= n ? contended(memory, settings, bound, null) : { ...choice, verdict: 'unachievable' };
  }
  const sized = (rate: number, share: number): number =>
    Math.ceil((serversNeeded(rate, service, thresholdMs * share) ?? needAtMost(rate, service, thresholdMs)) / slots);
  const rate = forecast(inputs);
  const backlog = isBacklog ? Math.ceil(((rate + queued / DRAIN_S) * service.meanMs) / 1_000 / slots) : 0;
  const trend = sized(inputs.rate60, SIZE);
  const size = Math.max(sized(rate, SIZE), trend, backlog);
  const extra = extraFor(inputs, memory, settings, size);
  const need = size + extra;
  const verdict: ScalingVerdict | null =
    backlog > n
      ? 'backlog'
      : sized(rate, TRIGGER) > n
        ? 'needs-more'
        : trend > n + 1
          ? 'trend'
          : extra > 0 && need > n
            ? 'late'
            : null;
  note(memory, inputs, settings, need);
  if (verdict !== null && need > n) {
    if (n >= maximum) return { desired: n, verdict: 'at-maximum', need };
    const bound = contentionBound(inputs, memory, true);
    if (bound <= n) return contended(memory, settings, bound, need);
    return { ...grown(memory, inputs, Math.min(maximum, bound, need), verdict), need };
  }
  return { ...shrunk(memory, inputs, settings), need };
};

/** As many workers as may be by what is known of contention. Changes `memory`. */
function contentionBound(
  { nowMs, slots, serviceAt }: ScalingInputs,
  memory: ScalingMemory,
  wantsMore: boolean,
): number {
  const { desired, contention } = memory;
  memory.contention = contentionAfter(contention, { nowMs, desired, atOnce: desired * slots, serviceAt, wantsMore });
  return boundOf(memory.contention) ?? Number.POSITIVE_INFINITY;
}

/** No more than these; what was beyond them for an attempt goes. */
function contended(
  memory: ScalingMemory,
  settings: AutoscalerSettings,
  bound: number,
  need: number | null,
): ScalingChoice {
  memory.desired = Math.max(settings.minimum, Math.min(memory.desired, bound));
  return { desired: memory.desired, verdict: 'contention', need };
}

/** The size at the threshold itself, where 80 % of it cannot be had. */
function needAtMost(rate: number, service: ServiceShape, thresholdMs: number): number {
  return serversNeeded(rate, service, thresholdMs) ?? 1;
}

/** The arrivals to be ready for: of the last 6 s, or, after a jump that is no noise, of the last 2 s if that is more. */
export function forecast({ rate2, rate6, rate60 }: Pick<ScalingInputs, 'rate2' | 'rate6' | 'rate60'>): number {
  const isJump = 2 * rate2 - 2 * rate60 > JUMP_SIGMAS * Math.sqrt(2 * rate60);
  return isJump ? Math.max(rate2, rate6) : rate6;
}

/** What the model does not see: p95 above the threshold for a while though there are enough. */
function extraFor(
  { nowMs, p95Ms, active }: ScalingInputs,
  memory: ScalingMemory,
  settings: AutoscalerSettings,
  size: number,
): number {
  const isLate = p95Ms !== null && p95Ms > settings.thresholdMs;
  memory.lateSinceMs = isLate ? (memory.lateSinceMs ?? nowMs) : null;
  const isLong = memory.lateSinceMs !== null && nowMs - memory.lateSinceMs >= LATE_FOR_MS;
  if (isLong && size <= active && nowMs >= memory.extraUntilMs) memory.extraUntilMs = nowMs + EXTRA_FOR_MS;
  return nowMs < memory.extraUntilMs ? 1 : 0;
}

function grown(memory: ScalingMemory, { nowMs }: ScalingInputs, to: number, verdict: ScalingVerdict): ScalingChoice {
  memory.desired = to;
  memory.grewAtMs = nowMs;
  return { desired: to, verdict, need: to };
}

/** Notes what was asked for, by second; forgets what is older than counts. */
function note(memory: ScalingMemory, { nowMs }: ScalingInputs, settings: AutoscalerSettings, workers: number): void {
  const second = Math.floor(nowMs / 1_000);
  const { asked } = memory;
  const last = asked.at(-1);
  if (last?.second === second) last.workers = Math.max(last.workers, workers);
  else asked.push({ second, workers });
  while (asked.length > 0 && (asked[0]?.second ?? 0) < second - settings.shrinkAfterMs / 1_000) asked.shift();
}

/** The most that was asked for in the whole time; null until it has been watched for so long. */
function mostAsked(memory: ScalingMemory, { nowMs }: ScalingInputs, settings: AutoscalerSettings): number | null {
  if (nowMs - memory.sinceMs < settings.shrinkAfterMs) return null;
  return memory.asked.reduce((most, { workers }) => Math.max(most, workers), 1);
}

/** Fewer workers, when that has been enough for long; at most a quarter of them every five seconds. */
function shrunk(memory: ScalingMemory, inputs: ScalingInputs, settings: AutoscalerSettings): ScalingChoice {
  const n = memory.desired;
  const enough: ScalingChoice = { desired: n, verdict: 'enough', need: null };
  const most = mostAsked(memory, inputs, settings);
  if (most === null || Math.max(most, settings.minimum) >= n) return enough;
  if (!inputs.watched) return { ...enough, verdict: 'unwatched' };
  if (inputs.nowMs - memory.shrunkAtMs < SHRINK_EVERY_MS) return enough;
  const step = Math.max(1, Math.floor(n * SHRINK_SHARE));
  memory.desired = Math.max(settings.minimum, most, n - step);
  memory.shrunkAtMs = inputs.nowMs;
  return { desired: memory.desired, verdict: 'spare', need: null };
}

/** What would change the decision next; for the reader, so once a second is enough. */
export function nextTrigger(inputs: ScalingInputs, memory: ScalingMemory, settings: AutoscalerSettings): NextTrigger {
  const { service, slots, nowMs } = inputs;
  const n = memory.desired;
  const looksAtRates = settings.policy === 'erlang-c' && service !== null && n < settings.maximum;
  const growAtRate = looksAtRates ? rateSustained(service, n * slots, settings.thresholdMs * TRIGGER) : null;
  const none = { growAtRate: growAtRate === 0 ? null : growAtRate, shrinkTo: null, shrinkInMs: null };
  if (settings.policy !== 'erlang-c') return none;
  // As `asked` empties from its oldest end, the most of what is left falls: the next fall below n is when it shrinks.
  const newest = memory.asked.at(-1)?.workers ?? n;
  const to = Math.max(settings.minimum, newest);
  if (to >= n) return none;
  const last = memory.asked.findLast(({ workers }) => workers >= n);
  const fromMs = Math.max(last === undefined ? 0 : (last.second + 1) * 1_000, memory.sinceMs);
  return { ...none, shrinkTo: to, shrinkInMs: Math.max(0, fromMs + settings.shrinkAfterMs - nowMs) };
}
