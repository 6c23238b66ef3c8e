/** Each worker as the balancer sees it. */
import type { WorkerLoad } from '../../../../../containers/protocol/stream.ts';
import { NodeChip } from '../../parts/NodeChip.tsx';
import { elasticNow } from '../../stores/elastic-store.ts';
import { useNowMs } from '../../stores/clock-store.ts';
import { useNode } from '../../stores/picture-store.ts';
import { useSamplesTick } from '../../stores/samples-store.ts';
import { useT } from '../../stores/settings-store.ts';
import { formatAge, formatCount, formatMs, formatShare } from '../../ui/format.ts';
import { LongTable } from '../../ui/LongTable.tsx';
import { StateText } from '../../ui/StateText.tsx';
import styles from './elastic.module.css';

export function WorkerTable() {
  const t = useT();
  useSamplesTick();
  const { workers } = elasticNow();
  return (
    <div className={styles['workers']}>
      <LongTable
        label={t('elastic.by-worker')}
        columns={9}
        head={
          <tr>
            <th>{t('field.node')}</th>
            <th>{t('field.state')}</th>
            <th title={t('elastic.hint.share')}>{t('elastic.share')}</th>
            <th data-num>{t('elastic.in-flight')}</th>
            <th data-num>{t('elastic.waiting')}</th>
            <th data-num title={t('elastic.hint.ewma')}>
              {t('elastic.ewma')}
            </th>
            <th data-num>{t('elastic.dispatched')}</th>
            <th data-num title={t('elastic.hint.weight')}>
              {t('elastic.weight')}
            </th>
            <th data-num>{t('elastic.errors')}</th>
          </tr>
        }
        rows={workers}
        row={(worker) => <Row key={worker.node} worker={worker} />}
      />
    </div>
  );
}

function Row({ worker }: { worker: WorkerLoad }) {
  const t = useT();
  const nowMs = useNowMs();
  const { node, share, inFlight, capacity, waiting, ewmaMs, dispatched, weight, ejectedUntilMs } = worker;
  const state = useNode(node)?.state;
  return (
    <tr>
      <td>
        <NodeChip node={node} />
      </td>
      <td>
        {ejectedUntilMs !== null ? (
          <span className={styles['warning']}>{t('elastic.ejected', { left: formatAge(ejectedUntilMs - nowMs) })}</span>
        ) : (
          state !== undefined && <StateText state={state} />
        )}
      </td>
      <td>
        <span className={styles['share']}>
          <i style={{ width: `${Math.round(share * 100)}%` }} aria-hidden="true" />
          <span className="num">{formatShare(share)}</span>
        </span>
      </td>
      <td data-num>{`${inFlight} / ${capacity}`}</td>
      <td data-num>{waiting}</td>
      <td data-num>{ewmaMs === null ? '–' : formatMs(ewmaMs)}</td>
      <td data-num>{formatCount(dispatched)}</td>
      <td data-num>{weight.toFixed(2)}</td>
      <td data-num>{worker.consecutiveErrors}</td>
    </tr>
  );
}
