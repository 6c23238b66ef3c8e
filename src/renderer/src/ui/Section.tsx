/** A titled part of a page. */
import type { ReactNode } from 'react';
import styles from './Section.module.css';

type Props = { title: string; children: ReactNode; aside?: ReactNode; level?: 2 | 3; fill?: boolean };

export function Section({ title, children, aside, level = 2, fill = false }: Props) {
  const Heading = level === 2 ? 'h2' : 'h3';
  return (
    <section className={styles['section']} data-fill={fill} aria-label={title}>
      <div className={styles['head']}>
        <Heading className={styles['title']}>{title}</Heading>
        {aside}
      </div>
      {children}
    </section>
  );
}
