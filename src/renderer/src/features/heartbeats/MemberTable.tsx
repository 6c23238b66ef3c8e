/** All members: their beats, suspicion against its thresholds, and how long until a verdict. */
import type { NodePicture } from '../../../../core/cluster-picture.ts';
import { monitorOf } from '../../../../core/node-names.ts';
import { useNowMs } from '../../stores/clock-store.ts';
import { beatsOf, lastBeatOf, suspicionOf, useSamplesTick } from '../../stores/samples-store.ts';
import { selectNodes, useIsSelected } from '../../stores/selection-store.ts';
import { useT } from '../../stores/settings-store.ts';
import { formatAge, formatMs } from '../../ui/format.ts';
import { LongTable } from '../../ui/LongTable.tsx';
import { RoleShape } from '../../ui/RoleShape.tsx';
import { StateText } from '../../ui/StateText.tsx';
import table from '../../ui/table.module.css';
import { missedBeats } from './beat-scale.ts';
import { BeatStrip } from './BeatStrip.tsx';
import { countdownOf } from './countdown.ts';
import { parametersOf } from './parameters.ts';
import { PhiGauge } from './PhiGauge.tsx';
import styles from './heartbeats.module.css';

export function MemberTable({ members }: { members: readonly NodePicture[] }) {
  const t = useT();
  const nowMs = useNowMs();
  useSamplesTick();
  return (
    <LongTable
      label={t('heartbeats.members')}
      columns={10}
      head={
        <tr>
          <th>{t('field.node')}</th>
          <th>{t('field.state')}</th>
          <th data-num>{t('field.last-beat')}</th>
          <th className={styles['stripColumn']}>{t('heartbeats.last-minute')}</th>
          <th data-num>{t('heartbeats.mean')}</th>
          <th data-num title={t('hint.missed')}>
            {t('heartbeats.missed')}
          </th>
          <th title={t('hint.phi-route')}>{t('heartbeats.phi-route')}</th>
          <th data-num title={t('hint.suspect-in')}>
            {t('heartbeats.suspect-in')}
          </th>
          <th title={t('hint.phi-dead')}>{t('heartbeats.phi-dead')}</th>
          <th data-num title={t('hint.dead-in')}>
            {t('heartbeats.dead-in')}
          </th>
        </tr>
      }
      rows={members}
      row={(node) => <Row key={node.node} node={node} nowMs={nowMs} />}
    />
  );
}

function Row({ node, nowMs }: { node: NodePicture; nowMs: number }) {
  const t = useT();
  const selected = useIsSelected(node.node);
  const beat = lastBeatOf(node.node);
  return (
    <tr data-selected={selected}>
      <td className="mono">
        <span className={styles['who']}>
          <RoleShape role={node.role} state={node.state} size={18} />
          <button type="button" className={table['linkish']} onClick={() => selectNodes([node.node])}>
            {node.node}
          </button>
        </span>
      </td>
      <td>
        <StateText state={node.state} />
      </td>
      <td data-num data-testid={`beat-age-${node.node}`}>
        {beat ? t('age.ago', { age: formatAge(nowMs - beat.atMs) }) : '–'}
      </td>
      <td className={styles['stripColumn']}>
        <BeatStrip
          node={node.node}
          guest={node.guest}
          nowMs={nowMs}
          hue={node.role === 'worker' ? 'compute' : 'storage'}
          label={t('heartbeats.strip', { node: node.node })}
        />
      </td>
      <Suspected node={node} nowMs={nowMs} />
    </tr>
  );
}

function Suspected({ node, nowMs }: { node: NodePicture; nowMs: number }) {
  const t = useT();
  const suspicion = node.state === 'dead' ? undefined : suspicionOf(node.node);
  if (!suspicion)
    return [0, 1, 2, 3, 4, 5].map((at) => <td key={at} data-num={at !== 2 && at !== 4 ? '' : undefined} />);
  const parameters = parametersOf(monitorOf(node.role));
  const { silentMs, suspect, dead } = countdownOf(suspicion, nowMs - suspicion.heardAtMs, parameters);
  return (
    <>
      <td data-num>{`${formatMs(suspicion.meanMs)} ± ${Math.round(suspicion.sigmaMs)}`}</td>
      <td data-num>{missedBeats(beatsOf(node.node), parameters.heartbeatIntervalMs, silentMs)}</td>
      <td>
        <PhiGauge value={suspicion.phiRoute} threshold={suspect.threshold} label={t('heartbeats.phi-route')} />
      </td>
      <td data-num>{formatAge(suspect.leftMs)}</td>
      <td>
        <PhiGauge value={suspicion.phiDead} threshold={dead.threshold} label={t('heartbeats.phi-dead')} />
      </td>
      <td data-num>{formatAge(dead.leftMs)}</td>
    </>
  );
}
