/** Figures of a report as text, the same on the command line and in the file. */
import type { LoadPlan, Threshold } from './load-plan.ts';
import type { Invalidity, Judgement, LoadSummary, Percentiles } from './load-summary.ts';
import { filled, type ReportWords } from './report-words.ts';

/** Three or four significant digits: `0.42`, `12.3`, `1240`. */
export function digits(value: number): string {
  if (value === 0) return '0';
  const magnitude = Math.abs(value);
  return value.toFixed(magnitude < 1 ? 3 : magnitude < 10 ? 2 : magnitude < 100 ? 1 : 0);
}

export const ms = (value: number | null, words: ReportWords): string =>
  value === null ? words['among-failed'] : `${digits(value)} ms`;

export const percent = (share: number): string => `${Number((share * 100).toPrecision(3))} %`;

const inUnit = (threshold: Threshold, value: number): string =>
  threshold.metric === 'latency' ? `${digits(value)} ms` : percent(value);

/** Limit, value, interval and margin of a judgement. The margin is how far the value lies below the limit. */
export function judgementTexts(judgement: Judgement, words: ReportWords) {
  const { threshold, value, low, high } = judgement;
  const limit = threshold.metric === 'latency' ? threshold.limitMs : threshold.limitShare;
  const bound = (edge: number | null) => (edge === null ? '∞' : inUnit(threshold, edge));
  return {
    limit: inUnit(threshold, limit),
    value: value === null ? words['among-failed'] : inUnit(threshold, value),
    interval: `${bound(low)} … ${bound(high)}`,
    margin: value === null ? '–' : `${value > limit ? '−' : ''}${digits(Math.abs(1 - value / limit) * 100)} %`,
    verdict: words[`verdict-${judgement.verdict}`],
  };
}

export function invalidText({ rule, value, limit }: Invalidity, words: ReportWords): string {
  const scale = rule === 'not-sent' ? 100 : 1;
  const exact = (number: number) => (rule === 'not-sent' ? (number * scale).toFixed(2) : digits(number));
  return filled(words[`invalid-${rule}`], { value: exact(value), limit: exact(limit) });
}

/** What people ask first: percentiles to show, in order. */
export const PERCENTILE_NAMES = [
  ['p50', 'p50Ms'],
  ['p90', 'p90Ms'],
  ['p95', 'p95Ms'],
  ['p99', 'p99Ms'],
  ['p99.9', 'p999Ms'],
  ['max', 'maxMs'],
] as const;

/**
 * The views of the same requests that stand together wherever a run is shown: by the schedule and from when
 * they were sent (open loop), as a closed loop would have seen them, and that corrected. Users of a closed loop
 * have no schedule: there, what they see is the service latency.
 */
export function latencyViews(
  plan: LoadPlan,
  { intended, service, naive, naiveCorrected }: LoadSummary,
): { view: 'intended' | 'service' | 'naive' | 'corrected'; values: Percentiles }[] {
  const corrected = { view: 'corrected', values: naiveCorrected } as const;
  if (!isOpen(plan)) return [{ view: 'service', values: service }, corrected];
  return [
    { view: 'intended', values: intended },
    { view: 'service', values: service },
    { view: 'naive', values: naive },
    corrected,
  ];
}

export const isOpen = (plan: LoadPlan): boolean => plan.loop.kind === 'open';
