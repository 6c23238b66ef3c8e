/** A page with nothing on it yet: what it would show, and the one next step. */
import type { ReactNode } from 'react';
import styles from './EmptyState.module.css';

export function EmptyState({ title, text, children }: { title: string; text: string; children?: ReactNode }) {
  return (
    <div className={styles['empty']}>
      <h2 className={styles['title']}>{title}</h2>
      <p className={styles['text']}>{text}</p>
      {children}
    </div>
  );
}
