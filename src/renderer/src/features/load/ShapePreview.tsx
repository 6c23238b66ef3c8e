/** How the wanted rate moves over the run, drawn as it is typed. */
import { expectedArrivals, peakRate, rateAt, type OpenLoad } from '../../../../core/load/arrival-schedule.ts';
import { useT } from '../../stores/settings-store.ts';
import { formatCount } from '../../ui/format.ts';
import { niceMax } from '../../ui/time-scale.ts';
import styles from './load.module.css';

const WIDTH = 260;
const HEIGHT = 56;
const STEPS = 260;

export function ShapePreview({ load, durationMs }: { load: OpenLoad; durationMs: number }) {
  const t = useT();
  const peak = peakRate(load, durationMs);
  const max = niceMax(peak);
  const points = Array.from({ length: STEPS + 1 }, (_, index) => {
    const rate = rateAt(load, (index / STEPS) * durationMs, durationMs);
    return `${((index / STEPS) * WIDTH).toFixed(1)},${(HEIGHT - 2 - (rate / max) * (HEIGHT - 6)).toFixed(1)}`;
  });
  const label = t('load.preview', {
    peak: formatCount(peak),
    count: formatCount(expectedArrivals(load, durationMs)),
  });
  return (
    <figure className={styles['preview']}>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        <polygon points={`0,${HEIGHT} ${points.join(' ')} ${WIDTH},${HEIGHT}`} />
        <polyline points={points.join(' ')} />
      </svg>
      <figcaption>{label}</figcaption>
    </figure>
  );
}
