/** One node: state, numbers with their age, what can be done with it, its logs. */
import { Button } from '@mantine/core';
import { isBuried, type NodePicture } from '../../../../core/cluster-picture.ts';
import { holdDown, killNodes, removeNodes, respawnNodes } from '../../actions.ts';
import { useNowMs } from '../../stores/clock-store.ts';
import { usePicture } from '../../stores/picture-store.ts';
import { lastBeatOf, cpuSharesOf, usageOf, useSamplesTick } from '../../stores/samples-store.ts';
import { useT } from '../../stores/settings-store.ts';
import type { Translate } from '../../messages/i18n.ts';
import { formatAge, formatBytes, formatClock, formatMs, formatShare } from '../../ui/format.ts';
import { RoleShape } from '../../ui/RoleShape.tsx';
import { Sparkline } from '../../ui/Sparkline.tsx';
import { StateText } from '../../ui/StateText.tsx';
import { BreakPanel } from './BreakPanel.tsx';
import { Facts, type Fact } from './Facts.tsx';
import styles from './inspector.module.css';
import { Logs } from './Logs.tsx';
import { perform } from '../../perform.ts';

export function NodeDetails({ node }: { node: NodePicture }) {
  const t = useT();
  const nowMs = useNowMs();
  return (
    <div className={styles['body']} tabIndex={0} role="group" aria-label={node.node}>
      <div className={styles['who']}>
        <RoleShape role={node.role} state={node.state} size={44} />
        <div>
          <div>{node.guest === undefined ? t(`role.${node.role}`) : t(`guest.${node.guest}`)}</div>
          <div className="dim">
            <StateText state={node.state} /> {t('age.since', { age: formatAge(nowMs - node.sinceMs) })}
          </div>
        </div>
      </div>
      {node.guest === undefined ? <Actions node={node} /> : <p className="dim">{t('guest.note')}</p>}
      {node.trouble && (
        <div className={styles['trouble']} role="alert">
          {t('node.trouble', { text: node.trouble.text })}
        </div>
      )}
      <BreakPanel target={{ nodes: [node.node] }} />
      <Numbers node={node} nowMs={nowMs} />
      {node.guest === undefined && <Logs key={`${node.node}:${node.incarnation ?? 0}`} node={node.node} />}
    </div>
  );
}

function Actions({ node }: { node: NodePicture }) {
  const t = useT();
  const lost = usePicture((picture) => picture.engineLost !== null);
  const monitor = node.role === 'master' || node.role === 'headnode';
  const ids = [node.node];
  return (
    <div className={styles['buttons']} role="group" aria-label={t('node.actions')}>
      {isBuried(node) ? (
        <Button variant="filled" disabled={lost} onClick={() => perform(respawnNodes(ids))}>
          {t('action.respawn')}
        </Button>
      ) : (
        <Button disabled={lost} onClick={() => perform(killNodes(ids))} title={t('hint.kill')}>
          {t('action.kill')}
        </Button>
      )}
      {monitor ? (
        <Button
          disabled={lost}
          aria-pressed={node.heldDown}
          title={t('hint.hold-down')}
          onClick={() => perform(holdDown(node.node, !node.heldDown))}
        >
          {node.heldDown ? t('action.release') : t('action.hold-down')}
        </Button>
      ) : (
        <Button disabled={lost} onClick={() => perform(removeNodes(ids))} title={t('hint.remove')}>
          {t('action.remove')}
        </Button>
      )}
    </div>
  );
}

function tombstoneFacts(node: NodePicture, t: Translate): Fact[] {
  const { tombstone } = node;
  if (!tombstone) return [];
  const { cause, atMs, exitCode, by } = tombstone;
  return [
    [t('field.cause'), t(`cause.${cause}`)],
    [t('field.at'), formatClock(atMs, true)],
    ...(exitCode === null ? [] : [[t('field.exit-code'), String(exitCode)] satisfies Fact]),
    ...(by === null ? [] : [[t('field.by'), t(`actor.${by}`)] satisfies Fact]),
  ];
}

function Numbers({ node, nowMs }: { node: NodePicture; nowMs: number }) {
  const t = useT();
  useSamplesTick();
  const beat = lastBeatOf(node.node);
  const usage = usageOf(node.node);
  const alive = node.state !== 'dead';
  const shares = cpuSharesOf(node.node);
  const facts: Fact[] = [
    ...tombstoneFacts(node, t),
    [t('field.incarnation'), node.incarnation === null ? '–' : String(node.incarnation)],
    [t('field.ready-in'), node.readyTookMs === null ? '–' : formatMs(node.readyTookMs)],
  ];
  if (beat) {
    facts.push([t('field.last-beat'), t('age.ago', { age: formatAge(nowMs - beat.atMs) })]);
    if (alive) facts.push([t('field.in-flight'), String(beat.inFlight)]);
    if (alive && beat.eventLoopLagMs !== null) facts.push([t('field.lag'), formatMs(beat.eventLoopLagMs)]);
  }
  if (usage && alive) {
    facts.push([t('field.cpu'), formatShare(usage.cpuShare)], [t('field.memory'), formatBytes(usage.memoryBytes)]);
  }
  return (
    <>
      <Facts facts={facts} />
      {alive && shares.length > 2 && <Sparkline values={shares} label={t('node.cpu-history')} />}
    </>
  );
}
