/** Workers by state, and p95 against its threshold, on one axis of time with one cursor; decisions as marks. */
import { useCallback, useEffect, useMemo, useState, type KeyboardEvent } from 'react';
import type { JournalEvent } from '../../../../core/journal.ts';
import type { LatencyHistory } from '../../../../core/latency/latency-history.ts';
import { getClient } from '../../bridge.ts';
import { elasticNow, elasticPoints, type ElasticPoint } from '../../stores/elastic-store.ts';
import { useEvents } from '../../stores/picture-store.ts';
import { useSamplesTick } from '../../stores/samples-store.ts';
import { useT } from '../../stores/settings-store.ts';
import { formatClock, formatMs, formatRate } from '../../ui/format.ts';
import { drawPlot, type Plot, type PlotColours, type PlotLine } from '../../ui/plot.ts';
import { PlotCanvas } from '../../ui/PlotCanvas.tsx';
import plots from '../../ui/plots.module.css';
import { ReadoutLine, ReadoutValue } from '../../ui/Readout.tsx';
import table from '../../ui/table.module.css';
import { decisionMarks } from './decisions.ts';
import { pastPoints } from './past-points.ts';
import styles from './elastic.module.css';

const SPAN_S = 600;
const SERIES = [
  { key: 'active', colour: 'compute' },
  { key: 'desired', colour: 'text' },
  { key: 'standby', colour: 'ok' },
  { key: 'starting', colour: 'retry' },
] as const;

const axisMs = (ms: number): string => (ms >= 1_000 ? `${ms / 1_000} s` : `${ms} ms`);
const axisCount = (count: number): string => (Number.isInteger(count) ? String(count) : '');

/** Points further apart than this have a gap between them: nobody told. */
const GAP_MS = 3_000;

/** The points with a hole where none came for a while. */
function withGaps(points: readonly ElasticPoint[]): (ElasticPoint | { atMs: number; gap: true })[] {
  return points.flatMap((point, at) => {
    const before = points[at - 1];
    const isGap = before !== undefined && point.atMs - before.atMs > GAP_MS;
    return isGap ? [{ atMs: before.atMs + 1_000, gap: true as const }, point] : [point];
  });
}

export function WorkerCharts() {
  const t = useT();
  useSamplesTick();
  const events = useEvents();
  const [cursor, setCursor] = useState<number | null>(null);
  const known = useKnown(events);
  const points = useMemo(() => withGaps(known), [known]);
  const toMs = known.at(-1)?.atMs ?? 0;
  const base = useMemo(
    () => ({
      span: { from: toMs / 1_000 - SPAN_S, to: toMs / 1_000 },
      marks: decisionMarks(events).map(({ atMs, colour }) => ({ second: atMs / 1_000, colour })),
      seconds: points.map(({ atMs }) => atMs / 1_000),
      cursor,
    }),
    [toMs, points, events, cursor],
  );
  const onKeyDown = ({ key, preventDefault }: KeyboardEvent): void => {
    const at = cursor ?? base.span.to;
    if (key === 'ArrowLeft') setCursor(Math.max(base.span.from, at - 1));
    else if (key === 'ArrowRight') setCursor(Math.min(base.span.to, at + 1));
    else return;
    preventDefault();
  };
  return (
    <div className={styles['charts']} role="group" tabIndex={0} aria-label={t('elastic.charts')} onKeyDown={onKeyDown}>
      <Legend point={cursor === null ? undefined : known.findLast(({ atMs }) => atMs <= cursor * 1_000)} />
      <Workers base={base} points={points} onPoint={setCursor} />
      <Latency base={base} points={points} onPoint={setCursor} />
      <PointsTable points={known} />
    </div>
  );
}

/** What this window saw itself, and what was before; the same array until there is one more. */
function useKnown(events: readonly JournalEvent[]): readonly ElasticPoint[] {
  const live = elasticPoints();
  const firstMs = live[0]?.atMs;
  const [latency, setLatency] = useState<LatencyHistory | undefined>(undefined);
  useEffect(() => {
    if (firstMs === undefined) return;
    const span = { fromMs: Math.max(0, firstMs - SPAN_S * 1_000), toMs: firstMs };
    const asked = { ...span, quantiles: [0.95], by: 'series' as const, group: 'task-sync' };
    let isLeft = false;
    const take = (history: LatencyHistory): void => {
      if (!isLeft) setLatency(history);
    };
    // Without it the charts begin with the workers alone.
    getClient()
      .call('latency.history', asked)
      .then(take, () => undefined);
    return () => {
      isLeft = true;
    };
  }, [firstMs]);
  const past = useMemo(() => {
    if (firstMs === undefined) return [];
    return pastPoints(events, latency, { fromMs: firstMs - SPAN_S * 1_000, toMs: firstMs });
  }, [events, firstMs, latency]);
  return useMemo(() => [...past, ...live], [past, live]);
}

