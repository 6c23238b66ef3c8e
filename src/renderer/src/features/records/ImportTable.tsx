/** Rows of a file: what would become of each, or what became of it. */
import type { ImportRow } from '../../../../core/records/record-file.ts';
import { describeFailure } from '../../messages/describe-error.ts';
import type { Translate } from '../../messages/i18n.ts';
import { useT } from '../../stores/settings-store.ts';
import { formatBytes } from '../../ui/format.ts';
import { LongTable } from '../../ui/LongTable.tsx';
import styles from './records.module.css';
import type { RowOutcome } from './transfer.ts';

/** By key; null: there is none. A key that is missing was not looked up. */
export type Versions = ReadonlyMap<string, number | null>;

type Props = {
  label: string;
  rows: readonly ImportRow[];
  versions: Versions;
  /** Null before anything was sent. */
  outcomes: ReadonlyMap<ImportRow, RowOutcome> | null;
};

export function ImportTable({ label, rows, versions, outcomes }: Props) {
  const t = useT();
  return (
    <LongTable
      label={label}
      columns={5}
      head={
        <tr>
          <th data-num>{t('import.line')}</th>
          <th>{t('field.key')}</th>
          <th>{t('records.type')}</th>
          <th data-num>{t('field.size')}</th>
          <th>{outcomes === null ? t('import.would') : t('field.outcome')}</th>
        </tr>
      }
      rows={rows}
      row={(row) => {
        const told = outcomes === null ? foreseen(row, versions, t) : outcome(row, outcomes.get(row), t);
        return (
          <tr key={row.line}>
            <td data-num>{row.line}</td>
            <td className={`mono ${styles['importKey'] ?? ''}`} title={row.key}>
              {row.key}
            </td>
            <td className="dim">{row.contentType.split(';')[0]}</td>
            <td data-num>{row.record === null ? '–' : formatBytes(row.bytes)}</td>
            <td data-wide title={told.text} className={styles['outcome']} data-how={told.how}>
              {told.text}
            </td>
          </tr>
        );
      }}
    />
  );
}

type Told = { how: RowOutcome['how'] | 'write'; text: string };

function refused({ refusal }: ImportRow, t: Translate): Told | null {
  return refusal && { how: 'refused', text: t('import.refused', { reason: describeFailure(refusal).what }) };
}

function foreseen(row: ImportRow, versions: Versions, t: Translate): Told {
  const version = versions.get(row.key);
  const text =
    version === undefined
      ? t('import.write')
      : version === null
        ? t('import.create')
        : t('import.replace', { version });
  return refused(row, t) ?? { how: 'write', text };
}

function outcome(row: ImportRow, known: RowOutcome | undefined, t: Translate): Told {
  const no = refused(row, t);
  if (no !== null) return no;
  const { how, ...rest }: RowOutcome = known ?? { how: 'waiting' };
  return { how, text: t(`import.${how}`, rest) };
}
