/** Requests whose choice of a worker is known: who it was, why, and how the others stood at that moment. */
import { NodeChip } from '../../parts/NodeChip.tsx';
import { explainedTraces, type ExplainedTrace } from '../../stores/elastic-store.ts';
import { useSamplesTick } from '../../stores/samples-store.ts';
import { useT } from '../../stores/settings-store.ts';
import { formatClock, formatMs } from '../../ui/format.ts';
import page from '../../ui/page.module.css';
import table from '../../ui/table.module.css';
import styles from './elastic.module.css';

const SHOWN = 10;

export function WhyTable() {
  const t = useT();
  useSamplesTick();
  const traces = explainedTraces().slice(0, SHOWN);
  if (traces.length === 0) return <p className={`${page['pad'] ?? ''} dim`}>{t('why.none')}</p>;
  return (
    <div className={styles['scrolled']} tabIndex={0} role="group" aria-label={t('why.title')}>
      <table className={table['table']} aria-label={t('why.title')}>
        <thead>
          <tr>
            <th data-num>{t('field.at')}</th>
            <th>{t('field.worker')}</th>
            <th>{t('field.cause')}</th>
            <th data-num>{t('elastic.in-flight')}</th>
            <th data-num>{t('elastic.ewma')}</th>
            <th>{t('why.others')}</th>
          </tr>
        </thead>
        <tbody>
          {traces.map((trace) => (
            <Row key={trace.id} trace={trace} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ trace: { atMs, why } }: { trace: ExplainedTrace }) {
  const t = useT();
  const [chosen, ...others] = why.candidates;
  return (
    <tr>
      <td data-num>{formatClock(atMs, true)}</td>
      <td>
        <NodeChip node={why.worker} />
      </td>
      <td>{t(`why.reason.${why.reason}`)}</td>
      <td data-num>{chosen?.inFlight ?? '–'}</td>
      <td data-num>{chosen?.ewmaMs ? formatMs(chosen.ewmaMs) : '–'}</td>
      <td className={styles['told']}>
        {others
          .map(({ node, inFlight, ewmaMs, excluded }) => {
            const facts =
              excluded === undefined
                ? [String(inFlight), ewmaMs === null ? '–' : formatMs(ewmaMs)].join(', ')
                : t(`why.excluded.${excluded}`);
            return `${node} (${facts})`;
          })
          .join(' · ') || '–'}
      </td>
    </tr>
  );
}
