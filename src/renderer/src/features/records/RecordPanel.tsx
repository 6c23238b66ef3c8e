/** One record: its value, its copies, and what can be done with it. */
import { Button, CloseButton } from '@mantine/core';
import { useEffect, useState } from 'react';
import { toOrreryError } from '../../../../../containers/protocol/errors.ts';
import type { RecordContent } from '../../../../contract/records-schema.ts';
import { bytesOf } from '../../../../core/records/value-text.ts';
import { getClient } from '../../bridge.ts';
import { describeFailure } from '../../messages/describe-error.ts';
import { perform } from '../../perform.ts';
import { useNowMs } from '../../stores/clock-store.ts';
import { useT } from '../../stores/settings-store.ts';
import { formatAge, formatBytes } from '../../ui/format.ts';
import page from '../../ui/page.module.css';
import { Section } from '../../ui/Section.tsx';
import { Copies } from './Copies.tsx';
import { RecordEditor } from './RecordEditor.tsx';
import styles from './records.module.css';
import { ValueView } from './ValueView.tsx';

/** Null key: a record that is to be written. */
export type Shown = { key: string | null };

type Props = { shown: Shown; onShow: (shown: Shown) => void; onClose: () => void };

export function RecordPanel({ shown: { key }, onShow, onClose }: Props) {
  const t = useT();
  const title = key === null ? t('records.new') : t('record.detail', { key });
  return (
    <Section title={title} fill aside={<CloseButton size="sm" aria-label={t('action.close')} onClick={onClose} />}>
      <div className={`${page['pad'] ?? ''} ${page['scroll'] ?? ''}`} tabIndex={0} role="group" aria-label={title}>
        {key === null ? (
          <RecordEditor record={null} onDone={(written) => onShow({ key: written })} onCancel={onClose} />
        ) : (
          <Existing name={key} />
        )}
      </div>
    </Section>
  );
}

type Read = { state: 'reading' } | { state: 'read'; record: RecordContent | null } | { state: 'failed'; why: string };

async function readIt(key: string): Promise<Read> {
  try {
    return { state: 'read', record: await getClient().call('records.read', { key }) };
  } catch (thrown) {
    const { what, todo } = describeFailure(toOrreryError(thrown, 'headnode'));
    return { state: 'failed', why: `${what} ${todo}` };
  }
}

function Existing({ name }: { name: string }) {
  const t = useT();
  const [read, setRead] = useState<Read>({ state: 'reading' });
  const [isEditing, setEditing] = useState(false);
  const [round, setRound] = useState(0);
  const load = (): void => setRound((known) => known + 1);
  useEffect(() => {
    let isWanted = true;
    const look = async (): Promise<void> => {
      const found = await readIt(name);
      if (isWanted) setRead(found);
    };
    perform(look());
    return () => {
      isWanted = false;
    };
  }, [name, round]);
  const again = <Button onClick={load}>{t('record.reload')}</Button>;
  if (read.state === 'reading') return <p className="dim">{t('request.busy')}</p>;
  if (read.state === 'failed') {
    return (
      <>
        <p role="alert">{read.why}</p>
        {again}
      </>
    );
  }
  const { record } = read;
  if (record === null) {
    return (
      <>
        <p className="dim">{t('record.gone')}</p>
        {again}
      </>
    );
  }
  const written = (): void => {
    setEditing(false);
    load();
  };
  return (
    <div className={styles['detail']}>
      <Facts record={record} />
      {isEditing ? (
        <RecordEditor key={record.version} record={record} onDone={written} onCancel={() => setEditing(false)} />
      ) : (
        <>
          <ValueView record={record} />
          <div className={styles['actions']}>
            <Button onClick={() => setEditing(true)}>{t('record.edit')}</Button>
            {again}
          </div>
        </>
      )}
      <Copies asked={{ key: name }} nodes={record.replicas} />
    </div>
  );
}

function Facts({ record: { version, contentType, updatedAt, valueBase64 } }: { record: RecordContent }) {
  const t = useT();
  const nowMs = useNowMs(1_000);
  const facts: [string, string][] = [
    [t('field.version'), String(version)],
    [t('field.size'), formatBytes(bytesOf(valueBase64).length)],
    [t('records.type'), contentType],
    [t('field.updated'), t('age.ago', { age: formatAge(nowMs - Date.parse(updatedAt)) })],
  ];
  return (
    <dl className={styles['facts']}>
      {facts.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd className="mono">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
