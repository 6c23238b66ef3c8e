/** Cluster and engine with their state, start and stop, and the way to the palette. */
import { Button, Kbd } from '@mantine/core';
import { spotlight } from '@mantine/spotlight';
import { IconPlayerPlay, IconPlayerStop, IconSearch } from '@tabler/icons-react';
import { startCluster } from '../actions.ts';
import { useConnection } from '../stores/connection-store.ts';
import { useNowMs } from '../stores/clock-store.ts';
import { useHasCluster, usePicture, useProgress } from '../stores/picture-store.ts';
import { usePage } from '../stores/navigation-store.ts';
import { useT } from '../stores/settings-store.ts';
import { formatAge, formatMs } from '../ui/format.ts';
import { FaultBar } from './FaultBar.tsx';
import styles from './frame.module.css';
import { openStopDialog } from '../stores/stop-dialog-store.ts';
import { perform } from '../perform.ts';

const onMac = /mac/i.test(navigator.platform);

export function TopBar() {
  const t = useT();
  const { connected } = useConnection();
  return (
    <header className={styles['bar']} aria-label={t('bar.label')}>
      <span className={styles['brand']}>{t('app.name')}</span>
      <Phase />
      <Engine />
      <span className={styles['grow']} />
      <Progress />
      <FaultBar />
      <RunControl disabled={!connected} />
      <Button
        variant="subtle"
        color="gray"
        leftSection={<IconSearch size={14} aria-hidden="true" />}
        rightSection={<Kbd size="xs">{t(onMac ? 'palette.keys-mac' : 'palette.keys')}</Kbd>}
        onClick={spotlight.open}
      >
        {t('palette.open')}
      </Button>
    </header>
  );
}

function Phase() {
  const t = useT();
  const phase = usePicture((picture) => picture.phase);
  const cluster = usePicture((picture) => picture.name ?? picture.cluster);
  const lost = usePicture((picture) => picture.engineLost !== null);
  const ready = usePicture((picture) => picture.nodes.filter((node) => node.state === 'ready').length);
  const all = usePicture((picture) => picture.nodes.length);
  const tookMs = usePicture((picture) => picture.readyTookMs);
  const alive = phase === 'running' || phase === 'starting';
  return (
    <>
      <span className={styles['phase']} data-phase={phase} data-lost={lost} data-testid="cluster-phase" role="status">
        {cluster !== null && alive && <span className="mono">{cluster}</span>}
        {t(`phase.${phase}`)}
      </span>
      {alive && (
        <span className="num dim" data-testid="cluster-ready-count">
          {t('bar.ready', { ready, all })}
        </span>
      )}
      {phase === 'running' && tookMs !== null && (
        <span className="dim">{t('bar.took', { took: formatMs(tookMs) })}</span>
      )}
    </>
  );
}

function Engine() {
  const t = useT();
  const engine = usePicture((picture) => picture.engine);
  const has = useHasCluster();
  const lost = usePicture((picture) => picture.engineLost);
  if (!engine || !has) return null;
  return (
    <span className={styles['engine']} title={engine.title}>
      {lost === null ? engine.title : t('engine.lost')}
    </span>
  );
}

function Progress() {
  const t = useT();
  const progress = useProgress();
  const phase = usePicture((picture) => picture.phase);
  const sinceMs = usePicture((picture) => picture.startingSinceMs);
  const nowMs = useNowMs();
  if (!progress && phase !== 'starting') return null;
  const share = progress?.total ? `${Math.round((100 * progress.done) / progress.total)} %` : '';
  return (
    <span className="dim num" role="status" aria-label={t('progress.label')}>
      {[progress?.step, share, sinceMs !== null && phase === 'starting' ? formatAge(nowMs - sinceMs) : '']
        .filter(Boolean)
        .join(' · ')}
    </span>
  );
}

function RunControl({ disabled }: { disabled: boolean }) {
  const t = useT();
  const phase = usePicture((picture) => picture.phase);
  const page = usePage();
  const running = phase === 'running' || phase === 'starting';
  if (running)
    return (
      <Button
        disabled={disabled}
        leftSection={<IconPlayerStop size={14} aria-hidden="true" />}
        onClick={() => openStopDialog(true)}
      >
        {t('action.stop')}
      </Button>
    );
  // Every other page offers the start itself while there is no cluster.
  if (page !== 'settings') return null;
  return (
    <Button
      variant="filled"
      disabled={disabled || phase === 'stopping'}
      leftSection={<IconPlayerPlay size={14} aria-hidden="true" />}
      onClick={() => perform(startCluster({ engine: 'auto', workers: 3, datanodes: 3, name: null }))}
    >
      {t('action.start')}
    </Button>
  );
}
