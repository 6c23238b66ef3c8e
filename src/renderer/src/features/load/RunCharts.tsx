/** A run over its time: five charts on one axis, with one cursor and what happened to the cluster. */
import { SegmentedControl, Select } from '@mantine/core';
import { useCallback, useMemo, useState } from 'react';
import type { LoadSecond } from '../../../../core/load/load-second.ts';
import { heatOf, secondsPerPoint, type LoadPoint } from '../../../../core/load/load-series.ts';
import { formatThreshold, quantileName } from '../../../../core/load/plan-text.ts';
import { useT } from '../../stores/settings-store.ts';
import { formatMs, formatRate } from '../../ui/format.ts';
import { Section } from '../../ui/Section.tsx';
import { cachedPoints, POINTS_MAX, secondAt } from './load-points.ts';
import {
  drawHeat,
  drawPlot,
  GUTTER,
  RIGHT,
  type PlotColour,
  type PlotColours,
  type PlotLine,
  type PlotMark,
  type Span,
} from '../../ui/plot.ts';
import { PlotCanvas } from '../../ui/PlotCanvas.tsx';
import { faultSpans } from '../../parts/fault-spans.ts';
import { FaultStrip } from '../../parts/FaultStrip.tsx';
import { Readout } from './Readout.tsx';
import { markColour, spanOf, type ShownRun } from './shown-run.ts';
import { QuantileButtons } from '../../parts/QuantileButtons.tsx';
import { QUANTILES } from '../../parts/quantiles.ts';
import plots from '../../ui/plots.module.css';
import styles from './load.module.css';

const ALL_Q = QUANTILES.map(({ q }) => q);
const BASES = ['intended', 'service', 'both'] as const;
type Basis = (typeof BASES)[number];

export function RunCharts({ run }: { run: ShownRun }) {
  const t = useT();
  const { head, seconds } = run;
  const isOpen = head.plan.loop.kind === 'open';
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set([0.5, 0.95, 0.99]));
  const [basis, setBasis] = useState<Basis>('intended');
  const [worker, setWorker] = useState<string | null>(null);
  const [cursor, setCursor] = useState<number | null>(null);
  const points = useMemo(() => cachedPoints(seconds, ALL_Q, null), [seconds]);
  const ofWorker = useMemo(
    () => (worker === null ? points : cachedPoints(seconds, ALL_Q, worker)),
    [seconds, points, worker],
  );
  const workers = useMemo(() => [...new Set(seconds.flatMap((row) => Object.keys(row.workers)))].sort(), [seconds]);
  const marks = useMemo<PlotMark[]>(
    () => run.marks.map((mark) => ({ second: secondAt(seconds, mark.atMs), colour: markColour(mark) })),
    [run.marks, seconds],
  );
  const faults = useMemo(() => faultSpans(run.marks), [run.marks]);
  const { from, to } = spanOf(run);
  const span = useMemo(() => ({ from, to }), [from, to]);
  const shared = { span, marks, cursor, onPoint: setCursor };
  const shown = isOpen ? basis : 'service';
  return (
    <Section
      title={t('load.word.over-time')}
      aside={
        <span className={styles['chooser']}>
          <QuantileButtons chosen={chosen} choose={setChosen} />
          {isOpen && (
            <SegmentedControl
              aria-label={t('load.basis')}
              data={BASES.map((value) => ({ value, label: t(`load.basis.${value}`) }))}
              value={basis}
              onChange={(value) => setBasis(BASES.find((known) => known === value) ?? 'intended')}
            />
          )}
          {workers.length > 1 && (
            <Select
              aria-label={t('load.by-worker')}
              data={[{ value: '', label: t('load.all-workers') }, ...workers.map((value) => ({ value, label: value }))]}
              value={worker ?? ''}
              onChange={(value) => setWorker(value === null || value === '' ? null : value)}
              w={140}
            />
          )}
        </span>
      }
    >
      <Readout run={run} points={points} faults={faults} cursor={cursor} chosen={chosen} basis={shown} />
      <RateChart {...shared} points={points} />
      <LatencyChart {...shared} points={ofWorker} chosen={chosen} basis={shown} run={run} />
      <FaultStrip
        spans={faults}
        {...span}
        place={(atMs) => secondAt(seconds, atMs)}
        cursor={cursor}
        left={GUTTER}
        right={RIGHT}
        caption={<p className={plots['caption']}>{t('faults.strip')}</p>}
      />
      <HeatChart {...shared} seconds={seconds} field={shown === 'service' ? 'service' : 'intended'} />
      <ErrorsChart {...shared} points={points} />
      <WorkersChart {...shared} points={points} />
    </Section>
  );
}

