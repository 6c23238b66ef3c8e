/** Stored temperatures of the compared cities, over time. */
import { useElementSize } from '@mantine/hooks';
import { CartesianGrid, Line, LineChart, Tooltip, XAxis, YAxis } from 'recharts';
import type { WeatherPoint } from '../../../../core/weather-points.ts';
import { describeFailure } from '../../messages/describe-error.ts';
import { useT } from '../../stores/settings-store.ts';
import { useWeather } from '../../stores/weather-store.ts';
import { formatClock } from '../../ui/format.ts';
import { Section } from '../../ui/Section.tsx';
import { chartRows, columnOf, shownCount } from './chart-rows.ts';
import styles from './weather.module.css';

const STROKES = ['var(--accent)', 'var(--retry)', 'var(--ok)', 'var(--unknown)'];
const DASHES = ['0', '6 3', '2 3', '9 3 2 3'];
const DAY_MS = 86_400_000;
/** Below this the seconds tell the ticks apart. */
const MINUTES_MS = 600_000;
const AXIS = { stroke: 'var(--dim)', tick: { fill: 'var(--dim)', fontSize: 12 }, tickLine: false } as const;
const TOOLTIP = {
  separator: ' ',
  contentStyle: { background: 'var(--raised)', border: '1px solid var(--line-strong)', borderRadius: 6, fontSize: 12 },
  labelStyle: { color: 'var(--dim)' },
  cursor: { stroke: 'var(--line-strong)' },
  itemStyle: { color: 'var(--text)', padding: 0 },
  isAnimationActive: false,
} as const;

/** The look of a city's line: its place among the compared ones. */
export function strokeOf(at: number): { stroke: string; dash: string } {
  return { stroke: STROKES[at % STROKES.length] ?? 'var(--accent)', dash: DASHES[at % DASHES.length] ?? '0' };
}

export function HistoryChart() {
  const t = useT();
  const compared = useWeather((state) => state.compared);
  const histories = useWeather((state) => state.histories);
  const failed = useWeather((state) => state.historyFailed);
  const seen = useWeather((state) => state.seen);
  const names = compared.map((slug) => seen?.find((city) => city.slug === slug)?.city ?? slug);
  const shown = compared.flatMap((slug) => histories[slug] ?? []);
  const stored = shown.reduce((sum, history) => sum + history.stored, 0);
  const [first] = shown;
  const points: Record<string, WeatherPoint[]> = Object.fromEntries(
    compared.map((slug) => [slug, histories[slug]?.points ?? []]),
  );
  return (
    <Section title={t('weather.history')} aside={<Legend names={names} />}>
      {failed !== null && (
        <p className={styles['note']} role="alert">
          {t('weather.history-failed')} {describeFailure(failed).what}
        </p>
      )}
      {stored === 0 && failed === null && (
        <p className={styles['note']}>{seen?.length === 0 ? t('weather.cities-none') : t('weather.history-none')}</p>
      )}
      {stored > 0 && (
        <>
          <Lines points={points} names={names} />
          <p className={styles['note']} data-testid="history-from">
            {t(`weather.history-from.${first?.servedFrom ?? 'records'}`, {
              shown: shownCount(points),
              stored,
            })}
          </p>
        </>
      )}
    </Section>
  );
}

function Legend({ names }: { names: readonly string[] }) {
  return (
    <span className={styles['legend']}>
      {names.map((name, at) => (
        <span key={name}>
          <svg width={18} height={4} aria-hidden="true">
            <line
              x1={0}
              x2={18}
              y1={2}
              y2={2}
              strokeWidth={2}
              stroke={strokeOf(at).stroke}
              strokeDasharray={strokeOf(at).dash}
            />
          </svg>
          {name}
        </span>
      ))}
    </span>
  );
}

type LinesProps = { points: Record<string, WeatherPoint[]>; names: readonly string[] };

function Lines({ points, names }: LinesProps) {
  const t = useT();
  const { ref, width } = useElementSize();
  const unit = useWeather((state) => state.unit);
  const rows = chartRows(points, unit);
  const spanMs = (rows.at(-1)?.['atMs'] ?? 0) - (rows[0]?.['atMs'] ?? 0);
  const tick = (atMs: number): string =>
    `${spanMs > DAY_MS ? `${dayText(atMs)} ` : ''}${formatClock(atMs).slice(0, spanMs > MINUTES_MS ? 5 : 8)}`;
  return (
    <div
      ref={ref}
      className={styles['chart']}
      role="img"
      aria-label={t('weather.history-label', { cities: names.join(', ') })}
    >
      {width > 0 && (
        <LineChart width={width} height={220} data={rows} margin={{ top: 8, right: 28, bottom: 0, left: 4 }}>
          <CartesianGrid stroke="var(--line)" vertical={false} />
          <XAxis
            {...AXIS}
            dataKey="atMs"
            type="number"
            scale="time"
            domain={['dataMin', 'dataMax']}
            tickFormatter={tick}
            minTickGap={56}
          />
          <YAxis {...AXIS} width={52} unit={`°${unit}`} domain={['auto', 'auto']} tickCount={5} />
          <Tooltip
            {...TOOLTIP}
            labelFormatter={(atMs) => `${dayText(Number(atMs))} ${formatClock(Number(atMs))}`}
            formatter={(value) => `${Number(value).toFixed(1)} °${unit}`}
          />
          {Object.keys(points).map((slug, at) => (
            <Line
              key={slug}
              dataKey={columnOf(slug)}
              name={names[at] ?? slug}
              type="linear"
              stroke={strokeOf(at).stroke}
              strokeDasharray={strokeOf(at).dash}
              strokeWidth={1.75}
              dot={(points[slug]?.length ?? 0) < 30 ? { r: 2.5, strokeDasharray: '0' } : false}
              isAnimationActive={false}
              connectNulls
            />
          ))}
        </LineChart>
      )}
    </div>
  );
}

/** Month and day, as numbers: the same in every language. */
function dayText(atMs: number): string {
  const at = new Date(atMs);
  return `${String(at.getMonth() + 1).padStart(2, '0')}-${String(at.getDate()).padStart(2, '0')}`;
}
