/** The first page: the cluster as it is, and what to do with it. */
import { SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import { CalculatorBox } from '../../parts/CalculatorBox.tsx';
import { RecordBox } from '../../parts/RecordBox.tsx';
import { usePicture } from '../../stores/picture-store.ts';
import { useT } from '../../stores/settings-store.ts';
import { Section } from '../../ui/Section.tsx';
import table from '../../ui/table.module.css';
import { BulkBar } from './BulkBar.tsx';
import { EdgeTable } from './EdgeTable.tsx';
import { NodeTable } from './NodeTable.tsx';
import { Picture } from './Picture.tsx';
import styles from './topology.module.css';

type View = 'picture' | 'table';

export function TopologyPage() {
  const t = useT();
  const lost = usePicture((picture) => picture.engineLost);
  const [view, setView] = useState<View>('picture');
  return (
    <div className={styles['page']}>
      <h1 className="visually-hidden">{t('page.topology')}</h1>
      <div className={styles['bar']}>
        <CalculatorBox />
        <RecordBox />
        <SegmentedControl
          aria-label={t('topology.view')}
          ml="auto"
          value={view}
          onChange={(value) => setView(value === 'table' ? 'table' : 'picture')}
          data={[
            { value: 'picture', label: t('topology.as-picture') },
            { value: 'table', label: t('topology.as-table') },
          ]}
        />
      </div>
      <div style={{ position: 'relative', display: 'flex', flex: 1, flexDirection: 'column', minHeight: 0 }}>
        {view === 'picture' ? <Picture stale={lost !== null} /> : <Tables />}
        <BulkBar />
        {lost !== null && (
          <div className={styles['lost']} role="alert">
            <strong>{t('engine.lost')}</strong> <span>{t('engine.lost-why', { reason: lost })}</span>
          </div>
        )}
      </div>
    </div>
  );
}

function Tables() {
  const t = useT();
  return (
    <div className={styles['tables']}>
      <Section title={t('topology.nodes')}>
        <div className={table['scroll']}>
          <NodeTable />
        </div>
      </Section>
      <Section title={t('topology.edges')}>
        <div className={table['scroll']}>
          <EdgeTable />
        </div>
      </Section>
    </div>
  );
}
