/** Narrows the table of tasks. */
import { Button, CloseButton, Select, TextInput } from '@mantine/core';
import { usePicture } from '../../stores/picture-store.ts';
import { useT } from '../../stores/settings-store.ts';
import { EVERYTHING, KIND_CHOICES, STATUS_CHOICES, type Filter } from './task-view.ts';
import styles from './tasks.module.css';

type Props = { filter: Filter; onChange: (filter: Filter) => void; onRedrive: () => void };

export function TaskFilters({ filter, onChange, onRedrive }: Props) {
  const t = useT();
  const nodes = usePicture((picture) => picture.nodes);
  const workers = nodes.filter((node) => node.role === 'worker').map((node) => node.node);
  const set = (part: Partial<Filter>): void => onChange({ ...filter, ...part });
  return (
    <div className={styles['filters']} role="search" aria-label={t('tasks.filter')}>
      <TextInput
        aria-label={t('tasks.search')}
        placeholder={t('tasks.search')}
        value={filter.search}
        onChange={(event) => set({ search: event.currentTarget.value })}
        maxLength={200}
        spellCheck={false}
        w={220}
      />
      <Select
        aria-label={t('field.status')}
        data={STATUS_CHOICES.map((value) => ({
          value,
          label: t(value === 'all' ? 'tasks.all-statuses' : `task.${value}`),
        }))}
        value={filter.status}
        onChange={(value) => set({ status: STATUS_CHOICES.find((known) => known === value) ?? 'all' })}
        w={140}
      />
      <Select
        aria-label={t('field.kind')}
        data={KIND_CHOICES.map((value) => ({ value, label: value === 'all' ? t('tasks.all-kinds') : value }))}
        value={filter.kind}
        onChange={(value) => set({ kind: KIND_CHOICES.find((known) => known === value) ?? 'all' })}
        w={130}
      />
      <Select
        aria-label={t('field.worker')}
        data={[{ value: '', label: t('tasks.all-workers') }, ...workers.map((value) => ({ value, label: value }))]}
        value={filter.worker}
        onChange={(value) => set({ worker: value ?? '' })}
        searchable={workers.length > 12}
        w={140}
      />
      {filter.batch !== '' && (
        <span className={styles['only']}>
          {t('tasks.only-order', { order: filter.batch })}
          <CloseButton size="xs" aria-label={t('tasks.all-orders')} onClick={() => set({ batch: '' })} />
        </span>
      )}
      {filter !== EVERYTHING && (
        <Button variant="subtle" onClick={() => onChange(EVERYTHING)}>
          {t('tasks.clear')}
        </Button>
      )}
      <Button className={styles['last'] ?? ''} onClick={onRedrive}>
        {t('redrive.open')}
      </Button>
    </div>
  );
}
