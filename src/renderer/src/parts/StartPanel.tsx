/** No cluster yet: one button to start one, and which engine it shall run on. */
import { Button, FileButton, NumberInput, Select, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { KeptCluster, Preflight } from '../../../contract/contract.ts';
import { CLUSTER_NAME, DATANODES_MAX, WORKERS_MAX } from '../../../contract/names.ts';
import { describeLeft, keptClusters, preflight, startCluster } from '../actions.ts';
import { playBundled, playFile } from '../player/playback.ts';
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
        <SmallMachine
          onUse={(offer) => {
            setWorkers(offer.workers);
            setDatanodes(offer.datanodes);
          }}
        />
        <Button type="submit" variant="filled" size="sm" disabled={!nameValid}>
          {t('action.start')}
        </Button>
        <KeptClusters />
        <Recordings />
      </form>
    </EmptyState>
  );
}

/** A first look without any engine. */
function Recordings() {
  const t = useT();
  return (
    <>
      <p className="dim">{t('playback.or')}</p>
      <div className={styles['startRow']}>
        <Button onClick={() => perform(playBundled())}>{t('playback.first')}</Button>
        <FileButton accept=".orrery" onChange={(file) => file && perform(playFile(file))}>
          {(props) => (
            <Button variant="subtle" {...props}>
              {t('playback.open')}
            </Button>
          )}
        </FileButton>
      </div>
    </>
  );
}

/** On a machine with little room: what would run calmly there, and one click to take it. */
function SmallMachine({ onUse }: { onUse(offer: Preflight['offer']): void }) {
  const t = useT();
  const [found, setFound] = useState<Preflight | null>(null);
  useEffect(() => perform(preflight().then((answer) => setFound(answer ?? null))), []);
  if (!found?.offer.small) return null;
  const { cpus, memoryBytes, offer } = found;
  const { workers, datanodes } = offer;
  return (
    <p className="dim">
      {t('start.small', { cpus, memory: Math.round(memoryBytes / 1_073_741_824) })}{' '}
      <Button size="compact-xs" onClick={() => onUse(offer)}>
        {t('start.small-use', { workers, datanodes })}
      </Button>
    </p>
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
