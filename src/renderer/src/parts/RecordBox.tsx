/** Puts and gets a record; shows its value and on which datanodes it lies, here and in the picture. */
import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { RecordRead } from '../../../contract/contract.ts';
import type { NotableRequest } from '../../../core/journal.ts';
import { actOnRecord } from '../actions.ts';
import { useHasCluster } from '../stores/picture-store.ts';
import { useRecordAsked } from '../stores/requests-store.ts';
import { selectRequest } from '../stores/selection-store.ts';
import { useT } from '../stores/settings-store.ts';
import { formatMs } from '../ui/format.ts';
import { Answer } from './Answer.tsx';
import { CopyCurl } from './CopyCurl.tsx';
import { NodeChips } from './NodeChip.tsx';
import styles from './quick.module.css';
import { perform } from '../perform.ts';

export function RecordBox() {
  const t = useT();
  const [key, setKey] = useState('greeting');
  const [value, setValue] = useState('hello');
  const asked = useRecordAsked();
  const possible = useHasCluster() && key !== '';
  return (
    <form
      className={styles['box']}
      aria-label={t('record.title')}
      onSubmit={(event) => {
        event.preventDefault();
        if (possible) perform(actOnRecord({ do: 'put', key, value }));
      }}
    >
      <div className={styles['row']}>
        <TextInput
          aria-label={t('record.key')}
          value={key}
          onChange={(event) => setKey(event.currentTarget.value)}
          spellCheck={false}
          w={130}
          styles={{ input: { fontFamily: 'var(--font-mono)' } }}
        />
        <TextInput
          aria-label={t('record.value')}
          value={value}
          onChange={(event) => setValue(event.currentTarget.value)}
          spellCheck={false}
          w={150}
        />
        <Button type="submit" disabled={!possible}>
          {t('record.put')}
        </Button>
        <Button disabled={!possible} onClick={() => perform(actOnRecord({ do: 'get', key }))}>
          {t('record.get')}
        </Button>
      </div>
      <Answer asked={asked} label={t('record.answer')} hint={t('record.hint')}>
        {(answer) => <RecordAnswer answer={answer} />}
      </Answer>
    </form>
  );
}

function RecordAnswer({ answer }: { answer: NotableRequest & { record?: RecordRead | null } }) {
  const t = useT();
  if (answer.outcome !== 'ok') return <span>{answer.answer}</span>;
  const { record } = answer;
  return (
    <>
      {record === undefined && (
        <strong>{answer.kind === 'record-delete' ? t('record.deleted') : t('record.stored')}</strong>
      )}
      {record === null && <span>{t('record.none')}</span>}
      {record && <strong data-testid="record-read">{record.value}</strong>}
      {answer.replicas.length > 0 && <NodeChips nodes={answer.replicas} label={t('record.replicas')} />}
      <button
        type="button"
        className={styles['chip']}
        aria-label={t('request.show', { took: formatMs(answer.tookMs) })}
        onClick={() => selectRequest(answer.id)}
      >
        {formatMs(answer.tookMs)}
      </button>
      <CopyCurl curl={answer.curl} />
    </>
  );
}
