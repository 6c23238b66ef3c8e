/** What was judged of members, newest first, and how long each verdict took. */
import { useMemo } from 'react';
import { NodeChip } from '../../parts/NodeChip.tsx';
import { useEvents } from '../../stores/picture-store.ts';
import { useT } from '../../stores/settings-store.ts';
import { formatClock, formatMs } from '../../ui/format.ts';
import page from '../../ui/page.module.css';
import table from '../../ui/table.module.css';
import styles from './heartbeats.module.css';
import { verdictsIn, type Verdict } from './verdicts.ts';

const LIMIT = 200;

export function VerdictTable() {
  const t = useT();
  const events = useEvents();
  const verdicts = useMemo(() => verdictsIn(events, LIMIT), [events]);
  if (verdicts.length === 0) return <p className={`${page['pad'] ?? ''} dim`}>{t('verdicts.none')}</p>;
  return (
    <div className={styles['verdicts']} tabIndex={0} role="group" aria-label={t('verdicts.title')}>
      <table className={table['table']} aria-label={t('verdicts.title')}>
        <thead>
          <tr>
            <th data-num>{t('field.at')}</th>
            <th>{t('field.node')}</th>
            <th>{t('verdicts.verdict')}</th>
            <th data-num title={t('hint.detection')}>
              {t('verdicts.took')}
            </th>
            <th data-num>{t('verdicts.phi')}</th>
            <th data-wide>{t('field.cause')}</th>
          </tr>
        </thead>
        <tbody>
          {verdicts.map((verdict) => (
            <Row key={verdict.seq} verdict={verdict} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ verdict }: { verdict: Verdict }) {
  const t = useT();
  const { atMs, node, phi, threshold, tookMs, afterExitMs, cause } = verdict;
  return (
    <tr>
      <td data-num>{formatClock(atMs, true)}</td>
      <td>
        <NodeChip node={node} />
      </td>
      <td>
        <span className={styles['verdict']} data-verdict={verdict.verdict}>
          {t(`verdict.${verdict.verdict}`)}
        </span>
      </td>
      <td data-num>{tookMs === null ? '–' : formatMs(tookMs)}</td>
      <td data-num>
        {phi === null ? '–' : `${phi > 99 ? '> 99' : phi.toFixed(1)}${threshold === null ? '' : ` / ${threshold}`}`}
      </td>
      <td>
        {cause !== null && t(`verdict.cause.${cause}`)}
        {afterExitMs !== null && ` ${t('verdict.after-exit', { took: formatMs(afterExitMs) })}`}
      </td>
    </tr>
  );
}
