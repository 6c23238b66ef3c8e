/** Writes a record, on request only if nobody else did since it was read. */
import { Button, Checkbox, FileButton, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { toOrreryError } from '../../../../../containers/protocol/errors.ts';
import { VALUE_BYTES_MAX } from '../../../../../containers/protocol/record-limits.ts';
import type { RecordContent } from '../../../../contract/records-schema.ts';
import { base64Of, bytesOf, textOf } from '../../../../core/records/value-text.ts';
import { getClient } from '../../bridge.ts';
import { describeFailure } from '../../messages/describe-error.ts';
import { perform } from '../../perform.ts';
import { useT } from '../../stores/settings-store.ts';
import { formatBytes } from '../../ui/format.ts';
import { recordsChanged } from './delete-record.ts';
import styles from './records.module.css';

type Props = {
  /** Null: a new one. */
  record: RecordContent | null;
  onDone: (key: string) => void;
  onCancel: () => void;
};
type Bytes = { name: string; bytes: Uint8Array };
type Refusal = { tone: 'error' | 'unknown'; text: string };

export function RecordEditor({ record, onDone, onCancel }: Props) {
  const t = useT();
  const [key, setKey] = useState(record?.key ?? '');
  const [type, setType] = useState(record?.contentType ?? 'text/plain; charset=utf-8');
  const [file, setFile] = useState<Bytes | null>(() => binaryOf(record));
  const [text, setText] = useState(() => (record === null ? '' : (textOf(bytesOf(record.valueBase64)) ?? '')));
  const [isGuarded, setGuarded] = useState(true);
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const write = async (): Promise<void> => {
    setBusy(true);
    const value = file === null ? { value: text } : { value: base64Of(file.bytes), encoding: 'base64' as const };
    const ifVersion = isGuarded ? (record?.version ?? 'absent') : null;
    setRefusal(await written({ key, ...value, contentType: type, ifVersion }, () => onDone(key)));
    setBusy(false);
  };
  const size = file?.bytes.length ?? new TextEncoder().encode(text).length;
  return (
    <form
      className={styles['editor']}
      aria-label={record === null ? t('records.new') : t('record.edit')}
      onSubmit={(event) => {
        event.preventDefault();
        perform(write());
      }}
    >
      {record === null && <Line label={t('record.key')} value={key} onChange={setKey} />}
      <Line label={t('record.content-type')} value={type} onChange={setType} />
      <Value file={file} text={text} onText={setText} />
      <Checkbox
        label={record === null ? t('record.only-new') : t('record.only-if', { version: record.version })}
        checked={isGuarded}
        onChange={(event) => setGuarded(event.currentTarget.checked)}
      />
      <p className={styles['refusal']} role="status" data-tone={refusal?.tone}>
        {size > VALUE_BYTES_MAX
          ? t('record.too-large', { bytes: formatBytes(size), limit: formatBytes(VALUE_BYTES_MAX) })
          : refusal?.text}
      </p>
      <div className={styles['actions']}>
        <Button variant="filled" type="submit" loading={busy} disabled={key === '' || size > VALUE_BYTES_MAX}>
          {t('record.write')}
        </Button>
        <FileButton onChange={(chosen) => chosen && perform(bytesIn(chosen).then(setFile))}>
          {(props) => <Button {...props}>{t('record.from-file')}</Button>}
        </FileButton>
        <Button onClick={onCancel}>{t('action.cancel')}</Button>
      </div>
    </form>
  );
}

type ValueProps = { file: Bytes | null; text: string; onText: (text: string) => void };

function Value({ file, text, onText }: ValueProps) {
  const t = useT();
  if (file !== null) {
    return <p className="mono">{t('record.file', { name: file.name, bytes: formatBytes(file.bytes.length) })}</p>;
  }
  return (
    <Textarea
      label={t('record.value')}
      value={text}
      onChange={(event) => onText(event.currentTarget.value)}
      minRows={6}
      maxRows={16}
      autosize
      spellCheck={false}
      styles={{ input: { fontFamily: 'var(--font-mono)', fontSize: 12 } }}
    />
  );
}

type LineProps = { label: string; value: string; onChange: (value: string) => void };

function Line({ label, value, onChange }: LineProps) {
  return (
    <TextInput
      label={label}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      spellCheck={false}
      styles={{ input: { fontFamily: 'var(--font-mono)' } }}
    />
  );
}

type Write = {
  key: string;
  value: string;
  encoding?: 'base64';
  contentType: string;
  ifVersion: number | 'absent' | null;
};

/** Null when it is written. */
async function written(write: Write, done: () => void): Promise<Refusal | null> {
  try {
    const answer = await getClient().call('records.put', write);
    recordsChanged();
    if (answer.outcome !== 'ok') return { tone: answer.outcome, text: answer.answer };
    done();
    return null;
  } catch (thrown) {
    const { what, todo } = describeFailure(toOrreryError(thrown, 'the panel'));
    return { tone: 'error', text: `${what} ${todo}` };
  }
}

async function bytesIn(file: File): Promise<Bytes> {
  return { name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) };
}

/** A value that is no text can only be replaced as a whole. */
function binaryOf(record: RecordContent | null): Bytes | null {
  if (record === null) return null;
  const bytes = bytesOf(record.valueBase64);
  return textOf(bytes) === null ? { name: record.contentType, bytes } : null;
}
