/**
 * Decides about weather lookups: what is answered from the cache, which requests share a lookup, when
 * the source is left alone, and what is said when it cannot be had.
 *
 *   ask ──fresh──► answer                    a lookup: looking-up ──reading──► storing ──► answer all
 *    └──stale or unknown──► a lookup                       └──failure──► refuse all, with the last value
 *         └──quota used up, or source resting──► refuse, with the last known value
 *
 * The source rests after several failures in a row (a circuit breaker: one try after each rest). Its
 * quotas are counted by the clock, so a used-up one is over when the clock's minute, hour or day is.
 */
import type { WeatherFrom, WeatherPayload, WeatherReading } from '../protocol/weather.ts';
import type { QuotaSpan, WeatherFailure, WeatherSource } from '../protocol/weather-limits.ts';
import { exhaustive } from '../protocol/step.ts';
import type { Stepped } from '../protocol/step.ts';

export type WeatherSettings = {
  /** How long a value is served from the cache. */
  freshMs: Record<WeatherSource, number>;
  entriesMax: number;
  /** So many failures in a row let the source rest. */
  failuresMax: number;
  restMs: number;
};

/** Open-Meteo's current values change every 15 minutes. */
export const WEATHER_SETTINGS: WeatherSettings = {
  freshMs: { 'open-meteo': 600_000, demo: 10_000 },
  entriesMax: 1_000,
  failuresMax: 3,
  restMs: 30_000,
};

/** Requests with the same key are the same question. */
export type WeatherAsk = { key: string; payload: WeatherPayload };

/** A value and what is known about how it came. Times in ms. */
export type WeatherEntry = {
  reading: WeatherReading;
  fetchedAtMs: number;
  worker: string | null;
  lookupMs: number;
  /** Null until it is stored. */
  record: string | null;
  replicas: readonly string[];
  storeMs: number | null;
  notStored: string | null;
};

export type WeatherOutcome =
  | { kind: 'value'; entry: WeatherEntry; from: WeatherFrom; ageMs: number }
  | { kind: 'unknown-city'; name: string }
  | {
      kind: 'unavailable';
      /** The source, or the workers that would have to ask it. */
      who: 'source' | 'workers';
      reason: string;
      quota: QuotaSpan | null;
      retryAtMs: number | null;
      last: { entry: WeatherEntry; ageMs: number } | null;
    };

type Flight = { ask: WeatherAsk; requests: number[]; isStoring: boolean; from: 'source' | 'cache' };

export type WeatherState = {
  settings: WeatherSettings;
  /** The newest last. */
  entries: Map<string, WeatherEntry>;
  flights: Map<string, Flight>;
  failuresInRow: number;
  restsUntilMs: number | null;
  /** The one try after a rest. */
  isTrying: boolean;
  quota: { span: QuotaSpan; untilMs: number; reason: string } | null;
};

export type LookUpResult =
  | { ok: true; reading: WeatherReading; worker: string | null; tookMs: number }
  | { ok: false; failure: WeatherFailure | 'no-worker'; reason: string };

export type WeatherEvent =
  | { kind: 'ask'; request: number; ask: WeatherAsk }
  | { kind: 'looked-up'; key: string; result: LookUpResult }
  | { kind: 'stored'; key: string; record: string; replicas: readonly string[]; tookMs: number }
  | { kind: 'not-stored'; key: string; reason: string };

export type WeatherEffect =
  | { kind: 'look-up'; ask: WeatherAsk }
  | { kind: 'store'; key: string; reading: WeatherReading }
  | { kind: 'answer'; request: number; outcome: WeatherOutcome };

export function createWeatherState(settings: WeatherSettings = WEATHER_SETTINGS): WeatherState {
  return {
    settings,
    entries: new Map(),
    flights: new Map(),
    failuresInRow: 0,
    restsUntilMs: null,
    isTrying: false,
    quota: null,
  };
}

export function stepWeather(
  state: WeatherState,
  event: WeatherEvent,
  nowMs: number,
): Stepped<WeatherState, WeatherEffect> {
  return { state, effects: decide(state, event, nowMs) };
}

function decide(state: WeatherState, event: WeatherEvent, nowMs: number): WeatherEffect[] {
  switch (event.kind) {
    case 'ask':
      return ask(state, event.request, event.ask, nowMs);
    case 'looked-up':
      return event.result.ok
        ? found(state, event.key, event.result, nowMs)
        : failed(state, event.key, event.result, nowMs);
    case 'stored': {
      const { record, replicas, tookMs } = event;
      return settle(state, event.key, { record, replicas, storeMs: tookMs, notStored: null }, nowMs);
    }
    case 'not-stored':
      return settle(state, event.key, { notStored: event.reason }, nowMs);
    default:
      return exhaustive(event);
  }
}

function ask(state: WeatherState, request: number, asked: WeatherAsk, nowMs: number): WeatherEffect[] {
  const { key, payload } = asked;
  const flight = state.flights.get(key);
  if (flight !== undefined) {
    flight.requests.push(request);
    return [];
  }
  const entry = state.entries.get(key);
  if (entry !== undefined && nowMs - entry.fetchedAtMs < state.settings.freshMs[payload.source]) {
    if (entry.record !== null) return [answered(request, entry, 'cache', nowMs)];
    // It could not be stored when it came: every success is to become a record.
    state.flights.set(key, { ask: asked, requests: [request], isStoring: true, from: 'cache' });
    return [{ kind: 'store', key, reading: entry.reading }];
  }
  const refusal = payload.source === 'demo' ? null : refusalNow(state, nowMs);
  if (refusal !== null) return refuse(state, key, [request], refusal, nowMs);
  if (state.restsUntilMs !== null && payload.source !== 'demo') state.isTrying = true;
  state.flights.set(key, { ask: asked, requests: [request], isStoring: false, from: 'source' });
  return [{ kind: 'look-up', ask: asked }];
}

