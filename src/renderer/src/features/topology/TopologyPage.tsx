/** The first page: the cluster as it is, and what to do with it. */
import { Progress, SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import { CalculatorBox } from '../../parts/CalculatorBox.tsx';
import { RecordBox } from '../../parts/RecordBox.tsx';
import { useNowMs } from '../../stores/clock-store.ts';
import { usePicture, useProgress } from '../../stores/picture-store.ts';
import { useT } from '../../stores/settings-store.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { formatAge } from '../../ui/format.ts';
import { Section } from '../../ui/Section.tsx';
import { EdgeTable } from './EdgeTable.tsx';
import { NodeTable } from './NodeTable.tsx';
import { Picture } from './Picture.tsx';
import styles from './topology.module.css';

type View = 'picture' | 'table';

export function TopologyPage() {
  const t = useT();
  const lost = usePicture((picture) => picture.engineLost);
  const empty = usePicture((picture) => picture.nodes.length === 0);
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
      {lost !== null && (
        <div className={styles['lost']} role="alert">
          <strong>{t('engine.lost')}</strong> <span>{t('engine.lost-why', { reason: lost })}</span>
        </div>
      )}
      <div className={styles['view']}>
        {view === 'table' && <Tables />}
        {view === 'picture' && (empty ? <Waiting /> : <Picture stale={lost !== null} />)}
      </div>
    </div>
  );
}

/** Before there is any node: what is being prepared, how far it is, and for how long. */
function Waiting() {
  const t = useT();
  const progress = useProgress();
  const sinceMs = usePicture((picture) => picture.startingSinceMs);
  const nowMs = useNowMs();
  const share = progress?.total ? (100 * progress.done) / progress.total : null;
  return (
    <EmptyState title={t('waiting.title')} text={progress?.step ?? t('waiting.text')}>
      <div className={styles['waiting']}>
        <Progress value={share ?? 100} animated={share === null} aria-label={t('progress.label')} />
        <span className="num dim">{formatAge(nowMs - (sinceMs ?? nowMs))}</span>
      </div>
    </EmptyState>
  );
}

function Tables() {
  const t = useT();
  return (
    <div className={styles['tables']}>
      <Section title={t('topology.nodes')} fill>
        <NodeTable />
      </Section>
      <Section title={t('topology.edges')} fill>
        <EdgeTable />
      </Section>
    </div>
  );
}
