/** One node of the picture: its sign, name and what matters now. A tombstone offers Respawn. */
import { memo } from 'react';
import type { NodeProps } from '@xyflow/react';
import { isBuried, type NodePicture } from '../../../../core/cluster-picture.ts';
import { respawnNodes } from '../../actions.ts';
import { useNowMs } from '../../stores/clock-store.ts';
import { briefMs } from '../../parts/describe-fault.ts';
import { useSideOf } from '../../stores/fault-draft-store.ts';
import { useNode, usePicture } from '../../stores/picture-store.ts';
import { lastBeatOf, usageOf, useSampled } from '../../stores/samples-store.ts';
import { useIsSelected } from '../../stores/selection-store.ts';
import { useT } from '../../stores/settings-store.ts';
import { formatAge, formatBytes, formatClock, formatMs, formatShare } from '../../ui/format.ts';
import { RoleShape } from '../../ui/RoleShape.tsx';
import { useHighlighted } from './highlight.ts';
import styles from './topology.module.css';
import { perform } from '../../perform.ts';

export const NodeView = memo(function NodeView({ id }: NodeProps) {
  const node = useNode(id);
  if (!node) return null;
  return <NodeBody node={node} />;
});

function NodeBody({ node }: { node: NodePicture }) {
  const t = useT();
  const selected = useIsSelected(node.node);
  const highlighted = useHighlighted(node.node);
  const side = useSideOf(node.node);
  // Its monitor may hold it for dead; whoever froze it knows better.
  const state = node.engineWord === 'paused' ? 'paused' : node.state;
  const inFlight = useSampled(() => lastBeatOf(node.node)?.inFlight ?? 0);
  const label = t('topology.node-label', {
    node: node.node,
    role: node.guest === undefined ? t(`role.${node.role}`) : t(`guest.${node.guest}`),
    state: t(`state.${state}`),
    count: inFlight,
  });
  return (
    <div
      className={styles['node']}
      data-role={node.role}
      data-guest={node.guest}
      data-state={state}
      data-selected={selected}
      data-highlighted={highlighted}
    >
      <div className={styles['signBox']}>
        <button
          type="button"
          className={styles['sign']}
          data-walk={node.node}
          data-testid={`node-${node.node}`}
          data-state={state}
          aria-label={label}
          aria-pressed={selected}
          tabIndex={-1}
        >
          <RoleShape role={node.role} state={state} mark={inFlight > 0 ? String(inFlight) : undefined} />
        </button>
        {side !== null && <span className={styles['side']}>{side}</span>}
        {isBuried(node) && node.guest === undefined && (
          <button type="button" className={styles['respawn']} onClick={() => perform(respawnNodes([node.node]))}>
            {t('action.respawn')}
            <span className="visually-hidden"> {node.node}</span>
          </button>
        )}
      </div>
      <div className={styles['label']}>
        <span className={styles['name']}>{node.node}</span>
        <NodeNote node={node} />
      </div>
    </div>
  );
}

/** The line below the name: a cause and time for the dead, progress for the young, trouble for the sick. */
function NodeNote({ node }: { node: NodePicture }) {
  const t = useT();
  const slowMs = usePicture(({ faults }) =>
    faults.reduce(
      (sum, { spec }) => sum + (spec.kind === 'slow-disk' && spec.nodes.includes(node.node) ? spec.delayMs : 0),
      0,
    ),
  );
  if (node.engineWord === 'paused') return <Paused node={node.node} />;
  if (node.state === 'dead' && node.tombstone) {
    const cause = t(`cause.${node.tombstone.cause}`);
    return (
      <span className={styles['note']} data-tone="dead" data-testid={`tombstone-${node.node}`}>
        {`${cause} ${formatClock(node.tombstone.atMs)}`}
      </span>
    );
  }
  if (node.state === 'suspect') return <Silence node={node.node} />;
  if (node.state === 'ready' && node.guest !== undefined) {
    return <span className={styles['note']}>{t('guest.yours')}</span>;
  }
  if (node.state === 'ready' && slowMs > 0)
    return (
      <span className={styles['note']} data-tone="retry">
        {t('break.disk-slow', { delay: briefMs(slowMs) })}
      </span>
    );
  if (node.state === 'ready') return <Load node={node} />;
  if (node.state === 'starting') return <Since node={node} />;
  return <span className={styles['note']}>{t(`state.${node.state}`)}</span>;
}

const NEWS_MS = 6_000;

/** How long it took to come up, while that is news; then what it uses. */
function Load({ node }: { node: NodePicture }) {
  const t = useT();
  const nowMs = useNowMs(1_000);
  const usage = useSampled(() => {
    const now = usageOf(node.node);
    return now ? `${formatShare(now.cpuShare)} · ${formatBytes(now.memoryBytes)}` : null;
  });
  const { launchedAtMs, readyTookMs } = node;
  // One that was silent or frozen for a while is ready again, and did not come up just now.
  const news = launchedAtMs !== null && readyTookMs !== null && nowMs - launchedAtMs - readyTookMs < NEWS_MS;
  const text = news ? t('topology.ready-in', { took: formatMs(readyTookMs) }) : (usage ?? t('state.ready'));
  return <span className={styles['note']}>{text}</span>;
}

function Since({ node }: { node: NodePicture }) {
  const t = useT();
  const nowMs = useNowMs();
  return <span className={styles['note']}>{`${t(`state.${node.state}`)} ${formatAge(nowMs - node.sinceMs)}`}</span>;
}

function Silence({ node }: { node: string }) {
  const t = useT();
  const nowMs = useNowMs();
  const atMs = lastBeatOf(node)?.atMs;
  const text = atMs === undefined ? t('state.suspect') : t('topology.silent', { age: formatAge(nowMs - atMs) });
  return (
    <span className={styles['note']} data-tone="retry">
      {text}
    </span>
  );
}

function Paused({ node }: { node: string }) {
  const t = useT();
  const nowMs = useNowMs(1_000);
  const endsAtMs = usePicture(
    ({ faults }) => faults.find(({ spec }) => spec.kind === 'pause' && spec.nodes.includes(node))?.endsAtMs ?? null,
  );
  const text =
    endsAtMs === null ? t('state.paused') : t('break.paused-left', { left: formatAge(Math.max(0, endsAtMs - nowMs)) });
  return (
    <span className={styles['note']} data-tone="retry">
      {text}
    </span>
  );
}
