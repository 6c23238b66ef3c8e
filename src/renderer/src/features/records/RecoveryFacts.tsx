/** How far the store is from being whole, in numbers; what is not measured is said to be unknown. */
import { awayNodes, exposureMs, progressOf, shortageOf, type Shortage } from '../../../../core/records/recovery.ts';
import type { Translate } from '../../messages/i18n.ts';
import { NodeChip } from '../../parts/NodeChip.tsx';
import { useNowMs } from '../../stores/clock-store.ts';
import { usePicture } from '../../stores/picture-store.ts';
import { recoveryNow, useSamplesTick } from '../../stores/samples-store.ts';
import { useT } from '../../stores/settings-store.ts';
import { formatAge, formatBytes } from '../../ui/format.ts';
import page from '../../ui/page.module.css';
import { Section } from '../../ui/Section.tsx';
import styles from './records.module.css';

export function RecoveryFacts() {
  const t = useT();
  const nowMs = useNowMs();
  useSamplesTick();
  const views = usePicture((picture) => picture.views);
  const nodes = usePicture((picture) => picture.nodes);
  const store = usePicture((picture) => picture.store);
  const shortage = shortageOf({ views, nodes, store });
  const away = awayNodes(nodes);
  return (
    <Section title={t('recovery.title')}>
      <dl className={styles['recovery']}>
        {shortage === null ? (
          <Fact label={t('recovery.under')} value={t('recovery.unknown')} />
        ) : (
          <Numbers shortage={shortage} store={store} nowMs={nowMs} />
        )}
        <dt>{t('recovery.away')}</dt>
        <dd>
          {away.length === 0 && <span className="dim">{t('recovery.nobody-away')}</span>}
          {away.map(({ node, sinceMs }) => (
            <span key={node} className={styles['away']}>
              <NodeChip node={node} />
              <span className="num">{t('age.since', { age: formatAge(nowMs - sinceMs) })}</span>
            </span>
          ))}
        </dd>
      </dl>
      {shortage !== null && shortage.lost > 0 && (
        <p className={page['pad']} role="status">
          {t('store.shards-gone', { count: shortage.lost })}
        </p>
      )}
    </Section>
  );
}

type NumbersProps = { shortage: Shortage; store: Parameters<typeof progressOf>[0]; nowMs: number };

function Numbers({ shortage, store, nowMs }: NumbersProps) {
  const t = useT();
  const { short, shards, copiesMissing, copiesRunning, unwritable } = shortage;
  const progress = progressOf(store, shortage, recoveryNow(), nowMs);
  const { bytesRemaining, bytesPerSecond } = progress;
  const last = store.exposures.findLast(({ toMs }) => toMs !== null);
  const isBusy = copiesMissing + copiesRunning > 0;
  const rate = bytesPerSecond === null ? t('recovery.unknown') : `${formatBytes(Math.round(bytesPerSecond))}/s`;
  return (
    <>
      <Fact label={t('recovery.under')} value={t('recovery.under-value', { short, shards })} tone={short > 0} />
      <Fact
        label={t('recovery.copies')}
        value={t('recovery.copies-value', { missing: Math.max(copiesMissing, copiesRunning), running: copiesRunning })}
      />
      {unwritable > 0 && (
        <Fact label={t('recovery.unwritable')} value={t('recovery.under-value', { short: unwritable, shards })} tone />
      )}
      <Fact
        label={t('recovery.bytes')}
        value={bytesRemaining === null ? t('recovery.unknown') : formatBytes(Math.round(bytesRemaining))}
      />
      {isBusy && <Fact label={t('recovery.rate')} value={rate} />}
      {isBusy && <Fact label={t('recovery.eta')} value={etaText(t, shortage, progress.etaMs, nowMs)} />}
      {short > 0 && <Fact label={t('recovery.exposed')} value={exposedText(t, shortage, nowMs)} tone />}
      {last && (
        <Fact
          label={t('recovery.last-exposure')}
          value={t('recovery.last-exposure-value', { age: formatAge(exposureMs(last, nowMs)), shards: last.shards })}
        />
      )}
    </>
  );
}

function etaText(t: Translate, shortage: Shortage, etaMs: number | null, nowMs: number): string {
  if (shortage.copiesRunning === 0 && shortage.dueAtMs !== null && shortage.dueAtMs > nowMs) {
    return t('recovery.wait-due', { age: formatAge(shortage.dueAtMs - nowMs) });
  }
  if (shortage.copiesWithoutNode > 0) return t('recovery.wait-node');
  return etaMs === null ? t('recovery.unknown') : formatAge(etaMs);
}

function exposedText(t: Translate, { exposedSinceMs, isSinceKnown }: Shortage, nowMs: number): string {
  if (exposedSinceMs === null) return t('recovery.unknown');
  const age = formatAge(nowMs - exposedSinceMs);
  return isSinceKnown ? age : t('recovery.exposed-at-least', { age });
}

function Fact({ label, value, tone = false }: { label: string; value: string; tone?: boolean }) {
  return (
    <>
      <dt>{label}</dt>
      <dd className="num" data-tone={tone}>
        {value}
      </dd>
    </>
  );
}
