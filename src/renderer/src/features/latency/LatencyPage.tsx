/** How long requests take: percentiles over the last minutes for one series, and the latest values of all. */
import { useElementSize } from '@mantine/hooks';
import { useState } from 'react';
import type { LatencySeries } from '../../../../../containers/protocol/stream.ts';
import { useNowMs } from '../../stores/clock-store.ts';
import { WINDOW_MS } from '../../stores/latency-history.ts';
import { latency, useSamplesTick } from '../../stores/samples-store.ts';
import { useT } from '../../stores/settings-store.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { formatCount, formatMs } from '../../ui/format.ts';
import page from '../../ui/page.module.css';
import { PageHead } from '../../ui/PageHead.tsx';
import { Section } from '../../ui/Section.tsx';
import table from '../../ui/table.module.css';
import { CountChart, PERCENTILES, PercentileChart } from './LatencyChart.tsx';
import styles from './latency.module.css';

/** The chart grows with what there is to show, in steps, to 150 windows of two seconds. */
const SPANS_MS = [60_000, 120_000, 180_000];
const SPAN_MAX_MS = 300_000;
const RECENT_MS = 60_000;

export function LatencyPage() {
  const t = useT();
  useSamplesTick();
  const series = latency.series();
  const [wanted, setWanted] = useState<LatencySeries | null>(null);
  const [first] = series;
  const chosen = wanted ?? first;
  return (
    <div className={page['page']}>
      <PageHead title={t('page.latency')} text={t('latency.text')} />
      {chosen === undefined ? (
        <EmptyState title={t('latency.none')} text={t('latency.none-text')} />
      ) : (
        <>
          <Chart series={chosen} />
          <Section title={t('latency.latest')}>
            <LatestTable series={series} chosen={chosen} choose={setWanted} />
          </Section>
        </>
      )}
    </div>
  );
}

function Chart({ series }: { series: LatencySeries }) {
  const t = useT();
  const { ref, width } = useElementSize();
  const toMs = useNowMs(1_000);
  const begunMs = latency.begunMs(series) ?? toMs;
  const fromMs = toMs - (SPANS_MS.find((span) => span > toMs - begunMs) ?? SPAN_MAX_MS);
  const points = latency.points(series, fromMs, toMs - WINDOW_MS);
  return (
    <Section title={t('latency.chart', { series: t(`series.${series}`) })} aside={<Legend />}>
      <div
        className={styles['chart']}
        ref={ref}
        role="img"
        aria-label={t('latency.chart-label', { series: t(`series.${series}`) })}
      >
        {width > 0 && (
          <>
            <PercentileChart points={points} width={width} fromMs={fromMs} toMs={toMs} />
            <div className={styles['caption']}>{t('latency.count-caption', { seconds: WINDOW_MS / 1_000 })}</div>
            <CountChart points={points} width={width} fromMs={fromMs} toMs={toMs} />
          </>
        )}
      </div>
    </Section>
  );
}

function Legend() {
  return (
    <span className={styles['legend']}>
      {PERCENTILES.map(({ label, stroke }) => (
        <span key={label}>
          <i style={{ background: stroke }} />
          {label}
        </span>
      ))}
    </span>
  );
}

type TableProps = { series: LatencySeries[]; chosen: LatencySeries; choose: (series: LatencySeries) => void };

/** The text alternative of the chart, and how a series is chosen. */
function LatestTable({ series, chosen, choose }: TableProps) {
  const t = useT();
  const nowMs = useNowMs(1_000);
  const text = (ms: number | null): string => (ms === null ? '–' : formatMs(ms));
  return (
    <table className={table['table']} aria-label={t('latency.latest')}>
      <thead>
        <tr>
          <th data-wide>{t('field.series')}</th>
          <th data-num>{t('field.count')}</th>
          <th data-num>p50</th>
          <th data-num>p95</th>
          <th data-num>p99</th>
          <th data-num>{t('field.max')}</th>
        </tr>
      </thead>
      <tbody>
        {series.map((name) => {
          const { count, p50Ms, p95Ms, p99Ms, maxMs } = latency.recent(name, nowMs, RECENT_MS);
          return (
            <tr key={name} data-selected={name === chosen}>
              <td data-wide>
                <button
                  type="button"
                  className={table['linkish']}
                  aria-pressed={name === chosen}
                  onClick={() => choose(name)}
                >
                  {t(`series.${name}`)}
                </button>
              </td>
              <td data-num>{formatCount(count)}</td>
              <td data-num>{text(p50Ms)}</td>
              <td data-num data-testid={`p95-${name}`}>
                {text(p95Ms)}
              </td>
              <td data-num>{text(p99Ms)}</td>
              <td data-num>{text(maxMs)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
