/** Active faults in the bar: how many, the next end, all of them in a list, and Heal all. */
import { Button, Popover } from '@mantine/core';
import { IconBolt, IconChevronDown } from '@tabler/icons-react';
import { healFaults } from '../fault-actions.ts';
import { ActiveFaults } from '../parts/ActiveFaults.tsx';
import { perform } from '../perform.ts';
import { useNowMs } from '../stores/clock-store.ts';
import { usePicture } from '../stores/picture-store.ts';
import { useT } from '../stores/settings-store.ts';
import { formatAge } from '../ui/format.ts';
import styles from './frame.module.css';

export function FaultBar() {
  const t = useT();
  const faults = usePicture((picture) => picture.faults);
  const nowMs = useNowMs();
  if (faults.length === 0) return null;
  const nextMs = Math.min(...faults.map(({ endsAtMs }) => endsAtMs ?? Number.POSITIVE_INFINITY));
  const left = Number.isFinite(nextMs) ? formatAge(nextMs - nowMs) : '';
  return (
    <div className={styles['faults']} role="group" aria-label={t('faults.title')} data-testid="fault-bar">
      <Popover width={420} position="bottom-end" trapFocus returnFocus>
        <Popover.Target>
          <Button
            variant="subtle"
            color="gray"
            leftSection={<IconBolt size={14} aria-hidden="true" />}
            rightSection={<IconChevronDown size={14} aria-hidden="true" />}
          >
            <span className="num">{t('faults.count', { count: faults.length, left })}</span>
          </Button>
        </Popover.Target>
        <Popover.Dropdown aria-label={t('faults.title')}>
          <ActiveFaults faults={faults} />
        </Popover.Dropdown>
      </Popover>
      <Button variant="filled" onClick={() => perform(healFaults('all'))}>
        {t('faults.heal-all')}
      </Button>
    </div>
  );
}
