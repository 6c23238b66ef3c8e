/** The counters of one edge. */
import { edgeOf, useSamplesTick } from '../../stores/samples-store.ts';
import { useT } from '../../stores/settings-store.ts';
import { formatCount } from '../../ui/format.ts';
import { NodeChip } from '../../parts/NodeChip.tsx';
import { BreakPanel } from './BreakPanel.tsx';
import { Facts, type Fact } from './Facts.tsx';
import styles from './inspector.module.css';

export function EdgeDetails({ from, to }: { from: string; to: string }) {
  const t = useT();
  useSamplesTick();
  const there = edgeOf(from, to);
  const back = edgeOf(to, from);
  const counts = (edge: typeof there): Fact[] => [
    [t('field.sent'), formatCount(edge?.sent ?? 0)],
    [t('field.ok'), formatCount(edge?.ok ?? 0)],
    [t('field.failed'), formatCount(edge?.failed ?? 0)],
    [t('field.in-flight'), formatCount(edge?.inFlight ?? 0)],
  ];
  return (
    <div className={styles['body']} tabIndex={0} role="group" aria-label={t('edge.counters')}>
      <div className={styles['hops']}>
        <NodeChip node={from} /> <span aria-hidden="true">→</span> <NodeChip node={to} />
      </div>
      <p className="dim" style={{ margin: 0 }}>
        {t('edge.text')}
      </p>
      <BreakPanel target={{ from, to }} />
      <Facts facts={counts(there)} />
      {back && (
        <>
          <h3>{t('edge.back', { from: to, to: from })}</h3>
          <Facts facts={counts(back)} />
        </>
      )}
    </div>
  );
}
