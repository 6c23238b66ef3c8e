/** Percentiles of one series over the last minutes, on a log axis; gaps stay gaps. */
import { CartesianGrid, Line, LineChart, Tooltip, XAxis, YAxis, type DotItemDotProps } from 'recharts';
import type { LatencyPoint } from '../../../../core/latency-window.ts';
import { useT } from '../../stores/settings-store.ts';
import { formatClock, formatCount, formatMs } from '../../ui/format.ts';
import { ticks } from '../../ui/time-scale.ts';
import { logDomain, logTicks, tickText } from './latency-axis.ts';

export const PERCENTILES = [
  { key: 'p50Ms', label: 'p50', stroke: 'var(--compute)', dash: '0' },
  { key: 'p95Ms', label: 'p95', stroke: 'var(--unknown)', dash: '0' },
  { key: 'p99Ms', label: 'p99', stroke: 'var(--retry)', dash: '0' },
] as const;

const AXIS = { stroke: 'var(--dim)', tick: { fill: 'var(--dim)', fontSize: 12 }, tickLine: false } as const;
const MARGIN = { top: 8, right: 28, bottom: 0, left: 4 };
const TOOLTIP = {
  separator: ' ',
  contentStyle: { background: 'var(--raised)', border: '1px solid var(--line-strong)', borderRadius: 6, fontSize: 12 },
  labelStyle: { color: 'var(--dim)' },
  cursor: { stroke: 'var(--line-strong)' },
  itemStyle: { color: 'var(--text)', padding: 0 },
  isAnimationActive: false,
} as const;

/** A point without neighbours makes no line: it alone gets a dot. */
function loneDot(points: readonly LatencyPoint[], key: (typeof PERCENTILES)[number]['key']) {
  return ({ cx, cy, index, stroke }: DotItemDotProps) => {
    const value = (at: number): number | null => points[at]?.[key] ?? null;
    const lone = value(index) !== null && value(index - 1) === null && value(index + 1) === null;
    return lone ? (
      <circle key={`${key}-${index}`} cx={cx} cy={cy} r={2.5} fill={stroke} />
    ) : (
      <g key={`${key}-${index}`} />
    );
  };
}

type Props = { points: LatencyPoint[]; width: number; fromMs: number; toMs: number };

export function PercentileChart({ points, width, fromMs, toMs }: Props) {
  const domain = logDomain(points.flatMap((point) => [point.p50Ms, point.p99Ms]));
  return (
    <LineChart width={width} height={260} data={points} syncId="latency" margin={MARGIN}>
      <CartesianGrid stroke="var(--line)" vertical={false} />
      <XAxis
        {...AXIS}
        dataKey="startMs"
        type="number"
        scale="time"
        domain={[fromMs, toMs]}
        ticks={ticks({ fromMs, toMs, width }, 110)}
        tickFormatter={(atMs: number) => formatClock(atMs)}
        allowDataOverflow
      />
      <YAxis
        {...AXIS}
        scale="log"
        domain={domain}
        ticks={logTicks(domain)}
        tickFormatter={tickText}
        width={48}
        unit=" ms"
        allowDataOverflow
      />
      <Tooltip
        {...TOOLTIP}
        labelFormatter={(atMs) => formatClock(Number(atMs))}
        formatter={(value) => formatMs(Number(value))}
      />
      {PERCENTILES.map(({ key, label, stroke }) => (
        <Line
          key={key}
          dataKey={key}
          name={label}
          type="linear"
          stroke={stroke}
          strokeWidth={1.5}
          dot={loneDot(points, key)}
          isAnimationActive={false}
          connectNulls={false}
        />
      ))}
    </LineChart>
  );
}

export function CountChart({ points, width, fromMs, toMs }: Props) {
  const t = useT();
  return (
    <LineChart width={width} height={120} data={points} syncId="latency" margin={MARGIN}>
      <CartesianGrid stroke="var(--line)" vertical={false} />
      <XAxis {...AXIS} dataKey="startMs" type="number" scale="time" domain={[fromMs, toMs]} hide allowDataOverflow />
      <YAxis {...AXIS} width={48} allowDecimals={false} tickCount={3} />
      <Tooltip
        {...TOOLTIP}
        labelFormatter={(atMs) => formatClock(Number(atMs))}
        formatter={(value) => formatCount(Number(value))}
      />
      <Line
        dataKey="count"
        name={t('latency.requests')}
        type="stepAfter"
        stroke="var(--dim)"
        strokeWidth={1.25}
        dot={false}
        isAnimationActive={false}
      />
    </LineChart>
  );
}
