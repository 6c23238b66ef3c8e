/** One request from this window: what was asked, who took part, what came back, and the same for a terminal. */
import { Button } from '@mantine/core';
import { IconCopy } from '@tabler/icons-react';
import { copyText } from '../../actions.ts';
import type { NotableRequest } from '../../../../core/journal.ts';
import { NodeChip } from '../../parts/NodeChip.tsx';
import { useT } from '../../stores/settings-store.ts';
import { formatMs } from '../../ui/format.ts';
import { RequestWay } from './TraceDetails.tsx';
import { Facts } from './Facts.tsx';
import styles from './inspector.module.css';
import { perform } from '../../perform.ts';

export function RequestDetails({ request }: { request: NotableRequest }) {
  const t = useT();
  const { kind, outcome, answer, worker, replicas, tookMs, curl } = request;
  const first = kind === 'calculate' || kind === 'weather' ? 'master' : 'headnode';
  return (
    <div className={styles['body']} tabIndex={0} role="group" aria-label={t('request.title')}>
      <Facts
        facts={[
          [t('field.kind'), t(`request.${kind}`)],
          [t('field.outcome'), t(`outcome.${outcome}`)],
          [t('field.answer'), answer === '' ? '–' : answer],
          [t('field.took'), formatMs(tookMs)],
        ]}
      />
      <h3>{t('request.hops')}</h3>
      <div className={styles['hops']}>
        <span className="mono">{t('topology.clients')}</span>
        <span aria-hidden="true">→</span>
        <NodeChip node={first} />
        {(worker !== null || replicas.length > 0) && <span aria-hidden="true">→</span>}
        {worker !== null && <NodeChip node={worker} />}
        {replicas.map((node) => (
          <NodeChip key={node} node={node} />
        ))}
      </div>
      <RequestWay key={request.id} request={request.id} />
      <h3>{t('request.curl')}</h3>
      <pre className={styles['curl']} tabIndex={0}>
        {curl}
      </pre>
      <Button leftSection={<IconCopy size={14} aria-hidden="true" />} onClick={() => perform(copyText(curl))}>
        {t('action.copy-curl')}
      </Button>
    </div>
  );
}
