/** What is stored, and on which datanodes it lies. */
import { ActionIcon, Button, TextInput } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useCallback, useEffect, useState } from 'react';
import type { RecordListAnswer, RecordSummary } from '../../../../../containers/protocol/records.ts';
import { actOnRecord } from '../../actions.ts';
import { getClient } from '../../bridge.ts';
import { describeFailure } from '../../messages/describe-error.ts';
import { toOrreryError } from '../../../../../containers/protocol/errors.ts';
import { NodeChips } from '../../parts/NodeChip.tsx';
import { RecordBox } from '../../parts/RecordBox.tsx';
import { useRecordsVersion } from '../../stores/requests-store.ts';
import { useT } from '../../stores/settings-store.ts';
import { formatBytes, formatClock } from '../../ui/format.ts';
import page from '../../ui/page.module.css';
import { PageHead } from '../../ui/PageHead.tsx';
import { Section } from '../../ui/Section.tsx';
import table from '../../ui/table.module.css';
import { perform } from '../../perform.ts';

const LIMIT = 100;

type Listing = { answer: RecordListAnswer | null; failed: string | null };

/** The records that begin with `prefix`; refreshed when this window changes one, or on demand. */
function useRecords(prefix: string): Listing & { refresh: () => void; more: () => void } {
  const [listing, setListing] = useState<Listing>({ answer: null, failed: null });
  const version = useRecordsVersion();
  const load = useCallback(
    async (after: string | null, before: RecordListAnswer['records']): Promise<void> => {
      try {
        const answer = await getClient().call('records.list', { prefix, after, limit: LIMIT });
        setListing({ answer: { ...answer, records: [...before, ...answer.records] }, failed: null });
      } catch (thrown) {
        const { what, todo } = describeFailure(toOrreryError(thrown, 'headnode'));
        setListing((known) => ({ ...known, failed: `${what} ${todo}` }));
      }
    },
    [prefix],
  );
  useEffect(() => {
    const timer = setTimeout(() => perform(load(null, [])), 150);
    return () => clearTimeout(timer);
  }, [load, version]);
  const { answer } = listing;
  return {
    ...listing,
    refresh: () => perform(load(null, [])),
    more: () => perform(load(answer?.next ?? null, answer?.records ?? [])),
  };
}

export function RecordsPage() {
  const t = useT();
  const [prefix, setPrefix] = useState('');
  const { answer, failed, refresh, more } = useRecords(prefix);
  const records = answer?.records ?? [];
  return (
    <div className={page['page']}>
      <PageHead title={t('page.records')} text={t('records.text')} />
      <Section title={t('record.title')}>
        <div className={page['pad']}>
          <RecordBox />
        </div>
      </Section>
      <Section
        title={t('records.list')}
        fill
        aside={
          <span style={{ display: 'flex', gap: 8 }}>
            <TextInput
              aria-label={t('records.prefix')}
              placeholder={t('records.prefix')}
              value={prefix}
              onChange={(event) => setPrefix(event.currentTarget.value)}
              w={200}
            />
            <Button onClick={refresh}>{t('action.refresh')}</Button>
          </span>
        }
      >
        <div className={table['scroll']} tabIndex={0} role="group" aria-label={t('records.list')}>
          <RecordTable records={records} />
          {failed !== null && (
            <p className={page['pad']} role="alert">
              {failed}
            </p>
          )}
          {failed === null && answer && records.length === 0 && (
            <p className={`${page['pad'] ?? ''} dim`}>{t('records.none')}</p>
          )}
          {answer?.next && (
            <Button variant="subtle" m="sm" onClick={more}>
              {t('records.more')}
            </Button>
          )}
        </div>
      </Section>
    </div>
  );
}

function RecordTable({ records }: { records: readonly RecordSummary[] }) {
  const t = useT();
  return (
    <table className={table['table']} aria-label={t('records.list')}>
      <thead>
        <tr>
          <th>{t('field.key')}</th>
          <th data-num>{t('field.version')}</th>
          <th data-num>{t('field.size')}</th>
          <th>{t('record.replicas')}</th>
          <th data-num>{t('field.updated')}</th>
          <th>
            <span className="visually-hidden">{t('field.actions')}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {records.map((record) => (
          <tr key={record.key}>
            <td className="mono" data-wide>
              <button
                type="button"
                className={table['linkish']}
                onClick={() => perform(actOnRecord({ do: 'get', key: record.key }))}
              >
                {record.key}
              </button>
            </td>
            <td data-num>{record.version}</td>
            <td data-num>{formatBytes(record.size)}</td>
            <td>
              <NodeChips nodes={record.replicas} label={t('record.replicas')} />
            </td>
            <td data-num>{formatClock(Date.parse(record.updatedAt))}</td>
            <td>
              <ActionIcon
                size={22}
                aria-label={t('record.delete', { key: record.key })}
                onClick={() => perform(actOnRecord({ do: 'delete', key: record.key }))}
              >
                <IconTrash size={14} />
              </ActionIcon>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
