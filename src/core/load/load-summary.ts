/** What a run came to: counts, percentiles from merged histograms, whether it may be believed, the verdict. */
import { quantile } from '../../../containers/algorithms/histogram.ts';
import {
  corrected,
  mergeAll,
  populationOf,
  quantileInterval,
  quantileMs,
  shareInterval,
  type Counts,
  type Interval,
  type Population,
} from './latency-counts.ts';
import type { LoadPlan, Threshold } from './load-plan.ts';
import type { LoadSecond } from './load-second.ts';

/** Values in ms; null where there were no requests, or where the percentile lies among those that failed. */
export type Percentiles = Record<'p50Ms' | 'p90Ms' | 'p95Ms' | 'p99Ms' | 'p999Ms' | 'maxMs', number | null>;

/** Why a run says nothing about its target: the generator itself was the limit. */
export type Invalidity = { rule: 'lag' | 'not-sent' | 'wake'; value: number; limit: number };

export type Verdict = 'pass' | 'fail' | 'inconclusive' | 'invalid' | 'none';

/** `value` and its 95 % interval in ms or as a share; null: unbounded, or among the failed. */
export type Judgement = {
  threshold: Threshold;
  value: number | null;
  low: number | null;
  high: number | null;
  verdict: 'pass' | 'fail' | 'inconclusive';
};

/** Little's law, L = λ·W, over the measured seconds: `ratio` is L / (λ·W), 1 in a steady state. */
export type LittlesLaw = { inFlight: number; perSecond: number; latencyMs: number; ratio: number | null };

export type LoadSummary = {
  measuredMs: number;
  offered: number;
  sent: number;
  notSent: number;
  ok: number;
  failed: number;
  errors: Record<string, number>;
  offeredPerSecond: number;
  okPerSecond: number;
  /** Of open loops: from due to answered, the headline. */
  intended: Percentiles;
  service: Percentiles;
  /** As one tester sees it who waits for each answer, and what its numbers become when corrected. */
  naive: Percentiles;
  naiveCorrected: Percentiles;
  naiveCount: number;
  lagP99Ms: number | null;
  wakeP99Ms: number | null;
  inFlightMax: number;
  littlesLaw: LittlesLaw;
  workers: { worker: string; ok: number; p50Ms: number | null; p95Ms: number | null; p99Ms: number | null }[];
  invalid: Invalidity[];
  judgements: Judgement[];
  verdict: Verdict;
};

/** The seconds that count: not the warm-up, and not what came after the last request was due. */
export function measured(seconds: readonly LoadSecond[], plan: LoadPlan): LoadSecond[] {
  const untilSecond = Math.ceil(plan.durationMs / 1_000);
  return seconds.filter(({ second }) => second >= 0 && second < untilSecond);
}

/** The headline latencies of a run: intended in an open loop, service in a closed one. */
export function headline(seconds: readonly LoadSecond[], plan: LoadPlan): Population {
  const basis = plan.loop.kind === 'open' ? 'intended' : 'service';
  return populationOf(
    seconds.map((row) => row[basis]),
    total(seconds, 'failed'),
  );
}

export function summarise(plan: LoadPlan, all: readonly LoadSecond[]): LoadSummary {
  const seconds = measured(all, plan);
  const late = all.filter((row) => row.second >= 0);
  const population = headline(seconds, plan);
  const sum = (field: CountField) => total(seconds, field);
  const measuredMs = measuredTime(plan, seconds);
  const offered = sum('offered');
  const failed = sum('failed');
  const naive = mergeAll(seconds.map((row) => row.naive));
  const invalid = invalidities(plan, seconds, offered, sum('notSent'));
  const judgements = plan.thresholds.map((threshold) => judge(threshold, population));
  return {
    measuredMs,
    offered,
    // Of those due in the measured seconds; some may have left just after them.
    sent: offered - sum('notSent'),
    notSent: sum('notSent'),
    ok: population.answered,
    failed,
    errors: errorsIn(late),
    offeredPerSecond: perSecond(offered, measuredMs),
    okPerSecond: perSecond(population.answered, measuredMs),
    intended: percentilesOf(
      populationOf(
        seconds.map((row) => row.intended),
        failed,
      ),
    ),
    service: percentilesOf(
      populationOf(
        seconds.map((row) => row.service),
        failed,
      ),
    ),
    naive: percentilesOf({ counts: naive, answered: count(naive), failed: 0 }),
    naiveCorrected: correctedPercentiles(naive, offered === 0 ? 0 : (measuredMs * 1_000) / offered),
    naiveCount: count(naive),
    lagP99Ms: quantileOf(seconds, 'lag'),
    wakeP99Ms: quantileOf(seconds, 'wake'),
    inFlightMax: seconds.reduce((most, row) => Math.max(most, row.inFlight), 0),
    littlesLaw: littlesLaw(seconds),
    workers: byWorker(seconds),
    invalid,
    judgements,
    verdict: verdictOf(invalid, judgements),
  };
}

type CountField = 'offered' | 'notSent' | 'ok' | 'failed' | 'inFlightMs' | 'watchedMs' | 'serviceMs';
const total = (rows: readonly LoadSecond[], field: CountField): number =>
  rows.reduce((sum, row) => sum + row[field], 0);
const count = (counts: Counts): number => counts.reduce((sum, [, one]) => sum + one, 0);
const perSecond = (requests: number, ms: number): number => (ms > 0 ? (requests * 1_000) / ms : 0);
const finite = (value: number | null): number | null => (value === null || !Number.isFinite(value) ? null : value);

