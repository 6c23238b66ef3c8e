/** Records into a file. */
import { Button, Group, Modal, Progress, SegmentedControl, TextInput, Title } from '@mantine/core';
import { useRef, useState } from 'react';
import { toOrreryError } from '../../../../../containers/protocol/errors.ts';
import { FILE_FORMATS, type FileFormat } from '../../../../core/records/record-file.ts';
import { getClient } from '../../bridge.ts';
import { describeFailure } from '../../messages/describe-error.ts';
import type { Translate } from '../../messages/i18n.ts';
import { perform } from '../../perform.ts';
import { gaugeOf } from '../../stores/samples-store.ts';
import { useT } from '../../stores/settings-store.ts';
import { formatBytes, formatCount } from '../../ui/format.ts';
import styles from './records.module.css';
import { saveFile } from '../../save-file.ts';
import { exportRecords, type ExportProgress } from './transfer.ts';

type State = { how: 'idle' | 'running' | 'done' | 'cancelled' | 'failed'; progress: ExportProgress; text?: string };
const IDLE: State = { how: 'idle', progress: { records: 0, bytes: 0 } };

export function ExportDialog({ prefix: given, onClose }: { prefix: string; onClose: () => void }) {
  const t = useT();
  const [prefix, setPrefix] = useState(given);
  const [format, setFormat] = useState<FileFormat>('csv');
  const [state, setState] = useState(IDLE);
  const stopping = useRef<AbortController | null>(null);
  const name = `${prefix.replaceAll(/[^\p{L}\p{N}.-]+/gu, '-').slice(0, 60) || 'records'}.${format}`;
  const run = async (): Promise<void> => {
    const controller = new AbortController();
    stopping.current = controller;
    setState({ ...IDLE, how: 'running' });
    const note = (progress: ExportProgress): void => setState({ how: 'running', progress });
    try {
      const file = await exportRecords(getClient(), { prefix, format }, note, controller.signal);
      if (file !== null) saveFile(name, file);
      setState(({ progress }) => ({ how: file === null ? 'cancelled' : 'done', progress }));
    } catch (thrown) {
      const { what, todo } = describeFailure(toOrreryError(thrown, 'headnode'));
      setState(({ progress }) => ({ how: 'failed', progress, text: `${what} ${todo}` }));
    }
  };
  const isRunning = state.how === 'running';
  const close = (): void => {
    stopping.current?.abort();
    onClose();
  };
  return (
    <Modal
      opened
      onClose={close}
      size={520}
      withCloseButton={false}
      attributes={{ content: { 'aria-label': t('export.title') } }}
    >
      <Title order={2} size={16} mb="sm">
        {t('export.title')}
      </Title>
      <p>{t('export.text')}</p>
      <div className={styles['row']}>
        <TextInput
          label={t('records.prefix')}
          value={prefix}
          disabled={isRunning}
          onChange={(event) => setPrefix(event.currentTarget.value)}
          spellCheck={false}
          w={260}
        />
        <SegmentedControl
          aria-label={t('export.format')}
          value={format}
          disabled={isRunning}
          onChange={(value) => setFormat(value as FileFormat)}
          data={FILE_FORMATS.map((value) => ({ value, label: value.toUpperCase() }))}
        />
      </div>
      <Told state={state} name={name} isWhole={prefix === ''} t={t} />
      <Group mt="lg" gap="sm" justify="flex-end">
        {isRunning ? (
          <Button onClick={() => stopping.current?.abort()}>{t('action.cancel')}</Button>
        ) : (
          <Button onClick={close}>{t('action.close')}</Button>
        )}
        <Button variant="filled" loading={isRunning} onClick={() => perform(run())}>
          {t('export.start')}
        </Button>
      </Group>
    </Modal>
  );
}

type ToldProps = { state: State; name: string; isWhole: boolean; t: Translate };

/** How many there are in all is known only where all are exported. */
function Told({ state: { how, progress, text }, name, isWhole, t }: ToldProps) {
  const all = isWhole ? gaugeOf('headnode', 'records') : undefined;
  const values = { done: formatCount(progress.records), bytes: formatBytes(progress.bytes), name };
  return (
    <div className={styles['told']} role="status">
      {how === 'running' && all !== undefined && all > 0 && (
        <Progress value={Math.min(100, (100 * progress.records) / all)} aria-label={t('export.progress', values)} />
      )}
      {how === 'running' && <p className="num">{t('export.progress', values)}</p>}
      {how === 'done' && <p>{t('export.done', values)}</p>}
      {how === 'cancelled' && <p>{t('export.cancelled', values)}</p>}
      {how === 'failed' && (
        <p className={styles['refusal']} data-tone="error">
          {text}
        </p>
      )}
    </div>
  );
}
