/** What is stored and on which datanodes; and how the store keeps its copies. */
import { SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import { usePicture } from '../../stores/picture-store.ts';
import { gaugeOf, useSampled } from '../../stores/samples-store.ts';
import { useT } from '../../stores/settings-store.ts';
import { formatBytes, formatCount } from '../../ui/format.ts';
import page from '../../ui/page.module.css';
import { PageHead } from '../../ui/PageHead.tsx';
import { RecordsTab } from './RecordsTab.tsx';
import { ShardsTab } from './ShardsTab.tsx';
import { StoreState } from './StoreState.tsx';
import { StoreTrouble } from './StoreTrouble.tsx';
import styles from './records.module.css';

type Tab = 'records' | 'shards';

export function RecordsPage() {
  const t = useT();
  const [tab, setTab] = useState<Tab>('records');
  return (
    <div className={page['page']}>
      <PageHead title={t('page.records')} text={t('records.text')}>
        <Total />
      </PageHead>
      <div className={styles['bar']}>
        <SegmentedControl
          aria-label={t('records.tabs')}
          value={tab}
          onChange={(value) => setTab(value as Tab)}
          data={[
            { value: 'records', label: t('records.tab-records') },
            { value: 'shards', label: t('records.tab-shards') },
          ]}
        />
        <StoreState />
      </div>
      <StoreTrouble />
      {tab === 'records' ? <RecordsTab /> : <ShardsTab />}
    </div>
  );
}

function Total() {
  const t = useT();
  const known = usePicture(({ monitors, store }) => monitors.headnode && store.status?.state !== 'views-lost');
  const records = useSampled(() => gaugeOf('headnode', 'records'));
  const bytes = useSampled(() => gaugeOf('headnode', 'record_bytes'));
  if (!known || records === undefined || bytes === undefined) return null;
  return (
    <p className={`num ${styles['total'] ?? ''}`}>
      {t('records.total', { records: formatCount(records), bytes: formatBytes(bytes) })}
    </p>
  );
}
