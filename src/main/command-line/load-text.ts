/** A load test as lines for a terminal. */
import type { LoadProgress, LoadRun, LoadRunHead } from '../../core/load/load-run.ts';
import type { LoadSecond } from '../../core/load/load-second.ts';
import type { LoadSummary } from '../../core/load/load-summary.ts';
import { pointsOf } from '../../core/load/load-series.ts';
import { formatThreshold } from '../../core/load/plan-text.ts';
import {
  digits,
  invalidText,
  isOpen,
  judgementTexts,
  latencyViews,
  ms,
  PERCENTILE_NAMES,
} from '../../core/load/report-numbers.ts';
import { REPORT_WORDS as words } from '../../core/load/report-words.ts';

export function describeProgress(
  head: LoadRunHead,
  { runMs, inFlight }: LoadProgress,
  rows: ReadonlyMap<number, LoadSecond>,
): string {
  const second = Math.floor(runMs / 1_000) - 1;
  const row = rows.get(second);
  const [point] = row === undefined ? [] : pointsOf([row], { quantiles: [0.95] });
  const p95 = point?.[isOpen(head.plan) ? 'intended' : 'service'][0] ?? null;
  const of = Math.round(head.plan.durationMs / 1_000);
  return `${Math.round(runMs / 1_000)} of ${of} s: ${point?.ok ?? 0}/s, ${inFlight} under way, p95 ${p95 === null ? '–' : `${digits(p95)} ms`}`;
}

export function describeRun(run: LoadRun, summary: LoadSummary): string {
  const { littlesLaw, lagP99Ms } = summary;
  return [
    `${words[`verdict-${summary.verdict}`]}  ${run.name}`,
    ...summary.invalid.map((one) => `  ${invalidText(one, words)}`),
    ...summary.judgements.map((judgement) => {
      const { value, interval, verdict } = judgementTexts(judgement, words);
      return `  ${verdict.padEnd(13)} ${formatThreshold(judgement.threshold)}: ${value} (${interval})`;
    }),
    `requests   ${summary.offered} due, ${summary.sent} sent, ${summary.ok} answered (${digits(summary.okPerSecond)}/s), ${summary.failed} failed`,
    ...Object.entries(summary.errors).map(([kind, times]) => `           ${times} × ${kind}`),
    ...latencyLines(run, summary),
    `lag        p99 ${ms(lagP99Ms ?? 0, words)}`,
    `Little     ${digits(littlesLaw.inFlight)} under way, ${digits(littlesLaw.perSecond)}/s × ${digits(littlesLaw.latencyMs)} ms (ratio ${littlesLaw.ratio?.toFixed(2) ?? '–'})`,
    ...summary.workers.map((one) => `${one.worker.padEnd(10)} ${one.ok} answered, p95 ${ms(one.p95Ms, words)}`),
  ].join('\n');
}

const VIEWS = { intended: 'intended', service: 'service', naive: 'closed', corrected: 'corrected' } as const;

function latencyLines(run: LoadRun, summary: LoadSummary): string[] {
  return latencyViews(run.plan, summary).map(
    ({ view, values }) =>
      `${VIEWS[view].padEnd(10)} ${PERCENTILE_NAMES.map(([label, key]) => `${label} ${ms(values[key], words)}`).join(', ')}`,
  );
}
