/** How many workers there are, why, and how requests are spread over them; and the rule by which it is decided. */
import { Select, Switch } from '@mantine/core';
import { BALANCER_POLICIES } from '../../../../../containers/protocol/balancing.ts';
import type { AutoscalerPicture } from '../../../../../containers/protocol/autoscaler.ts';
import type { BalancerState } from '../../../../../containers/protocol/stream.ts';
import { attempt } from '../../actions.ts';
import { getClient } from '../../bridge.ts';
import { describeNext, describeNow } from '../../parts/describe-scaling.ts';
import { perform } from '../../perform.ts';
import { elasticNow } from '../../stores/elastic-store.ts';
import { useSamplesTick } from '../../stores/samples-store.ts';
import { useT } from '../../stores/settings-store.ts';
import { formatCount, formatMs, formatRate } from '../../ui/format.ts';
import page from '../../ui/page.module.css';
import { PageHead } from '../../ui/PageHead.tsx';
import { ReadoutLine, ReadoutValue } from '../../ui/Readout.tsx';
import { Section } from '../../ui/Section.tsx';
import { DecisionLog } from './DecisionLog.tsx';
import styles from './elastic.module.css';
import { ScalingForm } from './ScalingForm.tsx';
import { WhyTable } from './WhyTable.tsx';
import { WorkerCharts } from './WorkerCharts.tsx';
import { WorkerTable } from './WorkerTable.tsx';

export function ElasticPage() {
  const t = useT();
  useSamplesTick();
  const { autoscaler, balancer } = elasticNow();
  return (
    <div className={page['page']}>
      <PageHead title={t('page.elastic')} text={t('elastic.text')}>
        {autoscaler && <OnOff enabled={autoscaler.settings.enabled} />}
      </PageHead>
      <div className={styles['pair']}>
        <Section title={t('elastic.over-time')}>
          {autoscaler && <Now autoscaler={autoscaler} />}
          <WorkerCharts />
        </Section>
        <Section title={t('elastic.settings')}>{autoscaler && <ScalingForm settings={autoscaler.settings} />}</Section>
      </div>
      <Section title={t('elastic.log')}>
        <DecisionLog />
      </Section>
      <Section title={t('elastic.by-worker')} aside={balancer && <Balancing balancer={balancer} />}>
        <WorkerTable />
      </Section>
      <Section title={t('why.title')}>
        <WhyTable />
      </Section>
    </div>
  );
}

function OnOff({ enabled }: { enabled: boolean }) {
  const t = useT();
  const set = (wanted: boolean) => attempt(() => getClient().call('autoscaler.set', { enabled: wanted }));
  return (
    <Switch
      className={styles['switch'] ?? ''}
      label={t('elastic.switch')}
      checked={enabled}
      onChange={(event) => perform(set(event.currentTarget.checked))}
    />
  );
}

/** The verdict of this moment, and what it was made of. */
function Now({ autoscaler }: { autoscaler: AutoscalerPicture }) {
  const t = useT();
  const { facts, desired, active, standby, draining, settings, next } = autoscaler;
  const foreseen = settings.enabled ? describeNext(next, t) : '';
  return (
    <>
      <ReadoutLine>
        <em data-testid="scaling-verdict">{describeNow(autoscaler, t)}</em>
        {foreseen !== '' && <span>{foreseen}</span>}
      </ReadoutLine>
      <ReadoutLine>
        <ReadoutValue name={t('elastic.active')} value={settings.enabled ? `${active} / ${desired}` : String(active)} />
        <ReadoutValue name={t('elastic.standby')} value={String(standby)} />
        <ReadoutValue name={t('elastic.draining')} value={String(draining)} />
        <ReadoutValue name={t('elastic.need')} value={facts.need === null ? '–' : String(facts.need)} />
        <ReadoutValue name={t('elastic.arrivals')} value={formatRate(facts.rate2)} />
        <ReadoutValue name={t('elastic.service')} value={facts.serviceMs === null ? '–' : formatMs(facts.serviceMs)} />
        <ReadoutValue name={t('elastic.p95')} value={facts.p95Ms === null ? '–' : formatMs(facts.p95Ms)} />
      </ReadoutLine>
    </>
  );
}

function Balancing({ balancer }: { balancer: BalancerState }) {
  const t = useT();
  const { policy, queueDepth, estimatedWaitMs, shedding, shed, retries, deadlineMissed } = balancer;
  const set = (value: string | null) => {
    const wanted = BALANCER_POLICIES.find((known) => known === value);
    if (wanted !== undefined) perform(attempt(() => getClient().call('balancer.set', { policy: wanted })));
  };
  return (
    <span className={styles['balancing']}>
      <ReadoutValue name={t('balancing.queue')} value={formatCount(queueDepth)} />
      <ReadoutValue name={t('balancing.wait')} value={estimatedWaitMs === null ? '–' : formatMs(estimatedWaitMs)} />
      <ReadoutValue name={t('balancing.retries')} value={formatCount(retries)} />
      <ReadoutValue name={t('balancing.shed')} value={formatCount(shed)} />
      <ReadoutValue name={t('balancing.missed')} value={formatCount(deadlineMissed)} />
      {shedding && <strong className={styles['warning']}>{t('balancing.shedding')}</strong>}
      <Select
        aria-label={t('elastic.balancing')}
        data={BALANCER_POLICIES.map((value) => ({ value, label: t(`balancing.policy.${value}`) }))}
        value={policy}
        onChange={set}
        allowDeselect={false}
        w={250}
      />
    </span>
  );
}
