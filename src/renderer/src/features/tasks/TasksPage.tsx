/** The calculator, and the tasks that the master has done last. */
import { useEffect, useState } from 'react';
import type { TaskView } from '../../../../../containers/protocol/tasks.ts';
import { getClient } from '../../bridge.ts';
import { CalculatorBox } from '../../parts/CalculatorBox.tsx';
import { NodeChip } from '../../parts/NodeChip.tsx';
import { useCalculation } from '../../stores/requests-store.ts';
import { useT } from '../../stores/settings-store.ts';
import { formatMs } from '../../ui/format.ts';
import page from '../../ui/page.module.css';
import { PageHead } from '../../ui/PageHead.tsx';
import { Section } from '../../ui/Section.tsx';
import table from '../../ui/table.module.css';
import { perform } from '../../perform.ts';

const LIMIT = 200;
const REFRESH_MS = 1_000;

/** The newest tasks, asked for once a second while the page is seen, and at once after a calculation. */
function useTasks(): { tasks: TaskView[]; known: boolean } {
  const [state, setState] = useState<{ tasks: TaskView[]; known: boolean }>({ tasks: [], known: false });
  const asked = useCalculation();
  useEffect(() => {
    let going = true;
    const refresh = async (): Promise<void> => {
      if (document.hidden) return;
      const tasks = await getClient().call('tasks.list', { limit: LIMIT });
      if (going) setState({ tasks, known: true });
    };
    // While the master is away the table keeps what it last knew; the bar says why.
    const attempt = (): void => perform(refresh().catch(() => undefined));
    attempt();
    const timer = setInterval(attempt, REFRESH_MS);
    return () => {
      going = false;
      clearInterval(timer);
    };
  }, [asked]);
  return state;
}

function payloadText(payload: unknown): string {
  return typeof payload === 'string' ? payload : JSON.stringify(payload);
}

export function TasksPage() {
  const t = useT();
  const { tasks, known } = useTasks();
  return (
    <div className={page['page']}>
      <PageHead title={t('page.tasks')} text={t('tasks.text')} />
      <Section title={t('calculator.title')}>
        <div className={page['pad']}>
          <CalculatorBox />
        </div>
      </Section>
      <Section
        title={t('tasks.recent')}
        fill
        aside={<span className="num dim">{t('tasks.count', { count: tasks.length })}</span>}
      >
        <div className={table['scroll']} tabIndex={0} role="group" aria-label={t('tasks.recent')}>
          <table className={table['table']} aria-label={t('tasks.recent')}>
            <thead>
              <tr>
                <th>{t('field.id')}</th>
                <th>{t('field.kind')}</th>
                <th>{t('field.payload')}</th>
                <th>{t('field.status')}</th>
                <th data-num>{t('field.result')}</th>
                <th>{t('field.worker')}</th>
                <th data-num>{t('field.attempts')}</th>
                <th data-num>{t('field.took')}</th>
              </tr>
            </thead>
            <tbody>
              {tasks.map((task) => (
                <TaskRow key={task.id} task={task} />
              ))}
            </tbody>
          </table>
          {known && tasks.length === 0 && <p className={`${page['pad'] ?? ''} dim`}>{t('tasks.none')}</p>}
        </div>
      </Section>
    </div>
  );
}

function TaskRow({ task }: { task: TaskView }) {
  const t = useT();
  return (
    <tr>
      <td className="mono dim">{task.id.slice(0, 12)}</td>
      <td>{task.kind}</td>
      <td className="mono" data-wide>
        {payloadText(task.payload)}
      </td>
      <td>{t(`task.${task.status}`)}</td>
      <td data-num title={task.error ?? undefined}>
        {task.status === 'failed' ? (task.error ?? '–') : (task.result ?? '–')}
      </td>
      <td>{task.assigned_to ? <NodeChip node={task.assigned_to} /> : '–'}</td>
      <td data-num>{task.attempts}</td>
      <td data-num>{task.took_ms === null ? '–' : formatMs(task.took_ms)}</td>
    </tr>
  );
}
