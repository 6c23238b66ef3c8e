/** Everything that happened to one task, as a small timeline. */
import { Button, CloseButton } from '@mantine/core';
import { useCallback, useState } from 'react';
import type { TaskHappening } from '../../../../../containers/protocol/tasks.ts';
import { attempt } from '../../actions.ts';
import { getClient } from '../../bridge.ts';
import type { Translate } from '../../messages/i18n.ts';
import { NodeChip } from '../../parts/NodeChip.tsx';
import { perform } from '../../perform.ts';
import { useT } from '../../stores/settings-store.ts';
import { formatClock, formatMs } from '../../ui/format.ts';
import page from '../../ui/page.module.css';
import { Section } from '../../ui/Section.tsx';
import { isFinal } from './task-view.ts';
import styles from './tasks.module.css';
import { usePolled } from '../../parts/use-polled.ts';

export function TaskAttempts({ id, onClose }: { id: string; onClose: () => void }) {
  const t = useT();
  /** Goes up when the task is tried anew, so that its past is read on. */
  const [round, setRound] = useState(0);
  const ask = useCallback(() => getClient().call('tasks.attempts', { id }), [id]);
  const answer = usePolled(ask, ({ status }) => !isFinal(status), { again: round });
  const again = async (): Promise<void> => {
    await attempt(() => getClient().call('tasks.redrive', { ids: [id] }));
    setRound((known) => known + 1);
  };
  const first = answer?.history[0];
  return (
    <Section
      title={t('attempts.title')}
      aside={<CloseButton size="sm" aria-label={t('attempts.close')} onClick={onClose} />}
    >
      <div
        className={`${page['pad'] ?? ''} ${page['scroll'] ?? ''}`}
        tabIndex={0}
        role="group"
        aria-label={t('attempts.title')}
      >
        <p className={`mono ${styles['taskId'] ?? ''}`}>{id}</p>
        {answer && (
          <p className="dim">
            <span className={styles['status']} data-status={answer.status}>
              {t(`task.${answer.status}`)}
            </span>{' '}
            {t('attempts.count', { count: answer.attempts })}
          </p>
        )}
        <ol className={styles['history']} aria-label={t('attempts.history', { id })}>
          {answer?.history.map((happening, at) => (
            <li key={`${happening.what}-${happening.at}-${at}`} data-what={happening.what}>
              <Happening happening={happening} sinceMs={first ? Date.parse(happening.at) - Date.parse(first.at) : 0} />
            </li>
          ))}
        </ol>
        {answer?.status === 'failed' && <Button onClick={() => perform(again())}>{t('attempts.again')}</Button>}
      </div>
    </Section>
  );
}

function Happening({ happening, sinceMs }: { happening: TaskHappening; sinceMs: number }) {
  const t = useT();
  return (
    <>
      <span className={styles['when']}>
        <span className="num">{formatClock(Date.parse(happening.at), true)}</span>
        <span className="num dim">{`+ ${formatMs(sinceMs)}`}</span>
      </span>
      <span>
        {describe(t, happening)}
        {happening.what === 'leased' && (
          <>
            {' '}
            <NodeChip node={happening.worker} />
          </>
        )}
      </span>
    </>
  );
}

function describe(t: Translate, happening: TaskHappening): string {
  switch (happening.what) {
    case 'leased':
      return t('happening.leased', { attempt: happening.attempt, token: happening.token });
    case 'retried': {
      const waitMs = Math.max(0, Date.parse(happening.not_before) - Date.parse(happening.at));
      return t('happening.retried', { reason: happening.reason, wait: formatMs(waitMs) });
    }
    case 'done':
      return t('happening.done', { result: String(happening.result ?? '–') });
    case 'failed':
      return t('happening.failed', { reason: happening.reason ?? '–' });
    default:
      return t(`happening.${happening.what}`);
  }
}
