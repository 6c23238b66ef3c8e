/** Repairs by what made them necessary, newest first; each opens to its chain of events and its copies. */
import { UnstyledButton } from '@mantine/core';
import { useMemo, useState } from 'react';
import { chainOf, incidentsOf, type Incident, type Step } from '../../../../core/records/recovery.ts';
import type { Repair } from '../../../../core/records/store-history.ts';
import type { Translate } from '../../messages/i18n.ts';
import { NodeChip } from '../../parts/NodeChip.tsx';
import { usePicture } from '../../stores/picture-store.ts';
import { recoveryNow, useSamplesTick } from '../../stores/samples-store.ts';
import { useT } from '../../stores/settings-store.ts';
import { formatBytes, formatClock, formatCount, formatMs } from '../../ui/format.ts';
import page from '../../ui/page.module.css';
import { LongTable } from '../../ui/LongTable.tsx';
import { Section } from '../../ui/Section.tsx';
import styles from './records.module.css';

export function Repairs() {
  const t = useT();
  const repairs = usePicture(({ store }) => store.repairs);
  const incidents = useMemo(() => incidentsOf(repairs), [repairs]);
  const [chosen, setChosen] = useState<string | null>(null);
  const open = chosen ?? incidents[0]?.id ?? null;
  return (
    <Section title={t('repair.title')} fill>
      {incidents.length === 0 && <p className={`${page['pad'] ?? ''} dim`}>{t('repair.none')}</p>}
      <div className={`${page['scroll'] ?? ''}`} tabIndex={0} role="group" aria-label={t('repair.title')}>
        {incidents.map((incident) => (
          <IncidentView
            key={incident.id}
            incident={incident}
            isOpen={incident.id === open}
            onToggle={() => setChosen(incident.id === open ? '' : incident.id)}
          />
        ))}
      </div>
    </Section>
  );
}

type IncidentProps = { incident: Incident; isOpen: boolean; onToggle: () => void };

function IncidentView({ incident, isOpen, onToggle }: IncidentProps) {
  const t = useT();
  const { reason, repairs, startedAtMs, endedAtMs, loss } = incident;
  const count = (how: string | undefined): number => repairs.filter(({ end }) => end?.how === how).length;
  const parts = [t('repair.summary', { copies: repairs.length, finished: count('finished') })];
  if (count('abandoned') > 0) parts.push(t('repair.given-up', { count: count('abandoned') }));
  if (count(undefined) > 0) parts.push(t('repair.running', { count: count(undefined) }));
  if (endedAtMs !== null) parts.push(formatMs(endedAtMs - startedAtMs));
  return (
    <div className={styles['incident']}>
      <UnstyledButton className={styles['incidentHead'] ?? ''} aria-expanded={isOpen} onClick={onToggle}>
        <span className="num">{formatClock(loss?.atMs ?? startedAtMs)}</span>
        <strong>{reason}</strong>
        <span className="dim">{parts.join(' · ')}</span>
      </UnstyledButton>
      {isOpen && (
        <div className={styles['incidentBody']}>
          <Chain incident={incident} />
          <div className={styles['incidentCopies']}>
            <CopiesOf repairs={repairs} />
          </div>
        </div>
      )}
    </div>
  );
}

function Chain({ incident }: { incident: Incident }) {
  const t = useT();
  const steps = chainOf(incident);
  const firstMs = steps[0]?.atMs ?? 0;
  return (
    <ol className={styles['chain']} aria-label={t('repair.chain')}>
      {steps.map((step) => (
        <li key={`${step.what}-${step.atMs}`} data-what={step.what}>
          <span className="num">{formatClock(step.atMs, true)}</span>
          <span className="num dim">{`+ ${formatMs(step.atMs - firstMs)}`}</span>
          <span>{describe(step, t)}</span>
        </li>
      ))}
    </ol>
  );
}

function describe(step: Step, t: Translate): string {
  const { node = '' } = step;
  switch (step.what) {
    case 'asked':
      return t('repair.step.asked', { node, by: t(`actor.${step.by}`) });
    case 'exited':
      return t('repair.step.exited', { node, cause: t(`cause.${step.cause}`) });
    case 'dead':
    case 'back':
      return t(`repair.step.${step.what}`, { node });
    case 'lost':
      return t('repair.step.lost', { shards: step.shards, nodes: step.nodes.join(', '), reason: step.reason });
    case 'finished': {
      const { copies, records, bytes } = step;
      return t('repair.step.finished', { copies, records: formatCount(records), bytes: formatBytes(bytes) });
    }
    case 'abandoned':
      return t('repair.step.abandoned', { copies: step.copies, reason: step.reason });
    case 'started':
    case 'unseen':
      return t(`repair.step.${step.what}`, { copies: step.copies });
    case 'joined':
      return t('repair.step.joined', { shards: step.shards });
  }
}

function CopiesOf({ repairs }: { repairs: readonly Repair[] }) {
  const t = useT();
  useSamplesTick();
  const running = new Map(recoveryNow()?.running.map(([repair, ...bytes]) => [repair, bytes]));
  return (
    <LongTable
      label={t('repair.copies')}
      columns={6}
      head={
        <tr>
          <th data-num>{t('shards.shard')}</th>
          <th>{t('field.from')}</th>
          <th>{t('field.to')}</th>
          <th data-num>{t('repair.epochs')}</th>
          <th data-num>{t('field.size')}</th>
          <th>{t('field.outcome')}</th>
        </tr>
      }
      rows={repairs}
      row={(repair) => (
        <CopyRow key={`${repair.repair}-${repair.startedAtMs}`} repair={repair} sent={running.get(repair.repair)} />
      )}
    />
  );
}

function CopyRow({ repair, sent }: { repair: Repair; sent: [number, number | null] | undefined }) {
  const t = useT();
  const { shard, from, to, loss, joined, end } = repair;
  return (
    <tr>
      <td data-num>{shard}</td>
      <td>
        <NodeChip node={from} />
      </td>
      <td>
        <NodeChip node={to} />
      </td>
      <td data-num>{`${loss?.epoch ?? '–'} → ${joined?.epoch ?? '–'}`}</td>
      <td data-num>{sizeText(repair, sent)}</td>
      <td
        className={styles['repairEnd']}
        data-how={end?.how ?? 'running'}
        title={end?.how === 'abandoned' ? end.reason : repair.repair}
      >
        {t(`repair.end.${end?.how ?? 'running'}`)}
        {end?.how === 'finished' && ` · ${formatMs(end.tookMs)}`}
      </td>
    </tr>
  );
}

function sizeText({ end }: Repair, sent: [number, number | null] | undefined): string {
  if (end?.how === 'finished') return formatBytes(end.bytes);
  if (end !== null || sent === undefined) return '–';
  const [done, all] = sent;
  return all === null ? formatBytes(done) : `${formatBytes(done)} / ${formatBytes(all)}`;
}
