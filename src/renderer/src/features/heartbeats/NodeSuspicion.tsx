/** One node's suspicion in full: φ over the last minute, the formula with its live values, the spread of gaps. */
import { useElementSize } from '@mantine/hooks';
import type { NodePicture } from '../../../../core/cluster-picture.ts';
import { monitorOf } from '../../../../core/node-names.ts';
import { useNowMs } from '../../stores/clock-store.ts';
import { suspicionOf, useSamplesTick } from '../../stores/samples-store.ts';
import { useT } from '../../stores/settings-store.ts';
import { formatAge, formatMs } from '../../ui/format.ts';
import page from '../../ui/page.module.css';
import { Section } from '../../ui/Section.tsx';
import { countdownOf, type Deadline } from './countdown.ts';
import { GapChart } from './GapChart.tsx';
import styles from './heartbeats.module.css';
import { parametersOf } from './parameters.ts';
import { PhiChart } from './PhiChart.tsx';

export function NodeSuspicion({ node }: { node: NodePicture }) {
  const t = useT();
  const nowMs = useNowMs();
  const { ref, width } = useElementSize();
  useSamplesTick();
  const parameters = parametersOf(monitorOf(node.role));
  const suspicion = node.state === 'dead' ? undefined : suspicionOf(node.node);
  const countdown = suspicion && countdownOf(suspicion, nowMs - suspicion.heardAtMs, parameters);
  return (
    <div className={styles['suspicion']}>
      <Section
        title={t('phi.title', { node: node.node })}
        aside={<span className="dim">{t('heartbeats.formula')}</span>}
      >
        <div className={`${page['pad'] ?? ''} ${styles['phiPart'] ?? ''}`}>
          <PhiChart node={node.node} nowMs={nowMs} parameters={parameters} />
          {countdown ? (
            <dl className={styles['countdowns']}>
              <Until
                name={t('heartbeats.suspect-in')}
                hint={t('hint.suspect-in')}
                id="suspect-in"
                deadline={countdown.suspect}
                {...countdown}
              />
              <Until
                name={t('heartbeats.dead-in')}
                hint={t('hint.dead-in')}
                id="dead-in"
                deadline={countdown.dead}
                {...countdown}
              />
            </dl>
          ) : (
            <p className="dim">{t('phi.none')}</p>
          )}
        </div>
      </Section>
      <Section title={t('gaps.title', { node: node.node })}>
        <div className={page['pad']}>
          <div ref={ref}>
            <GapChart node={node.node} width={width} suspicion={suspicion} />
          </div>
        </div>
      </Section>
    </div>
  );
}

type UntilProps = {
  name: string;
  hint: string;
  id: string;
  deadline: Deadline;
  silentMs: number;
  meanMs: number;
  sigmaMs: number;
};

function Until({ name, hint, id, deadline, silentMs, meanMs, sigmaMs }: UntilProps) {
  const t = useT();
  const mean = Math.round(meanMs);
  return (
    <div data-due={deadline.leftMs === 0}>
      <dt title={hint}>{name}</dt>
      <dd>
        <strong data-testid={id}>{deadline.leftMs === 0 ? t('countdown.due') : formatAge(deadline.leftMs)}</strong>
        <span className="dim">{t('countdown.after', { after: formatMs(deadline.afterMs) })}</span>
      </dd>
      <dd className="mono dim">
        {`y = (${Math.round(silentMs)} − ${deadline.pauseMs > 0 ? `(${mean} + ${deadline.pauseMs})` : mean}) / ${Math.round(sigmaMs)} = ${((silentMs - meanMs - deadline.pauseMs) / sigmaMs).toFixed(2)}`}
      </dd>
      <dd className="mono">
        {`φ = log₁₀(1 + e^(1.5976·y + 0.070566·y³)) = ${deadline.phi > 99 ? '> 99' : deadline.phi.toFixed(2)} / ${deadline.threshold}`}
      </dd>
    </div>
  );
}