/** The planned duration, or as far as it came: a run may be stopped, or have sent all it had to. */
function measuredTime(plan: LoadPlan, seconds: readonly LoadSecond[]): number {
  return Math.min(plan.durationMs, total(seconds, 'watchedMs'));
}

export function percentilesOf(population: Population): Percentiles {
  const at = (q: number) => finite(quantileMs(population, q));
  return { p50Ms: at(0.5), p90Ms: at(0.9), p95Ms: at(0.95), p99Ms: at(0.99), p999Ms: at(0.999), maxMs: at(1) };
}

function correctedPercentiles(naive: Counts, intervalUs: number): Percentiles {
  const counts = corrected(naive, intervalUs);
  return percentilesOf({ counts, answered: count(counts), failed: 0 });
}

function quantileOf(seconds: readonly LoadSecond[], field: 'lag' | 'wake'): number | null {
  const us = quantile(mergeAll(seconds.map((row) => row[field])), 0.99);
  return us === null ? null : us / 1_000;
}

function errorsIn(seconds: readonly LoadSecond[]): Record<string, number> {
  const errors: Record<string, number> = {};
  for (const row of seconds)
    for (const [kind, times] of Object.entries(row.errors)) errors[kind] = (errors[kind] ?? 0) + times;
  return errors;
}

function byWorker(seconds: readonly LoadSecond[]): LoadSummary['workers'] {
  const names = new Set(seconds.flatMap((row) => Object.keys(row.workers)));
  return [...names]
    .map((worker) => {
      const population = populationOf(
        seconds.map((row) => row.workers[worker] ?? []),
        0,
      );
      const { p50Ms, p95Ms, p99Ms } = percentilesOf(population);
      return { worker, ok: population.answered, p50Ms, p95Ms, p99Ms };
    })
    .sort((a, b) => a.worker.localeCompare(b.worker, 'en', { numeric: true }));
}

function littlesLaw(seconds: readonly LoadSecond[]): LittlesLaw {
  const watchedMs = total(seconds, 'watchedMs');
  const errors = Object.values(errorsIn(seconds)).reduce((sum, times) => sum + times, 0);
  const ended = total(seconds, 'ok') + errors;
  const inFlight = watchedMs > 0 ? total(seconds, 'inFlightMs') / watchedMs : 0;
  const rate = perSecond(ended, watchedMs);
  const latencyMs = ended > 0 ? total(seconds, 'serviceMs') / ended : 0;
  const expected = (rate * latencyMs) / 1_000;
  return { inFlight, perSecond: rate, latencyMs, ratio: expected > 0 ? inFlight / expected : null };
}

const LAG_FLOOR_MS = 2;
const LAG_SHARE = 0.01;
const SENT_SHARE_MIN = 0.999;
const WAKE_MAX_MS = 10;

/** A lag above this spoils the run, ms: 1 % of the strictest latency limit, and never less than 2 ms. */
export function lagLimitMs(plan: LoadPlan): number {
  const limits = plan.thresholds.flatMap((limit) => (limit.metric === 'latency' ? [limit.limitMs] : []));
  return limits.length === 0 ? LAG_FLOOR_MS : Math.max(LAG_FLOOR_MS, Math.min(...limits) * LAG_SHARE);
}

function invalidities(plan: LoadPlan, seconds: LoadSecond[], offered: number, notSent: number): Invalidity[] {
  const found: Invalidity[] = [];
  const lag = quantileOf(seconds, 'lag') ?? 0;
  const limit = lagLimitMs(plan);
  // In a closed loop nothing is due before it is sent.
  if (plan.loop.kind === 'open' && lag > limit) found.push({ rule: 'lag', value: lag, limit });
  const sentShare = offered === 0 ? 1 : (offered - notSent) / offered;
  if (sentShare < SENT_SHARE_MIN) found.push({ rule: 'not-sent', value: sentShare, limit: SENT_SHARE_MIN });
  const wake = quantileOf(seconds, 'wake') ?? 0;
  if (wake > WAKE_MAX_MS) found.push({ rule: 'wake', value: wake, limit: WAKE_MAX_MS });
  return found;
}

/** Passes when the whole interval is within the limit, fails when it is wholly beyond. */
function judge(threshold: Threshold, population: Population): Judgement {
  const all = population.answered + population.failed;
  const isLatency = threshold.metric === 'latency';
  const limit = isLatency ? threshold.limitMs : threshold.limitShare;
  const value = isLatency ? quantileMs(population, threshold.quantile) : all === 0 ? null : population.failed / all;
  const interval: Interval | null = isLatency
    ? quantileInterval(population, threshold.quantile)
    : shareInterval(population.failed, all);
  const verdict =
    interval === null
      ? 'inconclusive'
      : interval.high < limit
        ? 'pass'
        : interval.low > limit
          ? 'fail'
          : 'inconclusive';
  return {
    threshold,
    value: finite(value),
    low: finite(interval?.low ?? null),
    high: finite(interval?.high ?? null),
    verdict,
  };
}

function verdictOf(invalid: Invalidity[], judgements: Judgement[]): Verdict {
  if (invalid.length > 0) return 'invalid';
  if (judgements.length === 0) return 'none';
  if (judgements.some(({ verdict }) => verdict === 'fail')) return 'fail';
  return judgements.some(({ verdict }) => verdict === 'inconclusive') ? 'inconclusive' : 'pass';
}
