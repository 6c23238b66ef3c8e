/** Tasks, newest first. Of thousands only those in sight are rendered. */
import type { TaskView } from '../../../../../containers/protocol/tasks.ts';
import { NodeChip } from '../../parts/NodeChip.tsx';
import { useT } from '../../stores/settings-store.ts';
import { formatMs } from '../../ui/format.ts';
import { LongTable } from '../../ui/LongTable.tsx';
import table from '../../ui/table.module.css';
import { payloadText } from './task-view.ts';
import styles from './tasks.module.css';

type Props = { tasks: readonly TaskView[]; chosen: string | null; onChoose: (id: string) => void };

export function TaskTable({ tasks, chosen, onChoose }: Props) {
  const t = useT();
  return (
    <LongTable
      label={t('tasks.recent')}
      columns={8}
      head={
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
      }
      rows={tasks}
      row={(task) => <TaskRow key={task.id} task={task} chosen={task.id === chosen} onChoose={onChoose} />}
    />
  );
}

function TaskRow({ task, chosen, onChoose }: { task: TaskView; chosen: boolean; onChoose: (id: string) => void }) {
  const t = useT();
  const result = task.status === 'failed' ? (task.error ?? '–') : (task.result ?? '–');
  return (
    <tr data-selected={chosen}>
      <td className="mono dim">
        <button
          type="button"
          className={table['linkish']}
          aria-label={t('tasks.show', { id: task.id })}
          aria-pressed={chosen}
          onClick={() => onChoose(task.id)}
        >
          {task.id.length > 20 ? `${task.id.slice(0, 12)}…` : task.id}
        </button>
      </td>
      <td>{task.kind}</td>
      <td className="mono" data-wide>
        {payloadText(task.payload)}
      </td>
      <td>
        <span className={styles['status']} data-status={task.status}>
          {t(`task.${task.status}`)}
        </span>
      </td>
      <td data-num title={String(result)}>
        <span className={styles['result']}>{result}</span>
      </td>
      <td>{task.assigned_to ? <NodeChip node={task.assigned_to} /> : '–'}</td>
      <td data-num>{task.attempts}</td>
      <td data-num>{task.took_ms === null ? '–' : formatMs(task.took_ms)}</td>
    </tr>
  );
}
