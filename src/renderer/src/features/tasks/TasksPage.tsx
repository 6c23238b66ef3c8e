/** The calculator, orders of fruit, and every task with what happened to it. */
import { Button, Switch } from '@mantine/core';
import { useState } from 'react';
import { CalculatorBox } from '../../parts/CalculatorBox.tsx';
import { perform } from '../../perform.ts';
import { useT } from '../../stores/settings-store.ts';
import page from '../../ui/page.module.css';
import { PageHead } from '../../ui/PageHead.tsx';
import { Section } from '../../ui/Section.tsx';
import { OrderForm } from './OrderForm.tsx';
import { Orders } from './Orders.tsx';
import { previewRedrive, RedriveDialog, type Redriving } from './RedriveDialog.tsx';
import { TaskAttempts } from './TaskAttempts.tsx';
import { TaskFilters } from './TaskFilters.tsx';
import { TaskTable } from './TaskTable.tsx';
import { EVERYTHING } from './task-view.ts';
import styles from './tasks.module.css';
import { useTasks } from './use-tasks.ts';

export function TasksPage() {
  const t = useT();
  const [filter, setFilter] = useState(EVERYTHING);
  const [chosen, setChosen] = useState<string | null>(null);
  const [order, setOrder] = useState<string | null>(null);
  const [redriving, setRedriving] = useState<Redriving | null>(null);
  return (
    <div className={page['page']}>
      <PageHead title={t('page.tasks')} text={t('tasks.text')} />
      <div className={styles['top']}>
        <div className={styles['left']}>
          <Section title={t('calculator.title')}>
            <div className={page['pad']}>
              <CalculatorBox />
            </div>
          </Section>
          <Section title={t('order.title')}>
            <div className={page['pad']}>
              <OrderForm onOrdered={setOrder} />
            </div>
          </Section>
        </div>
        <Section title={t('orders.title')}>
          <Orders
            chosen={order}
            onChoose={setOrder}
            onItem={setChosen}
            onTable={(batch) => setFilter({ ...EVERYTHING, batch })}
          />
        </Section>
      </div>
      <div className={styles['list']} data-detail={chosen !== null}>
        <TaskList
          filter={filter}
          onFilter={setFilter}
          chosen={chosen}
          onChoose={setChosen}
          onRedrive={() => perform(previewRedrive(filter).then((found) => setRedriving(found ?? null)))}
        />
        {chosen !== null && <TaskAttempts key={chosen} id={chosen} onClose={() => setChosen(null)} />}
      </div>
      {redriving && <RedriveDialog redriving={redriving} onClose={() => setRedriving(null)} />}
    </div>
  );
}

type ListProps = {
  filter: typeof EVERYTHING;
  onFilter: (filter: typeof EVERYTHING) => void;
  chosen: string | null;
  onChoose: (id: string) => void;
  onRedrive: () => void;
};

function TaskList({ filter, onFilter, chosen, onChoose, onRedrive }: ListProps) {
  const t = useT();
  const { filter: shown, tasks, hasOlder, failed, live, setLive, older } = useTasks(filter);
  const nothing = filter === EVERYTHING ? t('tasks.none') : t('tasks.no-match');
  return (
    <Section
      title={t('tasks.recent')}
      aside={
        <span className={styles['aside']}>
          {hasOlder && <Button onClick={() => perform(older())}>{t('tasks.older')}</Button>}
          <Switch label={t('tasks.live')} checked={live} onChange={(event) => setLive(event.currentTarget.checked)} />
          <span className="num dim">{t('tasks.count', { count: tasks.length })}</span>
        </span>
      }
    >
      <TaskFilters filter={filter} onChange={onFilter} onRedrive={onRedrive} />
      {failed !== null && (
        <p className={`${page['pad'] ?? ''} dim`} role="status">
          {failed}
        </p>
      )}
      {shown !== null && tasks.length === 0 && <p className={`${page['pad'] ?? ''} dim`}>{nothing}</p>}
      <TaskTable tasks={tasks} chosen={chosen} onChoose={onChoose} />
    </Section>
  );
}