type Shared = { span: Span; marks: PlotMark[]; cursor: number | null; onPoint: (second: number | null) => void };

const axisMs = (ms: number): string => (ms >= 1_000 ? `${ms / 1_000} s` : `${ms} ms`);
const axisCount = (value: number): string =>
  value >= 1_000 ? `${value / 1_000}k` : String(Number(value.toPrecision(3)));

function RateChart({ span, marks, cursor, onPoint, points }: Shared & { points: LoadPoint[] }) {
  const t = useT();
  const lines = useMemo<PlotLine[]>(
    () => [
      { colour: 'dim', values: points.map((point) => point.offered), dashed: true },
      { colour: 'compute', values: points.map((point) => point.ok) },
      { colour: 'error', values: points.map((point) => point.errors + point.notSent) },
    ],
    [points],
  );
  const draw = useCallback(
    (canvas: HTMLCanvasElement, colours: PlotColours) =>
      drawPlot(canvas, {
        span,
        seconds: points.map((point) => point.second),
        lines,
        axis: 'linear',
        limits: [],
        marks,
        cursor,
        times: false,
        format: axisCount,
        colours,
      }),
    [span, points, lines, marks, cursor],
  );
  const last = points.at(-2) ?? points.at(-1);
  const values =
    last === undefined ? '–' : `${formatRate(last.offered)}, ${formatRate(last.ok)}, ${formatRate(last.errors)}`;
  const label = t('load.chart.latest', { chart: t('load.chart.rate'), values });
  return (
    <>
      <p className={plots['caption']}>{t('load.chart.rate')}</p>
      <PlotCanvas label={label} height={110} span={span} draw={draw} onPoint={onPoint} />
    </>
  );
}

type LatencyProps = Shared & { points: LoadPoint[]; chosen: ReadonlySet<number>; basis: Basis; run: ShownRun };

function LatencyChart({ span, marks, cursor, onPoint, points, chosen, basis, run }: LatencyProps) {
  const t = useT();
  const { thresholds } = run.head.plan;
  const lines = useMemo<PlotLine[]>(
    () =>
      QUANTILES.flatMap(({ q, colour }, index) => {
        if (!chosen.has(q)) return [];
        const read = (field: 'intended' | 'service') => points.map((point) => point[field][index] ?? null);
        return [
          ...(basis === 'service' ? [] : [{ colour, values: read('intended') }]),
          ...(basis === 'intended' ? [] : [{ colour, values: read('service'), dashed: basis === 'both' }]),
        ];
      }),
    [points, chosen, basis],
  );
  const draw = useCallback(
    (canvas: HTMLCanvasElement, colours: PlotColours) => {
      const limits = thresholds.flatMap((limit) =>
        limit.metric === 'latency' ? [{ value: limit.limitMs, label: formatThreshold(limit) }] : [],
      );
      drawPlot(canvas, {
        span,
        seconds: points.map((point) => point.second),
        lines,
        axis: 'log',
        limits,
        marks,
        cursor,
        times: false,
        format: axisMs,
        colours,
      });
    },
    [span, points, lines, marks, cursor, thresholds],
  );
  const last = points.at(-2) ?? points.at(-1);
  const values = QUANTILES.flatMap(({ q }, index) => {
    const value = last?.[basis === 'service' ? 'service' : 'intended'][index];
    return chosen.has(q) && typeof value === 'number' ? [`${quantileName(q)} ${formatMs(value)}`] : [];
  });
  const label = t('load.chart.latest', { chart: t('load.chart.latency'), values: values.join(', ') || '–' });
  return (
    <>
      <p className={plots['caption']}>
        {t('load.chart.latency')} · {t(`load.basis.${basis}`)}
      </p>
      <PlotCanvas label={label} height={180} span={span} draw={draw} onPoint={onPoint} />
    </>
  );
}

