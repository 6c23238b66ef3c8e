/** What was decided, by which rule, from what, and what would trigger the next; newest first. */
import { useMemo } from 'react';
import { NodeChip } from '../../parts/NodeChip.tsx';
import { describeDecision, describeFacts, describeNext, isChange } from '../../parts/describe-scaling.ts';
import { useEvents } from '../../stores/picture-store.ts';
import { useT } from '../../stores/settings-store.ts';
import { formatClock, formatMs } from '../../ui/format.ts';
import page from '../../ui/page.module.css';
import table from '../../ui/table.module.css';
import { decisionsIn, type LoggedDecision, type TakenOver } from './decisions.ts';
import styles from './elastic.module.css';

const LIMIT = 100;

export function DecisionLog() {
  const t = useT();
  const events = useEvents();
  const decisions = useMemo(() => decisionsIn(events, LIMIT), [events]);
  if (decisions.length === 0) return <p className={`${page['pad'] ?? ''} dim`}>{t('elastic.log-none')}</p>;
  return (
    <div
      className={`${styles['scrolled'] ?? ''} ${styles['log'] ?? ''}`}
      tabIndex={0}
      role="group"
      aria-label={t('elastic.log')}
    >
      <table className={table['table']} aria-label={t('elastic.log')}>
        <thead>
          <tr>
            <th data-num>{t('field.at')}</th>
            <th>{t('elastic.decided')}</th>
            <th>{t('elastic.policy')}</th>
            <th>{t('elastic.looked-at')}</th>
            <th>{t('elastic.next')}</th>
          </tr>
        </thead>
        <tbody>
          {decisions.map((logged) => (
            <Row key={logged.seq} logged={logged} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ logged }: { logged: LoggedDecision }) {
  const t = useT();
  const { decision, atMs, takenOver } = logged;
  return (
    <tr>
      <td data-num>{formatClock(atMs)}</td>
      <td className={styles['told']}>
        <span className={styles['decision']} data-change={isChange(decision)}>
          {describeDecision(decision, t)}
        </span>
        {takenOver.map((taken) => (
          <Taken key={taken.node} taken={taken} />
        ))}
      </td>
      <td>{t(`scaling.policy.${decision.policy}`)}</td>
      <td className={styles['told']}>{describeFacts(decision.facts, t)}</td>
      <td className={styles['told']}>{describeNext(decision.next, t) || '–'}</td>
    </tr>
  );
}

/** What the standby saved: its own start, which nobody had to wait for. */
function Taken({ taken: { node, wasStandby, givenMs, startMs } }: { taken: TakenOver }) {
  const t = useT();
  const given = formatMs(givenMs);
  return (
    <span className={styles['taken']}>
      <NodeChip node={node} /> {t(wasStandby ? 'elastic.took-over' : 'elastic.took-over-cold', { given })}
      {wasStandby && startMs !== null && startMs > givenMs && (
        <b>{t('elastic.saved', { cold: formatMs(startMs), saved: formatMs(startMs - givenMs) })}</b>
      )}
    </span>
  );
}
