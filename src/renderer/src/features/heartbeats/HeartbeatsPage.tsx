/** Who was heard when: age of the last beat, the beats of the last minute, and suspicion against its thresholds. */
import type { NodePicture } from '../../../../core/cluster-picture.ts';
import { monitorOf } from '../../../../core/node-names.ts';
import { useNowMs } from '../../stores/clock-store.ts';
import { usePicture } from '../../stores/picture-store.ts';
import { lastBeatOf, suspicionOf, useSamplesTick } from '../../stores/samples-store.ts';
import { selectNodes, useIsSelected } from '../../stores/selection-store.ts';
import { useT } from '../../stores/settings-store.ts';
import { formatAge, formatMs } from '../../ui/format.ts';
import { LongTable } from '../../ui/LongTable.tsx';
import page from '../../ui/page.module.css';
import { PageHead } from '../../ui/PageHead.tsx';
import { RoleShape } from '../../ui/RoleShape.tsx';
import { Section } from '../../ui/Section.tsx';
import { StateText } from '../../ui/StateText.tsx';
import table from '../../ui/table.module.css';
import { PHI_THRESHOLD, phiShare } from './beat-scale.ts';
import { BeatStrip } from './BeatStrip.tsx';
import styles from './heartbeats.module.css';

export function HeartbeatsPage() {
  const t = useT();
  const nodes = usePicture((picture) => picture.nodes);
  const members = nodes.filter((node) => monitorOf(node.role) !== null);
  const nowMs = useNowMs();
  useSamplesTick();
  return (
    <div className={page['page']}>
      <PageHead title={t('page.heartbeats')} text={t('heartbeats.text')} />
      <Section title={t('heartbeats.members')} fill aside={<span className="dim">{t('heartbeats.formula')}</span>}>
        <LongTable
          label={t('heartbeats.members')}
          columns={7}
          head={
            <tr>
              <th>{t('field.node')}</th>
              <th>{t('field.state')}</th>
              <th data-num>{t('field.last-beat')}</th>
              <th className={styles['stripColumn']}>{t('heartbeats.last-minute')}</th>
              <th data-num>{t('heartbeats.mean')}</th>
              <th title={t('hint.phi-route')}>{t('heartbeats.phi-route')}</th>
              <th title={t('hint.phi-dead')}>{t('heartbeats.phi-dead')}</th>
            </tr>
          }
          rows={members}
          row={(node) => <Row key={node.node} node={node} nowMs={nowMs} />}
        />
      </Section>
    </div>
  );
}

function Row({ node, nowMs }: { node: NodePicture; nowMs: number }) {
  const t = useT();
  const selected = useIsSelected(node.node);
  const beat = lastBeatOf(node.node);
  const suspicion = node.state === 'dead' ? undefined : suspicionOf(node.node);
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
          nowMs={nowMs}
          hue={node.role === 'worker' ? 'compute' : 'storage'}
          label={t('heartbeats.strip', { node: node.node })}
        />
      </td>
      <td data-num>{suspicion ? `${formatMs(suspicion.meanMs)} ± ${Math.round(suspicion.sigmaMs)}` : '–'}</td>
      <td>
        <Phi value={suspicion?.phiRoute} label={t('heartbeats.phi-route')} />
      </td>
      <td>
        <Phi value={suspicion?.phiDead} label={t('heartbeats.phi-dead')} />
      </td>
    </tr>
  );
}

/** A bar that fills towards the threshold in its middle. */
function Phi({ value, label }: { value: number | undefined; label: string }) {
  if (value === undefined) return <span className="dim">–</span>;
  const over = value >= PHI_THRESHOLD;
  return (
    <span className={styles['phi']} data-over={over}>
      <span
        className={styles['gauge']}
        role="meter"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={16}
        // Tiny values would be written with an exponent, which is no number to a screen reader.
        aria-valuenow={Number(Math.min(16, Math.max(0, value)).toFixed(1))}
      >
        <span className={styles['fill']} style={{ width: `${phiShare(value) * 100}%` }} />
      </span>
      <span className="num">{value > 16 ? '> 16' : value.toFixed(1)}</span>
    </span>
  );
}
