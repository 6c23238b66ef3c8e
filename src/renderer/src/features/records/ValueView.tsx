/** A value as text, as JSON set out in lines, or as its bytes. */
import { SegmentedControl } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { RecordContent } from '../../../../contract/records-schema.ts';
import { bytesOf, hexRows, isJsonType, textOf } from '../../../../core/records/value-text.ts';
import { useT } from '../../stores/settings-store.ts';
import { LongText } from './LongText.tsx';
import styles from './records.module.css';

type Way = 'text' | 'json' | 'hex';

export function ValueView({ record: { valueBase64, contentType } }: { record: RecordContent }) {
  const t = useT();
  const bytes = useMemo(() => bytesOf(valueBase64), [valueBase64]);
  const text = useMemo(() => textOf(bytes), [bytes]);
  const json = useMemo(() => (text === null ? null : setOut(text)), [text]);
  const [asked, setAsked] = useState<Way | null>(null);
  const natural: Way = text === null ? 'hex' : json !== null && isJsonType(contentType) ? 'json' : 'text';
  const way = asked ?? natural;
  const lines = useMemo(() => linesOf(way, bytes, text, json), [way, bytes, text, json]);
  return (
    <div className={styles['value']}>
      <SegmentedControl
        aria-label={t('record.view')}
        value={way}
        onChange={(value) => setAsked(value as Way)}
        data={(['text', 'json', 'hex'] as const).map((value) => ({
          value,
          label: t(`record.as-${value}`),
          disabled: (value === 'text' && text === null) || (value === 'json' && json === null),
        }))}
      />
      {bytes.length === 0 ? (
        <p className="dim">{t('record.empty-value')}</p>
      ) : (
        <LongText label={t('record.value')} lines={lines} />
      )}
    </div>
  );
}

function linesOf(way: Way, bytes: Uint8Array, text: string | null, json: string | null): string[] {
  if (way === 'hex' || text === null) return hexRows(bytes, 0, Math.ceil(bytes.length / 16));
  return (way === 'json' && json !== null ? json : text).split('\n');
}

/** JSON in lines; null when the text is none, or would not come back the same. */
function setOut(text: string): string | null {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return null;
  }
}
