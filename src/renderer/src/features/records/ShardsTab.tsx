/** Who holds which shard, what is still to be copied, and what each repair mended. */
import { Button } from '@mantine/core';
import { useMemo, useState } from 'react';
import { shardGrid } from '../../../../core/records/shard-grid.ts';
import { usePicture } from '../../stores/picture-store.ts';
import { useT } from '../../stores/settings-store.ts';
import page from '../../ui/page.module.css';
import { Section } from '../../ui/Section.tsx';
import { RecoveryFacts } from './RecoveryFacts.tsx';
import { Repairs } from './Repairs.tsx';
import { ShardPicture } from './ShardPicture.tsx';
import { ShardTable } from './ShardTable.tsx';
import styles from './records.module.css';

export function ShardsTab() {
  const t = useT();
  const views = usePicture((picture) => picture.views);
  const nodes = usePicture((picture) => picture.nodes);
  const store = usePicture((picture) => picture.store);
  const grid = useMemo(() => shardGrid(views, nodes, store), [views, nodes, store]);
  const [isTable, setTable] = useState(false);
  return (
    <>
      <Section
        title={t('shards.title')}
        fill={isTable}
        aside={
          <Button variant="subtle" onClick={() => setTable(!isTable)}>
            {t(isTable ? 'shards.picture' : 'shards.table')}
          </Button>
        }
      >
        {views.length === 0 && <p className={`${page['pad'] ?? ''} dim`}>{t('shards.none')}</p>}
        {views.length > 0 && (isTable ? <ShardTable grid={grid} /> : <ShardPicture grid={grid} />)}
      </Section>
      <div className={styles['repairRow']}>
        <RecoveryFacts />
        <Repairs />
      </div>
    </>
  );
}
