/** Failed tasks to be tried anew: first which they are, then the deed. */
import { Button, Group, Modal, Title } from '@mantine/core';
import { useState } from 'react';
import type { RedriveAnswer } from '../../../../../containers/protocol/tasks.ts';
import { attempt } from '../../actions.ts';
import { getClient } from '../../bridge.ts';
import { perform } from '../../perform.ts';
import { useT } from '../../stores/settings-store.ts';
import table from '../../ui/table.module.css';
import { payloadText, whichOf, type Filter } from './task-view.ts';
import styles from './tasks.module.css';

export type Redriving = { which: ReturnType<typeof whichOf>; preview: RedriveAnswer };

/** What a redrive of the failed tasks within `filter` would do; undefined when that cannot be told (and is shown). */
export async function previewRedrive(filter: Filter): Promise<Redriving | undefined> {
  const which = whichOf(filter);
  const preview = await attempt(() => getClient().call('tasks.redrive', { filter: which, preview: true }));
  return preview && { which, preview };
}

export function RedriveDialog({ redriving, onClose }: { redriving: Redriving; onClose: () => void }) {
  const t = useT();
  const { which, preview } = redriving;
  const [busy, setBusy] = useState(false);
  const redrive = async (): Promise<void> => {
    setBusy(true);
    const done = await attempt(() => getClient().call('tasks.redrive', { filter: which }));
    setBusy(false);
    if (done) onClose();
  };
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      withCloseButton={false}
      attributes={{ content: { 'aria-label': t('redrive.title') } }}
    >
      <Title order={2} size={16} mb="sm">
        {t('redrive.title')}
      </Title>
      <p>
        {preview.count === 0
          ? t('redrive.none')
          : t('redrive.count', { count: preview.count, remaining: preview.remaining })}
      </p>
      {preview.count > 0 && <Sample preview={preview} />}
      <Group justify="flex-end" mt="md">
        <Button onClick={onClose}>{t('action.cancel')}</Button>
        <Button variant="filled" disabled={preview.count === 0} loading={busy} onClick={() => perform(redrive())}>
          {t('redrive.confirm', { count: preview.count })}
        </Button>
      </Group>
    </Modal>
  );
}

function Sample({ preview }: { preview: RedriveAnswer }) {
  const t = useT();
  return (
    <div className={styles['sample']}>
      <table className={table['table']} aria-label={t('redrive.sample')}>
        <thead>
          <tr>
            <th>{t('field.id')}</th>
            <th>{t('field.kind')}</th>
            <th>{t('field.payload')}</th>
            <th>{t('field.cause')}</th>
          </tr>
        </thead>
        <tbody>
          {preview.sample.map((task) => (
            <tr key={task.id}>
              <td className="mono">{task.id.slice(0, 20)}</td>
              <td>{task.kind}</td>
              <td className="mono">{payloadText(task.payload).slice(0, 40)}</td>
              <td data-wide>{task.error ?? '–'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
