/** A page's name and the one sentence that says what it shows. */
import type { ReactNode } from 'react';
import styles from './page.module.css';

export function PageHead({ title, text, children }: { title: string; text: string; children?: ReactNode }) {
  return (
    <div className={styles['head']}>
      <h1>{title}</h1>
      <p>{text}</p>
      {children}
    </div>
  );
}
