/** An order of fruit: each piece becomes a task, all of them one batch. */
import { Button, NumberInput } from '@mantine/core';
import { useState } from 'react';
import { BATCH_TASKS_MAX } from '../../../../../containers/protocol/tasks.ts';
import { attempt } from '../../actions.ts';
import { getClient } from '../../bridge.ts';
import { perform } from '../../perform.ts';
import { useT } from '../../stores/settings-store.ts';
import { FRUITS, payloadsOf, type Basket } from './task-view.ts';
import styles from './tasks.module.css';

const PIECES_MAX = 150;
const FIRST_BASKET: Basket = { apple: 2, banana: 1, pear: 2 };

function newOrder(): string {
  const digits = [...crypto.getRandomValues(new Uint8Array(4))].map((byte) => byte.toString(16).padStart(2, '0'));
  return `order-${digits.join('')}`;
}

export function OrderForm({ onOrdered }: { onOrdered: (batch: string) => void }) {
  const t = useT();
  const [basket, setBasket] = useState(FIRST_BASKET);
  /** Sent again after a failure it is the same order; a changed basket is another. */
  const [id, setId] = useState(newOrder);
  const [busy, setBusy] = useState(false);
  const payloads = payloadsOf(basket);
  const possible = payloads.length > 0 && payloads.length <= BATCH_TASKS_MAX;
  const order = async (): Promise<void> => {
    setBusy(true);
    const batch = await attempt(() =>
      getClient().call('tasks.submit-batch', { id, name: null, kind: 'fruit', payloads }),
    );
    setBusy(false);
    if (!batch) return;
    setId(newOrder());
    onOrdered(batch.id);
  };
  return (
    <form
      className={styles['order']}
      aria-label={t('order.title')}
      onSubmit={(event) => {
        event.preventDefault();
        if (possible) perform(order());
      }}
    >
      {FRUITS.map((fruit) => (
        <NumberInput
          key={fruit}
          label={t(`fruit.${fruit}`)}
          value={basket[fruit] ?? 0}
          onChange={(value) => {
            setBasket((known) => ({ ...known, [fruit]: Math.max(0, Math.trunc(Number(value)) || 0) }));
            setId(newOrder());
          }}
          min={0}
          max={PIECES_MAX}
          w={84}
        />
      ))}
      <Button type="submit" disabled={!possible} loading={busy}>
        {t('order.send', { count: payloads.length })}
      </Button>
    </form>
  );
}
