/** Percentiles, heat map and rate on one axis of time, with one cursor, and marks of what happened. */
import { useCallback, useMemo, useState, type KeyboardEvent } from 'react';
import type { JournalEvent } from '../../../../core/journal.ts';
import type { LatencyHistory } from '../../../../core/latency/latency-history.ts';
import { quantileName } from '../../../../core/load/plan-text.ts';
import { describeFault } from '../../parts/describe-fault.ts';
import { faultsAt, faultSpans, type FaultSpan } from '../../parts/fault-spans.ts';
import { FaultStrip } from '../../parts/FaultStrip.tsx';
import { colourOf } from '../../parts/quantiles.ts';
import { showEventsAt } from '../../stores/navigation-store.ts';
import { useEventsBetween } from '../../stores/events-between.ts';
import { useEvents } from '../../stores/picture-store.ts';
import { useT } from '../../stores/settings-store.ts';
import { formatClock, formatCount, formatMs, formatRate } from '../../ui/format.ts';
import { drawHeat, drawPlot, GUTTER, RIGHT, type Plot, type PlotColours, type PlotLine } from '../../ui/plot.ts';
import { PlotCanvas } from '../../ui/PlotCanvas.tsx';
import plots from '../../ui/plots.module.css';
import { ReadoutLine, ReadoutValue } from '../../ui/Readout.tsx';
import { heatColumns, marksOf, steps, timeText, type Mark } from './latency-view.ts';
import styles from './latency.module.css';

type Props = { title: string; history: LatencyHistory; quantiles: readonly number[]; fromMs: number; toMs: number };
type Steps = ReturnType<typeof steps>;

const axisMs = (ms: number): string => (ms >= 1_000 ? `${ms / 1_000} s` : `${ms} ms`);
const axisCount = (value: number): string =>
  value >= 1_000 ? `${value / 1_000}k` : String(Number(value.toPrecision(3)));

export function Charts({ title, history, quantiles, fromMs, toMs }: Props) {
  const t = useT();
  const [cursor, setCursor] = useState<number | null>(null);
  const events = useEventsBetween(fromMs, toMs);
  const marks = useMemo(() => marksOf(events, t), [events, t]);
  const faults = useFaults(events, fromMs);
  const stepped = useMemo(() => steps(history, fromMs, toMs), [history, fromMs, toMs]);
  const base = useMemo(
    () => ({
      span: { from: fromMs / 1_000, to: toMs / 1_000 },
      marks: marks.map(({ atMs, colour }) => ({ second: atMs / 1_000, colour })),
      cursor,
    }),
    [fromMs, toMs, marks, cursor],
  );
  const pick = (second: number): void => showEventsAt(second * 1_000);
  const onKeyDown = (event: KeyboardEvent): void => {
    const stepS = history.stepMs / 1_000;
    const at = cursor ?? toMs / 1_000;
    if (event.key === 'ArrowLeft') setCursor(Math.max(fromMs / 1_000, at - stepS));
    else if (event.key === 'ArrowRight') setCursor(Math.min(toMs / 1_000, at + stepS));
    else if (event.key === 'Enter' && cursor !== null) pick(cursor);
    else return;
    event.preventDefault();
  };
  const shared = { base, stepMs: history.stepMs, onPoint: setCursor, onPick: pick };
  return (
    <div
      className={styles['charts']}
      role="group"
      tabIndex={0}
      aria-label={t('latency.charts', { series: title })}
      onKeyDown={onKeyDown}
    >
      <Readout
        stepped={stepped}
        stepMs={history.stepMs}
        quantiles={quantiles}
        marks={marks}
        faults={faults}
        cursor={cursor}
      />
      <Percentiles {...shared} title={title} stepped={stepped} quantiles={quantiles} />
      <FaultStrip
        spans={faults}
        from={fromMs}
        to={toMs}
        cursor={cursor === null ? null : cursor * 1_000}
        left={GUTTER}
        right={RIGHT}
        caption={<p className={plots['caption']}>{t('faults.strip')}</p>}
      />
      <Heat {...shared} history={history} />
      <Rate {...shared} stepped={stepped} spanMs={toMs - fromMs} />
    </div>
  );
}

/** Of the events shown; with those that the window has of before, in which a fault may have begun. */
function useFaults(shown: readonly JournalEvent[], fromMs: number): FaultSpan[] {
  const known = useEvents();
  const reaches = (known[0]?.atMs ?? Infinity) <= fromMs;
  return useMemo(() => faultSpans(reaches ? known : shown), [reaches, known, shown]);
}

type Shared = {
  base: Pick<Plot, 'span' | 'marks' | 'cursor'>;
  stepMs: number;
  onPoint: (second: number | null) => void;
  onPick: (second: number) => void;
};

