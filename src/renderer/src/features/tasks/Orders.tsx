/** The newest orders with their progress, and the items of one of them. */
import { Button } from '@mantine/core';
import { useCallback } from 'react';
import type { BatchView, TaskView } from '../../../../../containers/protocol/tasks.ts';
import { getClient } from '../../bridge.ts';
import { useT } from '../../stores/settings-store.ts';
import { formatMs } from '../../ui/format.ts';
import page from '../../ui/page.module.css';
import table from '../../ui/table.module.css';
import { isFinal, itemName } from './task-view.ts';
import styles from './tasks.module.css';
import { usePolled } from '../../parts/use-polled.ts';

const ORDERS = 50;
const ITEMS_SHOWN = 150;

type Props = {
  chosen: string | null;
  onChoose: (batch: string) => void;
  onItem: (task: string) => void;
  onTable: (batch: string) => void;
};

export function Orders({ chosen, onChoose, onItem, onTable }: Props) {
  const t = useT();
  const ask = useCallback(() => getClient().call('tasks.batches', { limit: ORDERS }), []);
  const batches = usePolled(ask, () => true);
  if (!batches) return null;
  if (batches.length === 0) return <p className={`${page['pad'] ?? ''} dim`}>{t('orders.none')}</p>;
  const open = batches.find(({ id }) => id === chosen) ?? batches[0];
  return (
    <>
      <div className={styles['orders']} tabIndex={0} role="group" aria-label={t('orders.title')}>
        <table className={table['table']} aria-label={t('orders.title')}>
          <thead>
            <tr>
              <th>{t('orders.order')}</th>
              <th>{t('field.state')}</th>
              <th data-wide>{t('orders.progress')}</th>
              <th data-num>{t('field.took')}</th>
            </tr>
          </thead>
          <tbody>
            {batches.map((batch) => (
              <OrderRow key={batch.id} batch={batch} chosen={batch.id === open?.id} onChoose={onChoose} />
            ))}
          </tbody>
        </table>
      </div>
      {open && <Items key={open.id} batch={open} onItem={onItem} onTable={onTable} />}
    </>
  );
}

function OrderRow({ batch, chosen, onChoose }: { batch: BatchView; chosen: boolean; onChoose: (id: string) => void }) {
  const t = useT();
  const { id, name, state, total, done, failed, took_ms: tookMs } = batch;
  const share = (count: number): string => `${(count / Math.max(1, total)) * 100}%`;
  return (
    <tr data-selected={chosen}>
      <td className="mono">
        <button type="button" className={table['linkish']} aria-pressed={chosen} onClick={() => onChoose(id)}>
          {name ?? id}
        </button>
      </td>
      <td>
        <span className={styles['status']} data-status={state}>
          {t(`order.${state}`)}
        </span>
      </td>
      <td data-wide>
        <span className={styles['progress']}>
          <span
            className={styles['bar']}
            role="progressbar"
            aria-label={t('orders.progress-of', { order: name ?? id })}
            aria-valuemin={0}
            aria-valuemax={total}
            aria-valuenow={done + failed}
          >
            <span data-part="done" style={{ width: share(done) }} />
            <span data-part="failed" style={{ width: share(failed) }} />
          </span>
          <span className="num">
            {t('orders.n-of-m', { done: done + failed, total })}
            {failed > 0 && ` (${t('orders.failed', { count: failed })})`}
          </span>
        </span>
      </td>
      <td data-num>{tookMs === null ? '–' : formatMs(tookMs)}</td>
    </tr>
  );
}

const SIGNS: Record<TaskView['status'], string> = { pending: '·', assigned: '▸', done: '✓', failed: '×' };

function Items({ batch, onItem, onTable }: { batch: BatchView; onItem: Props['onItem']; onTable: Props['onTable'] }) {
  const t = useT();
  const { id } = batch;
  const ask = useCallback(() => getClient().call('tasks.search', { batch: id, after: null, limit: 1_000 }), [id]);
  // An order that ended and was tried anew is read on.
  const again = `${batch.round} ${batch.ended_at ?? ''} ${batch.failed}`;
  const newestFirst = usePolled(ask, (tasks) => !tasks.every(({ status }) => isFinal(status)), { again }) ?? [];
  const items = newestFirst.toReversed().slice(0, ITEMS_SHOWN);
  return (
    <div className={styles['items']}>
      <ul aria-label={t('orders.items', { order: batch.name ?? id })}>
        {items.map((task) => (
          <li key={task.id}>
            <button
              type="button"
              className={styles['item']}
              data-status={task.status}
              aria-label={t('orders.item', { item: itemName(task), status: t(`task.${task.status}`) })}
              onClick={() => onItem(task.id)}
            >
              <span aria-hidden="true">{SIGNS[task.status]}</span> {itemName(task)}
            </button>
          </li>
        ))}
        {newestFirst.length > items.length && (
          <li className="dim">{t('orders.more', { count: newestFirst.length - items.length })}</li>
        )}
      </ul>
      <Button variant="subtle" onClick={() => onTable(id)}>
        {t('orders.in-table')}
      </Button>
    </div>
  );
}
