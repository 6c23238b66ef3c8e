/** The values under the cursor of a page's charts, in one place that never moves. */
import type { ReactNode } from 'react';
import styles from './plots.module.css';

export function ReadoutLine({ children }: { children: ReactNode }) {
  return <p className={styles['readout']}>{children}</p>;
}

export function ReadoutValue({ name, value }: { name: string; value: string }) {
  return (
    <span>
      {name} <b>{value}</b>
    </span>
  );
}