type Refusal = { who: 'source' | 'workers'; reason: string; quota: QuotaSpan | null; retryAtMs: number | null };

/** Why the real source is not to be asked now, or null. */
function refusalNow(state: WeatherState, nowMs: number): Refusal | null {
  const { quota, restsUntilMs } = state;
  if (quota !== null) {
    if (nowMs < quota.untilMs)
      return { who: 'source', reason: quota.reason, quota: quota.span, retryAtMs: quota.untilMs };
    state.quota = null;
  }
  if (restsUntilMs === null || (nowMs >= restsUntilMs && !state.isTrying)) return null;
  const reason = `the source failed ${state.failuresInRow} times in a row and is left alone for a while`;
  return { who: 'source', reason, quota: null, retryAtMs: Math.max(restsUntilMs, nowMs + 1_000) };
}

function found(
  state: WeatherState,
  key: string,
  { reading, worker, tookMs }: Extract<LookUpResult, { ok: true }>,
  nowMs: number,
): WeatherEffect[] {
  if (reading.source !== 'demo') endRest(state);
  state.entries.delete(key);
  state.entries.set(key, {
    reading,
    fetchedAtMs: nowMs,
    worker,
    lookupMs: tookMs,
    record: null,
    replicas: [],
    storeMs: null,
    notStored: null,
  });
  const [oldest] = state.entries.keys();
  if (state.entries.size > state.settings.entriesMax && oldest !== undefined) state.entries.delete(oldest);
  const flight = state.flights.get(key);
  if (flight !== undefined) flight.isStoring = true;
  return [{ kind: 'store', key, reading }];
}

function failed(
  state: WeatherState,
  key: string,
  { failure, reason }: Extract<LookUpResult, { ok: false }>,
  nowMs: number,
): WeatherEffect[] {
  const flight = state.flights.get(key);
  state.flights.delete(key);
  const requests = flight?.requests ?? [];
  if (failure === 'unknown-city') {
    // The source answered, and well.
    if (flight?.ask.payload.source !== 'demo') endRest(state);
    return requests.map((request) => ({ kind: 'answer', request, outcome: { kind: 'unknown-city', name: reason } }));
  }
  if (failure === 'no-worker') {
    // Says nothing about the source.
    state.isTrying = false;
    return refuse(state, key, requests, { who: 'workers', reason, quota: null, retryAtMs: null }, nowMs);
  }
  const span = quotaSpan(failure);
  if (span !== null) {
    const untilMs = quotaEndMs(span, nowMs);
    state.quota = { span, untilMs, reason };
    state.isTrying = false;
    return refuse(state, key, requests, { who: 'source', reason, quota: span, retryAtMs: untilMs }, nowMs);
  }
  state.failuresInRow += 1;
  state.isTrying = false;
  if (state.failuresInRow >= state.settings.failuresMax) state.restsUntilMs = nowMs + state.settings.restMs;
  return refuse(state, key, requests, { who: 'source', reason, quota: null, retryAtMs: state.restsUntilMs }, nowMs);
}

function endRest(state: WeatherState): void {
  state.failuresInRow = 0;
  state.restsUntilMs = null;
  state.isTrying = false;
}

function settle(state: WeatherState, key: string, change: Partial<WeatherEntry>, nowMs: number): WeatherEffect[] {
  const entry = state.entries.get(key);
  if (entry !== undefined) Object.assign(entry, change);
  const flight = state.flights.get(key);
  if (flight === undefined || entry === undefined) return [];
  state.flights.delete(key);
  return flight.requests.map((request, at) =>
    answered(request, entry, flight.from === 'cache' ? 'cache' : at === 0 ? 'source' : 'shared', nowMs),
  );
}

/** A copy: the entry may change before the answer is written. */
function answered(request: number, entry: WeatherEntry, from: WeatherFrom, nowMs: number): WeatherEffect {
  const ageMs = Math.max(0, nowMs - entry.fetchedAtMs);
  return { kind: 'answer', request, outcome: { kind: 'value', entry: { ...entry }, from, ageMs } };
}

function refuse(
  state: WeatherState,
  key: string,
  requests: readonly number[],
  refusal: Refusal,
  nowMs: number,
): WeatherEffect[] {
  const entry = state.entries.get(key);
  const last = entry === undefined ? null : { entry: { ...entry }, ageMs: Math.max(0, nowMs - entry.fetchedAtMs) };
  return requests.map((request) => ({ kind: 'answer', request, outcome: { kind: 'unavailable', ...refusal, last } }));
}

function quotaSpan(failure: WeatherFailure): QuotaSpan | null {
  switch (failure) {
    case 'quota-minute':
      return 'minute';
    case 'quota-hour':
      return 'hour';
    case 'quota-day':
      return 'day';
    default:
      return null;
  }
}

const SPAN_MS: Record<QuotaSpan, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** The source's counters start anew with each minute, hour and day of UTC; a second later to be on the safe side. */
function quotaEndMs(span: QuotaSpan, nowMs: number): number {
  const spanMs = SPAN_MS[span];
  return (Math.floor(nowMs / spanMs) + 1) * spanMs + 1_000;
}
