/** Records in key order; of many thousands only those in sight are rendered. */
import { ActionIcon } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import type { RecordSummary } from '../../../../../containers/protocol/records.ts';
import { NodeChips } from '../../parts/NodeChip.tsx';
import { useNowMs } from '../../stores/clock-store.ts';
import { useT } from '../../stores/settings-store.ts';
import { formatAge, formatBytes } from '../../ui/format.ts';
import { LongTable } from '../../ui/LongTable.tsx';
import table from '../../ui/table.module.css';
import { usePrimaryOf } from './primary-of.ts';

type Props = {
  records: readonly RecordSummary[];
  chosen: string | null;
  onChoose: (key: string) => void;
  onDelete: (key: string) => void;
  onEnd: () => void;
};

export function RecordTable({ records, chosen, onChoose, onDelete, onEnd }: Props) {
  const t = useT();
  return (
    <LongTable
      label={t('records.list')}
      columns={7}
      onEnd={onEnd}
      head={
        <tr>
          <th>{t('field.key')}</th>
          <th data-num>{t('field.version')}</th>
          <th data-num>{t('field.size')}</th>
          <th>{t('records.type')}</th>
          <th>{t('record.replicas')}</th>
          <th data-num>{t('field.updated')}</th>
          <th>
            <span className="visually-hidden">{t('field.actions')}</span>
          </th>
        </tr>
      }
      rows={records}
      row={(record) => (
        <Row
          key={record.key}
          record={record}
          isChosen={record.key === chosen}
          onChoose={onChoose}
          onDelete={onDelete}
        />
      )}
    />
  );
}

type RowProps = Pick<Props, 'onChoose' | 'onDelete'> & { record: RecordSummary; isChosen: boolean };

function Row({ record, isChosen, onChoose, onDelete }: RowProps) {
  const t = useT();
  const nowMs = useNowMs(1_000);
  const primary = usePrimaryOf(record.key);
  const { key, version, size, contentType, replicas, updatedAt } = record;
  return (
    <tr data-selected={isChosen}>
      <td className="mono" data-wide title={key}>
        <button type="button" className={table['linkish']} aria-pressed={isChosen} onClick={() => onChoose(key)}>
          {key}
        </button>
      </td>
      <td data-num>{version}</td>
      <td data-num>{formatBytes(size)}</td>
      <td className="dim" title={contentType}>
        {contentType.split(';')[0]}
      </td>
      <td>
        <NodeChips
          nodes={replicas}
          label={t('record.replicas')}
          marks={primary === null ? {} : { [primary]: t('records.primary') }}
        />
      </td>
      <td data-num title={updatedAt}>
        {t('age.ago', { age: formatAge(nowMs - Date.parse(updatedAt)) })}
      </td>
      <td>
        <ActionIcon size={22} aria-label={t('record.delete', { key })} onClick={() => onDelete(key)}>
          <IconTrash size={14} />
        </ActionIcon>
      </td>
    </tr>
  );
}
