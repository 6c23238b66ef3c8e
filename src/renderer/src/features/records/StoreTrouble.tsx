/** What the store cannot do by itself: views that are lost, shards without a copy; and the operator's way out. */
import { Button } from '@mantine/core';
import { useState } from 'react';
import { usePicture } from '../../stores/picture-store.ts';
import { useT } from '../../stores/settings-store.ts';
import { RecoveryDialog } from './RecoveryDialog.tsx';
import styles from './records.module.css';

export function StoreTrouble() {
  const t = useT();
  const status = usePicture(({ store }) => store.status);
  const rebuilt = usePicture(({ store }) => store.rebuilt);
  const gone = usePicture(({ views }) => views.filter(({ members }) => members.length === 0).length);
  const [open, setOpen] = useState(false);
  const isLost = status?.state === 'views-lost';
  const isDoubtful = rebuilt !== null && rebuilt.by === 'unsafe-recovery';
  if (!isLost && gone === 0 && !isDoubtful) return null;
  return (
    <div className={styles['trouble']} role="alert" data-tone={isLost || gone > 0 ? 'error' : 'retry'}>
      {isLost && (
        <div>
          <strong>{t('store.lost-title')}</strong>
          <p>{t('store.lost-text', { nodes: status.waitingFor.join(', ') || '–' })}</p>
        </div>
      )}
      {!isLost && gone > 0 && (
        <div>
          <strong>{t('store.shards-gone', { count: gone })}</strong>
          <p>{t('store.shards-gone-text')}</p>
        </div>
      )}
      {!isLost && gone === 0 && isDoubtful && (
        <p>{t('store.rebuilt-doubt', { doubtful: rebuilt.doubtful.length, lost: rebuilt.lost.length })}</p>
      )}
      {(isLost || gone > 0) && (
        <Button color="red" onClick={() => setOpen(true)}>
          {isLost ? t('store.recover') : t('store.begin-anew')}
        </Button>
      )}
      {open && <RecoveryDialog mustEmpty={!isLost} onClose={() => setOpen(false)} />}
    </div>
  );
}