/** A value of a step stands in the middle of it; plots add half a second of their own. */
const secondsOf = (stepped: Steps, stepMs: number): number[] =>
  stepped.map(({ atMs }) => (atMs + stepMs / 2) / 1_000 - 0.5);

function Percentiles(props: Shared & { title: string; stepped: Steps; quantiles: readonly number[] }) {
  const { base, stepMs, onPoint, onPick, title, stepped, quantiles } = props;
  const t = useT();
  const draw = useCallback(
    (canvas: HTMLCanvasElement, colours: PlotColours) => {
      const lines = quantiles.map<PlotLine>((q, index) => ({
        colour: colourOf(q),
        values: stepped.map(({ point }) => point?.values[index] ?? null),
      }));
      const plot = { ...base, seconds: secondsOf(stepped, stepMs), lines, limits: [], times: false, colours };
      drawPlot(canvas, { ...plot, axis: 'log', format: axisMs });
    },
    [base, stepMs, stepped, quantiles],
  );
  return (
    <>
      <p className={plots['caption']}>{t('latency.percentiles')}</p>
      <PlotCanvas
        label={t('latency.chart-label', { series: title })}
        height={200}
        span={base.span}
        draw={draw}
        onPoint={onPoint}
        onPick={onPick}
      />
    </>
  );
}

function Heat({ base, stepMs, onPoint, onPick, history }: Shared & { history: LatencyHistory }) {
  const t = useT();
  const columns = useMemo(() => heatColumns(history), [history]);
  const draw = useCallback(
    (canvas: HTMLCanvasElement, colours: PlotColours) =>
      drawHeat(canvas, { ...base, columns, step: stepMs / 1_000, times: false, format: axisMs, colours }),
    [base, columns, stepMs],
  );
  return (
    <>
      <p className={plots['caption']}>{t('latency.heat')}</p>
      <PlotCanvas
        label={t('latency.heat')}
        height={132}
        span={base.span}
        draw={draw}
        onPoint={onPoint}
        onPick={onPick}
      />
    </>
  );
}

function Rate({ base, stepMs, onPoint, onPick, stepped, spanMs }: Shared & { stepped: Steps; spanMs: number }) {
  const t = useT();
  const draw = useCallback(
    (canvas: HTMLCanvasElement, colours: PlotColours) => {
      // Before the first measurement nobody knows; after it no requests are none.
      const begun = stepped.findIndex(({ point }) => point !== null);
      const values = stepped.map(({ point }, at) => (at < begun ? null : ((point?.count ?? 0) * 1_000) / stepMs));
      const lines: PlotLine[] = [{ colour: 'compute', values }];
      const plot = { ...base, seconds: secondsOf(stepped, stepMs), lines, limits: [], colours };
      drawPlot(canvas, { ...plot, axis: 'linear', times: timeText(spanMs), format: axisCount });
    },
    [base, stepMs, stepped, spanMs],
  );
  return (
    <>
      <p className={plots['caption']}>{t('latency.rate')}</p>
      <PlotCanvas
        label={t('latency.rate')}
        height={100}
        span={base.span}
        draw={draw}
        onPoint={onPoint}
        onPick={onPick}
      />
    </>
  );
}

type ReadoutProps = {
  stepped: Steps;
  stepMs: number;
  quantiles: readonly number[];
  marks: readonly Mark[];
  faults: readonly FaultSpan[];
  cursor: number | null;
};

const TOLD_MAX = 4;

function Readout({ stepped, stepMs, quantiles, marks, faults, cursor }: ReadoutProps) {
  const t = useT();
  if (cursor === null) return <ReadoutLine>{t('latency.cursor-none')}</ReadoutLine>;
  const atMs = cursor * 1_000;
  const point = stepped.findLast((step) => step.atMs <= atMs)?.point ?? null;
  const told = [
    ...faultsAt(faults, atMs).map(({ spec }) => describeFault(spec, t)),
    ...marks.filter((mark) => Math.abs(mark.atMs - atMs) <= stepMs).map((mark) => mark.told.text),
  ];
  return (
    <ReadoutLine>
      <strong>{formatClock(atMs)}</strong>
      <ReadoutValue name={t('latency.requests')} value={formatCount(point?.count ?? 0)} />
      <ReadoutValue name={t('latency.per-second')} value={formatRate(((point?.count ?? 0) * 1_000) / stepMs)} />
      {quantiles.map((q, index) => {
        const value = point?.values[index] ?? null;
        const name = q === 1 ? t('load.word.max') : quantileName(q);
        return <ReadoutValue key={q} name={name} value={value === null ? '–' : formatMs(value)} />;
      })}
      {told.length > 0 && (
        <em>
          {told.slice(0, TOLD_MAX).join(' · ')}
          {told.length > TOLD_MAX && ` · ${t('latency.more', { count: told.length - TOLD_MAX })}`}
        </em>
      )}
    </ReadoutLine>
  );
}
