/** The faults of a stretch of time as bars, to stand under a chart that shows the same stretch. */
import { useT } from '../stores/settings-store.ts';
import { formatClock } from '../ui/format.ts';
import { describeFault } from './describe-fault.ts';
import { rowsOf, type FaultSpan } from './fault-spans.ts';
import styles from './faults.module.css';

const ROW_HEIGHT = 6;

type Props = {
  spans: readonly FaultSpan[];
  /** The edges of the chart, on its own axis. */
  from: number;
  to: number;
  /** Where a moment lies on that axis; left out: it is the wall clock in ms. */
  place?: (atMs: number) => number;
  cursor?: number | null;
  /** What the chart keeps free at its edges, in pixels. */
  left?: number;
  right?: number;
  /** Stands above the bars. */
  caption?: React.ReactNode;
};

/** Nothing when there was no fault. */
export function FaultStrip(props: Props) {
  const { spans, from, to, place = (atMs: number) => atMs, cursor = null, left = 0, right = 0, caption } = props;
  const t = useT();
  const startOf = (span: FaultSpan): number => place(span.fromMs);
  const endOf = (span: FaultSpan): number => (span.toMs === null ? to : place(span.toMs));
  const seen = spans.filter((span) => startOf(span) < to && endOf(span) > from);
  if (seen.length === 0) return null;
  const percent = (at: number): number => 100 * Math.min(1, Math.max(0, (at - from) / (to - from)));
  const rows = rowsOf(seen);
  return (
    <>
      {caption}
      <div
        className={styles['strip']}
        style={{ marginLeft: left, marginRight: right, height: rows.length * ROW_HEIGHT }}
        role="list"
        aria-label={t('faults.strip')}
      >
        {rows.flatMap((row, at) =>
          row.map((span) => {
            const [start, end] = [percent(startOf(span)), percent(endOf(span))];
            const text = `${formatClock(span.fromMs)} ${describeFault(span.spec, t)}`;
            return (
              <span
                key={span.fault}
                role="listitem"
                aria-label={text}
                title={text}
                className={styles['span']}
                style={{ left: `${start}%`, width: `${end - start}%`, top: at * ROW_HEIGHT }}
              />
            );
          }),
        )}
        {cursor !== null && <i className={styles['cursor']} style={{ left: `${percent(cursor)}%` }} />}
      </div>
    </>
  );
}
