/** Faults that are on: what was asked, what was measured, how long they still last, and the way to end them. */
import { Button } from '@mantine/core';
import type { ActiveFault } from '../../../core/faults/fault.ts';
import { healFaults } from '../fault-actions.ts';
import { perform } from '../perform.ts';
import { useNowMs } from '../stores/clock-store.ts';
import { useT } from '../stores/settings-store.ts';
import { formatAge } from '../ui/format.ts';
import { describeFault, describeMeasured } from './describe-fault.ts';
import styles from './faults.module.css';

export function ActiveFaults({ faults }: { faults: readonly ActiveFault[] }) {
  const t = useT();
  if (faults.length === 0) return null;
  return (
    <ul className={styles['list']} aria-label={t('faults.title')}>
      {faults.map((fault) => (
        <FaultRow key={fault.fault} active={fault} />
      ))}
    </ul>
  );
}

function FaultRow({ active }: { active: ActiveFault }) {
  const t = useT();
  const nowMs = useNowMs();
  const { fault, spec, endsAtMs, measured } = active;
  const newest = measured.findLast(({ phase }) => phase !== 'before');
  const text = describeFault(spec, t);
  return (
    <li className={styles['row']} data-testid={`fault-${fault}`}>
      <span className={styles['what']}>{text}</span>
      <span className="num">{endsAtMs === null ? '' : formatAge(endsAtMs - nowMs)}</span>
      <Button aria-label={t('faults.heal-one', { fault: text })} onClick={() => perform(healFaults(fault))}>
        {t('faults.heal')}
      </Button>
      <span className={styles['measured']}>{newest ? describeMeasured(newest, t) : t('faults.measuring')}</span>
    </li>
  );
}
