/** Says that the panel does not answer: what is seen is the last that was known. */
import { IconPlugConnectedX } from '@tabler/icons-react';
import { useConnection } from '../stores/connection-store.ts';
import { useNowMs } from '../stores/clock-store.ts';
import { useT } from '../stores/settings-store.ts';
import { formatAge } from '../ui/format.ts';
import styles from './frame.module.css';

export function ConnectionBanner() {
  const t = useT();
  const { connected, ever, lostAtMs } = useConnection();
  const nowMs = useNowMs(1_000);
  // A window that has just opened is connecting, not cut off.
  if (connected || lostAtMs === null || (!ever && nowMs - lostAtMs < 1_500)) return null;
  return (
    <div className={styles['banner']} role="alert">
      <IconPlugConnectedX size={16} aria-hidden="true" />
      <strong>{t('connection.lost')}</strong>
      <span>{t('connection.lost-text', { age: formatAge(nowMs - lostAtMs) })}</span>
    </div>
  );
}
