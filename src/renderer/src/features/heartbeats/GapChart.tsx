/** The gaps between a node's beats as a histogram, with the normal distribution that φ assumes over it. */
import type { Suspicion } from '../../../../../containers/protocol/stream.ts';
import { beatsOf } from '../../stores/samples-store.ts';
import { useT } from '../../stores/settings-store.ts';
import { formatMs } from '../../ui/format.ts';
import { gapHistogram } from './gap-histogram.ts';
import styles from './heartbeats.module.css';

const HEIGHT = 150;
const FOOT = 16;

type Props = { node: string; width: number; suspicion: Suspicion | undefined };

export function GapChart({ node, width, suspicion }: Props) {
  const t = useT();
  const gaps = [...beatsOf(node)].flatMap(({ gapMs }) => (gapMs === null ? [] : [gapMs]));
  const histogram = suspicion ? gapHistogram(gaps, suspicion.meanMs, suspicion.sigmaMs) : null;
  if (!histogram || !suspicion) return <p className="dim">{t('gaps.none')}</p>;
  const { bins, count, meanMs, deviationMs } = histogram;
  const first = bins[0];
  const last = bins.at(-1);
  if (!first || !last || width === 0) return null;
  const highest = Math.max(...bins.map((bin) => Math.max(bin.count, bin.expected)));
  const step = width / bins.length;
  const yOf = (value: number): number => (HEIGHT - FOOT) * (1 - value / highest);
  const xOf = (ms: number): number => ((ms - first.fromMs) / (last.toMs - first.fromMs)) * width;
  const curve = bins.map((bin, at) => `${((at + 0.5) * step).toFixed(1)},${yOf(bin.expected).toFixed(1)}`);
  return (
    <figure className={styles['figure']}>
      <svg role="img" aria-label={t('gaps.chart', { node, count })} width={width} height={HEIGHT}>
        {bins.map((bin, at) => (
          <rect
            key={bin.fromMs}
            x={at * step}
            y={yOf(bin.count)}
            width={Math.max(1, step - 1)}
            height={HEIGHT - FOOT - yOf(bin.count)}
            fill="var(--compute)"
          />
        ))}
        <polyline points={curve.join(' ')} fill="none" stroke="var(--unknown)" strokeWidth="1.5" />
        <line x1={0} x2={width} y1={HEIGHT - FOOT} y2={HEIGHT - FOOT} stroke="var(--line-strong)" />
        <g className={styles['axisText']}>
          <text x={0} y={HEIGHT - 3}>
            {formatMs(first.fromMs)}
          </text>
          <text x={Math.min(width - 60, Math.max(90, xOf(suspicion.meanMs)))} y={HEIGHT - 3} textAnchor="middle">
            {formatMs(suspicion.meanMs)}
          </text>
          <text x={width} y={HEIGHT - 3} textAnchor="end">
            {formatMs(last.toMs)}
          </text>
        </g>
      </svg>
      <figcaption className="dim">
        <span data-line="gaps">
          {t('gaps.measured', { count, mean: formatMs(meanMs), sigma: formatMs(deviationMs) })}
        </span>
        <span data-line="dead">{t('gaps.assumed', { sigma: formatMs(suspicion.sigmaMs) })}</span>
      </figcaption>
    </figure>
  );
}
