/** The faults of a stretch of time as bars, to stand under a chart that shows the same stretch. */
import { useMemo } from 'react';
import { useEvents } from '../stores/picture-store.ts';
import { useT } from '../stores/settings-store.ts';
import { formatClock } from '../ui/format.ts';
import { describeFault } from './describe-fault.ts';
import { faultSpans, rowsOf } from './fault-spans.ts';
import styles from './faults.module.css';

const ROW_HEIGHT = 6;

/** `left` and `right`: what the chart keeps free for its axes, in pixels. Nothing when there was no fault. */
export function FaultStrip({
  fromMs,
  toMs,
  left = 0,
  right = 0,
}: {
  fromMs: number;
  toMs: number;
  left?: number;
  right?: number;
}) {
  const t = useT();
  const events = useEvents();
  const all = useMemo(() => faultSpans(events), [events]);
  const spans = all.filter((span) => span.fromMs < toMs && (span.toMs ?? toMs) > fromMs);
  if (spans.length === 0) return null;
  const share = (atMs: number): number => Math.min(1, Math.max(0, (atMs - fromMs) / (toMs - fromMs)));
  const rows = rowsOf(spans, toMs);
  return (
    <div
      className={styles['strip']}
      style={{ marginLeft: left, marginRight: right, height: rows.length * ROW_HEIGHT }}
      role="list"
      aria-label={t('faults.strip')}
    >
      {rows.flatMap((row, at) =>
        row.map((span) => {
          const [start, end] = [share(span.fromMs), share(span.toMs ?? toMs)];
          const text = `${formatClock(span.fromMs)} ${describeFault(span.spec, t)}`;
          return (
            <span
              key={span.fault}
              role="listitem"
              aria-label={text}
              title={text}
              className={styles['span']}
              style={{ left: `${100 * start}%`, width: `${100 * (end - start)}%`, top: at * ROW_HEIGHT }}
            />
          );
        }),
      )}
    </div>
  );
}
