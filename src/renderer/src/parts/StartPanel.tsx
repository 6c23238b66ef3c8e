/** No cluster yet: one button to start one, and which engine it shall run on. */
import { Button, NumberInput, Select, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { KeptCluster } from '../../../contract/contract.ts';
import { CLUSTER_NAME, DATANODES_MAX, WORKERS_MAX } from '../../../contract/names.ts';
import { describeLeft, keptClusters, startCluster } from '../actions.ts';
import { usePicture } from '../stores/picture-store.ts';
import { useT } from '../stores/settings-store.ts';
import { EmptyState } from '../ui/EmptyState.tsx';
import styles from './quick.module.css';
import { perform } from '../perform.ts';

const ENGINES = ['auto', 'docker', 'process'] as const;
type Engine = (typeof ENGINES)[number];

export function StartPanel() {
  const t = useT();
  const left = usePicture((picture) => picture.left);
  const [engine, setEngine] = useState<Engine>('auto');
  const [workers, setWorkers] = useState(3);
  const [datanodes, setDatanodes] = useState(3);
  const [name, setName] = useState('');
  const nameValid = name === '' || CLUSTER_NAME.test(name);
  return (
    <EmptyState title={t('start.title')} text={left ? describeLeft(t, left) : t('start.text')}>
      <form
        className={styles['start']}
        aria-label={t('start.title')}
        onSubmit={(event) => {
          event.preventDefault();
          perform(startCluster({ engine, workers, datanodes, name: name === '' ? null : name }));
        }}
      >
        <div className={styles['startRow']}>
          <Select
            label={t('start.engine')}
            data={ENGINES.map((value) => ({ value, label: t(`engine.${value}`) }))}
            value={engine}
            onChange={(value) => setEngine(ENGINES.find((known) => known === value) ?? 'auto')}
            w={230}
          />
          <NumberInput
            label={t('roles.worker')}
            value={workers}
            onChange={(value) => setWorkers(Number(value) || 0)}
            min={0}
            max={WORKERS_MAX}
            w={90}
          />
          <NumberInput
            label={t('roles.datanode')}
            value={datanodes}
            onChange={(value) => setDatanodes(Number(value) || 0)}
            min={0}
            max={DATANODES_MAX}
            w={90}
          />
          <TextInput
            label={t('start.name')}
            value={name}
            error={nameValid ? null : t('stop.name-rule')}
            onChange={(event) => setName(event.currentTarget.value)}
            spellCheck={false}
            w={180}
          />
        </div>
        <Button type="submit" variant="filled" size="sm" disabled={!nameValid}>
          {t('action.start')}
        </Button>
        <KeptClusters />
      </form>
    </EmptyState>
  );
}

/** Clusters that were stopped under a name: one click brings each back as it was. */
function KeptClusters() {
  const t = useT();
  const left = usePicture((picture) => picture.left);
  const [kept, setKept] = useState<KeptCluster[]>([]);
  // Asked again whenever a cluster has stopped.
  useEffect(() => perform(keptClusters().then(setKept)), [left]);
  return kept.map(({ name, workers, datanodes }) => (
    <Button key={name} onClick={() => perform(startCluster({ engine: 'auto', workers, datanodes, name }))}>
      {t('start.kept', { name })}
    </Button>
  ));
}