type Points = readonly (ElasticPoint | { atMs: number; gap: true })[];
type Shared = {
  base: Pick<Plot, 'span' | 'marks' | 'cursor' | 'seconds'>;
  points: Points;
  onPoint: (second: number | null) => void;
};

function Legend({ point }: { point: ElasticPoint | undefined }) {
  const t = useT();
  return (
    <ReadoutLine>
      {SERIES.map(({ key }) => (
        <span key={key} className={styles['series']} data-series={key}>
          {t(`elastic.${key}`)} {point && <b>{point[key] ?? '–'}</b>}
        </span>
      ))}
      {point ? (
        <>
          <ReadoutValue name={t('elastic.arrivals')} value={formatRate(point.ratePerS)} />
          <ReadoutValue name={t('elastic.p95')} value={point.p95Ms === null ? '–' : formatMs(point.p95Ms)} />
          <strong>{formatClock(point.atMs)}</strong>
        </>
      ) : (
        <span>{t('elastic.cursor-none')}</span>
      )}
    </ReadoutLine>
  );
}

function Workers({ base, points, onPoint }: Shared) {
  const t = useT();
  const draw = useCallback(
    (canvas: HTMLCanvasElement, colours: PlotColours) => {
      const lines = SERIES.map<PlotLine>(({ key, colour }) => ({
        colour,
        values: points.map((point) => ('gap' in point ? null : point[key])),
        stepped: true,
        dashed: key === 'desired',
      }));
      drawPlot(canvas, { ...base, lines, limits: [], times: false, axis: 'linear', format: axisCount, colours });
    },
    [base, points],
  );
  return (
    <>
      <p className={plots['caption']}>{t('elastic.workers-chart')}</p>
      <PlotCanvas label={t('elastic.workers-label')} height={132} span={base.span} draw={draw} onPoint={onPoint} />
    </>
  );
}

function Latency({ base, points, onPoint }: Shared) {
  const t = useT();
  const thresholdMs = elasticNow().autoscaler?.settings.thresholdMs;
  const draw = useCallback(
    (canvas: HTMLCanvasElement, colours: PlotColours) => {
      const values = points.map((point) => ('gap' in point ? null : point.p95Ms));
      const limits =
        thresholdMs === undefined
          ? []
          : [{ value: thresholdMs, label: t('elastic.threshold', { ms: formatMs(thresholdMs) }) }];
      const plot = { ...base, lines: [{ colour: 'compute' as const, values }], limits, colours };
      drawPlot(canvas, { ...plot, axis: 'log', times: (second) => formatClock(second * 1_000), format: axisMs });
    },
    [base, points, thresholdMs, t],
  );
  return (
    <>
      <p className={plots['caption']}>{t('elastic.latency-chart')}</p>
      <PlotCanvas label={t('elastic.latency-chart')} height={140} span={base.span} draw={draw} onPoint={onPoint} />
    </>
  );
}

const TABLE_EVERY = 10;

/** The same in numbers, every ten seconds, newest first. */
function PointsTable({ points }: { points: readonly ElasticPoint[] }) {
  const t = useT();
  const [open, setOpen] = useState(false);
  return (
    <details className={styles['asTable']} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t('elastic.as-table')}</summary>
      {open && (
        <div className={styles['scrolled']} tabIndex={0} role="group" aria-label={t('elastic.as-table')}>
          <table className={table['table']}>
            <thead>
              <tr>
                <th data-num>{t('field.at')}</th>
                {SERIES.map(({ key }) => (
                  <th key={key} data-num>
                    {t(`elastic.${key}`)}
                  </th>
                ))}
                <th data-num>{t('elastic.arrivals')}</th>
                <th data-num>{t('elastic.p95')}</th>
              </tr>
            </thead>
            <tbody>
              {points
                .filter((_, at) => (points.length - 1 - at) % TABLE_EVERY === 0)
                .reverse()
                .map((point) => (
                  <tr key={point.atMs}>
                    <td data-num>{formatClock(point.atMs)}</td>
                    {SERIES.map(({ key }) => (
                      <td key={key} data-num>
                        {point[key] ?? '–'}
                      </td>
                    ))}
                    <td data-num>{formatRate(point.ratePerS)}</td>
                    <td data-num>{point.p95Ms === null ? '–' : formatMs(point.p95Ms)}</td>
                  </tr>
                ))}
            </tbody>
          </table>
        </div>
      )}
    </details>
  );
}
