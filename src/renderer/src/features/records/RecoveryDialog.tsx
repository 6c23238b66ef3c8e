/** Unsafe recovery: first what it would cost as far as is known, then a word that this is understood. */
import { Button, Checkbox, Group, Modal, Title } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { RecoveryAnswer } from '../../../../../containers/protocol/control.ts';
import { attempt } from '../../actions.ts';
import { getClient } from '../../bridge.ts';
import { perform } from '../../perform.ts';
import { useT } from '../../stores/settings-store.ts';
import styles from './records.module.css';

/** `mustEmpty`: views are known, and only shards without a copy are to begin anew. */
export function RecoveryDialog({ mustEmpty, onClose }: { mustEmpty: boolean; onClose: () => void }) {
  const t = useT();
  const [foreseen, setForeseen] = useState<RecoveryAnswer | null>(null);
  const [empty, setEmpty] = useState(mustEmpty);
  const [understood, setUnderstood] = useState(false);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    const look = async (): Promise<void> => {
      const told = await attempt(() => getClient().call('store.recover', { empty: mustEmpty, preview: true }));
      setForeseen(told ?? null);
    };
    perform(look());
  }, [mustEmpty]);
  const recover = async (): Promise<void> => {
    setBusy(true);
    const done = await attempt(() => getClient().call('store.recover', { empty, preview: false }));
    setBusy(false);
    if (done) onClose();
  };
  const lost = foreseen?.lost.length ?? 0;
  return (
    <Modal
      opened
      onClose={onClose}
      size={520}
      withCloseButton={false}
      attributes={{ content: { 'aria-label': t('recover.title') } }}
    >
      <Title order={2} size={16} mb="sm">
        {t('recover.title')}
      </Title>
      <p>{t('recover.text')}</p>
      {foreseen && <Foreseen foreseen={foreseen} />}
      {lost > 0 && !mustEmpty && (
        <Checkbox
          mb="sm"
          label={t('recover.empty')}
          checked={empty}
          onChange={(event) => setEmpty(event.currentTarget.checked)}
        />
      )}
      <Checkbox
        label={t('recover.confirm')}
        checked={understood}
        onChange={(event) => setUnderstood(event.currentTarget.checked)}
      />
      <Group mt="lg" gap="sm" justify="flex-end">
        <Button data-autofocus onClick={onClose}>
          {t('action.cancel')}
        </Button>
        <Button
          variant="filled"
          color="red"
          disabled={!understood || foreseen === null}
          loading={busy}
          onClick={() => perform(recover())}
        >
          {t('recover.do')}
        </Button>
      </Group>
    </Modal>
  );
}

function Foreseen({ foreseen: { shards, doubtful, lost } }: { foreseen: RecoveryAnswer }) {
  const t = useT();
  return (
    <ul className={styles['foreseen']}>
      <li>{t('recover.certain', { count: shards - doubtful.length - lost.length, shards })}</li>
      {doubtful.length > 0 && <li>{t('recover.doubtful', { count: doubtful.length })}</li>}
      {lost.length > 0 && <li>{t('recover.lost', { count: lost.length })}</li>}
    </ul>
  );
}
