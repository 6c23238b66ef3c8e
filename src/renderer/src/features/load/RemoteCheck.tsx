/** Asks for the name of a host that is not this machine before it is loaded. */
import { TextInput } from '@mantine/core';
import { useT } from '../../stores/settings-store.ts';
import styles from './load.module.css';

export function RemoteCheck({ host, typed, onType }: { host: string; typed: string; onType: (text: string) => void }) {
  const t = useT();
  return (
    <div className={styles['warning']} role="group" aria-label={t('load.remote', { host })}>
      <p>{t('load.remote', { host })}</p>
      <TextInput
        label={t('load.remote-type', { host })}
        value={typed}
        onChange={(event) => onType(event.currentTarget.value)}
      />
    </div>
  );
}
