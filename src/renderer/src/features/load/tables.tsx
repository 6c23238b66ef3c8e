/** The tables under a run's charts: thresholds, latencies seen in four ways, counts, workers. */
import { Tooltip } from '@mantine/core';
import type { LoadPlan } from '../../../../core/load/load-plan.ts';
import type { LoadSummary } from '../../../../core/load/load-summary.ts';
import { formatThreshold } from '../../../../core/load/plan-text.ts';
import {
  digits,
  isOpen,
  judgementTexts,
  latencyViews,
  ms,
  PERCENTILE_NAMES,
} from '../../../../core/load/report-numbers.ts';
import { useT } from '../../stores/settings-store.ts';
import { formatCount } from '../../ui/format.ts';
import { Section } from '../../ui/Section.tsx';
import table from '../../ui/table.module.css';
import { reportWords } from './export-run.ts';
import styles from './load.module.css';

export function ThresholdTable({ summary }: { summary: LoadSummary }) {
  const t = useT();
  const words = reportWords(t);
  return (
    <Section title={t('load.word.thresholds')}>
      <table className={table['table']} aria-label={t('load.word.thresholds')}>
        <thead>
          <tr>
            <th data-wide>{t('load.word.limit')}</th>
            <th data-num>{t('load.word.value')}</th>
            <th data-num>{t('load.word.interval')}</th>
            <th data-num>{t('load.word.margin')}</th>
            <th>{t('load.word.verdict')}</th>
          </tr>
        </thead>
        <tbody>
          {summary.judgements.map((judgement) => {
            const { value, interval, margin, verdict } = judgementTexts(judgement, words);
            const name = formatThreshold(judgement.threshold);
            return (
              <tr key={name}>
                <td className="mono">{name}</td>
                <td data-num>{value}</td>
                <td data-num>{interval}</td>
                <td data-num>{margin}</td>
                <td className={styles['judged']} data-verdict={judgement.verdict}>
                  {verdict}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Section>
  );
}

export function LatencyTable({ summary, plan }: { summary: LoadSummary; plan: LoadPlan }) {
  const t = useT();
  const words = reportWords(t);
  const some = summary.offered > 0;
  const rows = latencyViews(plan, summary).map(({ view, values }) => {
    const isClosed = view === 'naive' || (view === 'service' && !isOpen(plan));
    const hint = view === 'corrected' ? t('load.hint.corrected') : isClosed ? t('load.hint.naive') : undefined;
    return { name: words[view], values, hint };
  });
  return (
    <Section title={t('load.word.latency')}>
      <table className={table['table']} aria-label={t('load.word.latency')}>
        <thead>
          <tr>
            <th data-wide>{t('load.kind')}</th>
            {PERCENTILE_NAMES.map(([name]) => (
              <th key={name} data-num>
                {name === 'max' ? words.max : name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, values, hint }) => (
            <tr key={name}>
              <td>
                {hint === undefined ? (
                  name
                ) : (
                  <Tooltip label={hint} multiline w={300}>
                    <span className={styles['hinted']} tabIndex={0}>
                      {name}
                    </span>
                  </Tooltip>
                )}
              </td>
              {PERCENTILE_NAMES.map(([column, key]) => (
                <td key={column} data-num>
                  {some ? ms(values[key], words) : '–'}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}

export function CountsTable({ summary, cpuS }: { summary: LoadSummary; cpuS: number | null }) {
  const t = useT();
  const { littlesLaw } = summary;
  const law = `${digits(littlesLaw.inFlight)} = ${digits(littlesLaw.perSecond)}/s × ${digits(littlesLaw.latencyMs)} ms`;
  const perMillion = cpuS === null || summary.ok === 0 ? null : (cpuS / summary.ok) * 1e6;
  const rows: [string, string][] = [
    [t('load.word.offered'), formatCount(summary.offered)],
    [t('load.word.sent'), formatCount(summary.sent)],
    [t('load.word.not-sent'), formatCount(summary.notSent)],
    [t('load.word.ok'), formatCount(summary.ok)],
    [t('load.word.failed'), formatCount(summary.failed)],
    ...Object.entries(summary.errors).map(([kind, times]): [string, string] => [
      `${t('load.word.errors')}: ${kind}`,
      formatCount(times),
    ]),
    [t('load.word.littles'), law],
    [t('load.word.wake'), summary.wakeP99Ms === null ? '–' : `${digits(summary.wakeP99Ms)} ms`],
    ...(cpuS === null || perMillion === null
      ? []
      : [[t('load.word.cpu'), `${digits(cpuS)} s (${digits(perMillion)} s / M)`] as [string, string]]),
  ];
  return (
    <Section title={t('load.word.counts')}>
      <table className={table['table']} aria-label={t('load.word.counts')}>
        <tbody>
          {rows.map(([name, value]) => (
            <tr key={name}>
              <td data-wide>{name}</td>
              <td data-num>{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}

export function WorkerTable({ summary }: { summary: LoadSummary }) {
  const t = useT();
  const words = reportWords(t);
  return (
    <Section title={t('load.word.workers')}>
      <table className={table['table']} aria-label={t('load.word.workers')}>
        <thead>
          <tr>
            <th data-wide>{t('load.word.worker')}</th>
            <th data-num>{t('load.word.ok')}</th>
            <th data-num>p50</th>
            <th data-num>p95</th>
            <th data-num>p99</th>
          </tr>
        </thead>
        <tbody>
          {summary.workers.map((one) => (
            <tr key={one.worker}>
              <td className="mono">{one.worker}</td>
              <td data-num>{formatCount(one.ok)}</td>
              <td data-num>{ms(one.p50Ms, words)}</td>
              <td data-num>{ms(one.p95Ms, words)}</td>
              <td data-num>{ms(one.p99Ms, words)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}
