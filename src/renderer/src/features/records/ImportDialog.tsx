/** Records from a file: first what would be written, then a result for every row. */
import { Button, Checkbox, FileButton, Group, Modal, Progress, Title } from '@mantine/core';
import { useMemo, useRef, useState } from 'react';
import { toOrreryError } from '../../../../../containers/protocol/errors.ts';
import { readRecordFile, type ImportRow } from '../../../../core/records/record-file.ts';
import { getClient } from '../../bridge.ts';
import { describeFailure } from '../../messages/describe-error.ts';
import { perform } from '../../perform.ts';
import { useT } from '../../stores/settings-store.ts';
import { formatBytes, formatCount } from '../../ui/format.ts';
import { recordsChanged } from './delete-record.ts';
import { ImportTable, type Versions } from './ImportTable.tsx';
import styles from './records.module.css';
import { importRows, type RowOutcome } from './transfer.ts';

const FILE_BYTES_MAX = 64 * 1024 * 1024;
/** So many keys are looked up before they are written. */
const LOOKED_UP_MAX = 100;

type Outcomes = ReadonlyMap<ImportRow, RowOutcome>;
type Chosen = { name: string; rows: ImportRow[]; versions: Versions };
type Run = { how: 'running' | 'over'; outcomes: Outcomes };

/** A chosen file and what became of its rows. */
function useImport() {
  const t = useT();
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [failed, setFailed] = useState<string | null>(null);
  const [run, setRun] = useState<Run | null>(null);
  const stopping = useRef<AbortController | null>(null);
  const choose = async (file: File): Promise<void> => {
    setRun(null);
    setChosen(null);
    setFailed(null);
    if (file.size > FILE_BYTES_MAX) {
      setFailed(t('import.large-file', { bytes: formatBytes(file.size), limit: formatBytes(FILE_BYTES_MAX) }));
      return;
    }
    try {
      const rows = readRecordFile(await file.text(), file.name.toLowerCase().endsWith('.json') ? 'json' : 'csv');
      setChosen({ name: file.name, rows, versions: await versionsOf(rows) });
    } catch (thrown) {
      const { what } = describeFailure(toOrreryError(thrown, 'headnode'));
      setFailed(what);
    }
  };
  const write = async (rows: readonly ImportRow[]): Promise<void> => {
    const controller = new AbortController();
    stopping.current = controller;
    let outcomes: Outcomes = new Map();
    setRun({ how: 'running', outcomes });
    const note = (told: Outcomes): void => setRun({ how: 'running', outcomes: (outcomes = told) });
    await importRows(getClient(), rows, note, controller.signal);
    recordsChanged();
    setRun({ how: 'over', outcomes });
  };
  return { chosen, failed, run, choose, write, stop: () => stopping.current?.abort() };
}

export function ImportDialog({ onClose }: { onClose: () => void }) {
  const t = useT();
  const { chosen, failed, run, choose, write, stop } = useImport();
  const close = (): void => {
    stop();
    onClose();
  };
  const good = chosen?.rows.filter(({ record }) => record !== null).length ?? 0;
  return (
    <Modal
      opened
      onClose={close}
      size={900}
      withCloseButton={false}
      attributes={{ content: { 'aria-label': t('import.title') } }}
    >
      <Title order={2} size={16} mb="sm">
        {t('import.title')}
      </Title>
      <p>{t('import.text')}</p>
      {failed !== null && (
        <p className={styles['refusal']} role="alert" data-tone="error">
          {failed}
        </p>
      )}
      {chosen && <Preview chosen={chosen} run={run} good={good} />}
      <Group mt="lg" gap="sm" justify="flex-end">
        <FileButton accept=".csv,.json,text/csv,application/json" onChange={(file) => file && perform(choose(file))}>
          {(props) => (
            <Button {...props} disabled={run?.how === 'running'}>
              {t('import.choose')}
            </Button>
          )}
        </FileButton>
        {run?.how === 'running' ? (
          <Button onClick={stop}>{t('action.cancel')}</Button>
        ) : (
          <Button onClick={close}>{t('action.close')}</Button>
        )}
        {chosen && run?.how !== 'over' && (
          <Button
            variant="filled"
            disabled={good === 0}
            loading={run?.how === 'running'}
            onClick={() => perform(write(chosen.rows))}
          >
            {t('import.do', { count: formatCount(good) })}
          </Button>
        )}
      </Group>
    </Modal>
  );
}

/** What is there of the first keys; nothing is known of the others. */
async function versionsOf(rows: readonly ImportRow[]): Promise<Versions> {
  const first = rows.filter(({ record }) => record !== null).slice(0, LOOKED_UP_MAX);
  if (first.length === 0) return new Map();
  const versions = await getClient().call('records.versions', { keys: first.map(({ key }) => key) });
  return new Map(first.map((row, at) => [row.key, versions[at] ?? null]));
}

type PreviewProps = { chosen: Chosen; run: Run | null; good: number };

function Preview({ chosen: { name, rows, versions }, run, good }: PreviewProps) {
  const t = useT();
  const [isOnlyBad, setOnlyBad] = useState(false);
  const outcomes = run?.outcomes;
  const shown = useMemo(
    () => (isOnlyBad ? rows.filter((row) => !isWritten(row, outcomes)) : rows),
    [rows, outcomes, isOnlyBad],
  );
  return (
    <>
      <div className={styles['importHead']} role="status">
        <span className="mono">{name}</span>
        <span>{t('import.counts', { good: formatCount(good), bad: formatCount(rows.length - good) })}</span>
        {run === null && versions.size > 0 && versions.size < good && (
          <span className="dim">{t('import.looked', { count: versions.size })}</span>
        )}
        {run?.how === 'running' && (
          <span className="num">{t('import.progress', { done: run.outcomes.size, all: formatCount(good) })}</span>
        )}
        {run?.how === 'over' && <strong>{t('import.done', countsOf(rows, run.outcomes))}</strong>}
        {run !== null && (
          <Checkbox
            size="xs"
            label={t('import.only-refused')}
            checked={isOnlyBad}
            onChange={(event) => setOnlyBad(event.currentTarget.checked)}
          />
        )}
      </div>
      {run?.how === 'running' && (
        <Progress
          mb="xs"
          value={(100 * run.outcomes.size) / Math.max(1, good)}
          aria-label={t('import.progress', { done: run.outcomes.size, all: good })}
        />
      )}
      <div className={styles['importTable']}>
        <ImportTable
          label={run === null ? t('import.preview') : t('import.results')}
          rows={shown}
          versions={versions}
          outcomes={outcomes ?? null}
        />
      </div>
    </>
  );
}

function isWritten(row: ImportRow, outcomes: Outcomes | undefined): boolean {
  const how = outcomes?.get(row)?.how;
  return how === 'created' || how === 'replaced';
}

function countsOf(rows: readonly ImportRow[], outcomes: Outcomes) {
  const counts = { written: 0, refused: 0, unknown: 0, waiting: 0 };
  for (const row of rows) {
    const how = row.record === null ? 'refused' : (outcomes.get(row)?.how ?? 'waiting');
    counts[how === 'created' || how === 'replaced' ? 'written' : how] += 1;
  }
  return counts;
}
