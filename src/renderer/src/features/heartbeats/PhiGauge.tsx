/** A bar that fills towards the threshold, which is marked on it. */
import type { CSSProperties } from 'react';
import { phiMax, phiShare } from './beat-scale.ts';
import styles from './heartbeats.module.css';

export function PhiGauge({ value, threshold, label }: { value: number; threshold: number; label: string }) {
  const max = phiMax(threshold);
  const marked: CSSProperties & Record<'--threshold', string> = { '--threshold': `${(threshold / max) * 100}%` };
  return (
    <span className={styles['phi']} data-over={value >= threshold}>
      <span
        className={styles['gauge']}
        style={marked}
        role="meter"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={max}
        // Tiny values would be written with an exponent, which is no number to a screen reader.
        aria-valuenow={Number(Math.min(max, Math.max(0, value)).toFixed(1))}
      >
        <span className={styles['fill']} style={{ width: `${phiShare(value, max) * 100}%` }} />
      </span>
      <span className="num">{value > max ? `> ${max}` : value.toFixed(1)}</span>
    </span>
  );
}