type HeatProps = Shared & { seconds: readonly LoadSecond[]; field: 'intended' | 'service' };

function HeatChart({ span, marks, cursor, onPoint, seconds, field }: HeatProps) {
  const t = useT();
  const step = secondsPerPoint(seconds.length, POINTS_MAX);
  const columns = useMemo(() => heatOf(seconds, { field, step }), [seconds, field, step]);
  const draw = useCallback(
    (canvas: HTMLCanvasElement, colours: PlotColours) =>
      drawHeat(canvas, { span, columns, step, marks, cursor, times: false, format: axisMs, colours }),
    [span, columns, step, marks, cursor],
  );
  return (
    <>
      <p className={plots['caption']}>{t('load.chart.heat')}</p>
      <PlotCanvas label={t('load.chart.heat')} height={120} span={span} draw={draw} onPoint={onPoint} />
    </>
  );
}

const KIND_COLOURS: readonly PlotColour[] = ['error', 'retry', 'unknown', 'accent', 'storage', 'dim'];

const colourOf = (index: number): PlotColour => KIND_COLOURS[index % KIND_COLOURS.length] ?? 'error';

/** Nothing while there are no errors. */
function ErrorsChart({ span, marks, cursor, onPoint, points }: Shared & { points: LoadPoint[] }) {
  const t = useT();
  const kinds = useMemo(() => [...new Set(points.flatMap((point) => Object.keys(point.kinds)))].sort(), [points]);
  const draw = useCallback(
    (canvas: HTMLCanvasElement, colours: PlotColours) =>
      drawPlot(canvas, {
        span,
        seconds: points.map((point) => point.second),
        lines: kinds.map((kind, index) => ({
          colour: colourOf(index),
          values: points.map((point) => point.kinds[kind] ?? 0),
        })),
        axis: 'linear',
        limits: [],
        marks,
        cursor,
        times: false,
        format: axisCount,
        colours,
      }),
    [span, points, kinds, marks, cursor],
  );
  if (kinds.length === 0) return null;
  return (
    <>
      <p className={plots['caption']}>
        {t('load.chart.errors')}
        {kinds.map((kind, index) => (
          <span key={kind} className={styles['swatch']}>
            <i style={{ background: `var(--${colourOf(index)})` }} aria-hidden="true" />
            {kind}
          </span>
        ))}
      </p>
      <PlotCanvas
        label={t('load.chart.latest', { chart: t('load.chart.errors'), values: kinds.join(', ') })}
        height={72}
        span={span}
        draw={draw}
        onPoint={onPoint}
      />
    </>
  );
}

function WorkersChart({ span, marks, cursor, onPoint, points }: Shared & { points: LoadPoint[] }) {
  const t = useT();
  const draw = useCallback(
    (canvas: HTMLCanvasElement, colours: PlotColours) => {
      const lines: PlotLine[] = [{ colour: 'ok', values: points.map((point) => point.ready), stepped: true }];
      drawPlot(canvas, {
        span,
        seconds: points.map((point) => point.second),
        lines,
        axis: 'linear',
        limits: [],
        marks,
        cursor,
        times: true,
        format: axisCount,
        colours,
      });
    },
    [span, points, marks, cursor],
  );
  const values = String(points.at(-1)?.ready ?? '–');
  return (
    <>
      <p className={plots['caption']}>{t('load.chart.workers')}</p>
      <PlotCanvas
        label={t('load.chart.latest', { chart: t('load.chart.workers'), values })}
        height={72}
        span={span}
        draw={draw}
        onPoint={onPoint}
      />
    </>
  );
}
