/** The world outside the cluster: whoever sends requests. */
import { IconTerminal2 } from '@tabler/icons-react';
import { useT } from '../../stores/settings-store.ts';
import styles from './topology.module.css';

export function ClientView() {
  const t = useT();
  return (
    <div className={styles['client']}>
      <IconTerminal2 size={26} stroke={1.4} aria-hidden="true" />
      <span>{t('topology.clients')}</span>
    </div>
  );
}
