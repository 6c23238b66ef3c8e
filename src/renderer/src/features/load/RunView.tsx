/** One run: what it is, how far it is, what it came to. */
import { Button, Menu } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay, IconPlayerStop, IconRepeat, IconSkull } from '@tabler/icons-react';
import { isOver, type LoadProgress, type LoadRunHead } from '../../../../core/load/load-run.ts';
import { summarise } from '../../../../core/load/load-summary.ts';
import { killNodes } from '../../actions.ts';
import { perform } from '../../perform.ts';
import { pictureStore, usePicture } from '../../stores/picture-store.ts';
import { useT } from '../../stores/settings-store.ts';
import { formatAge } from '../../ui/format.ts';
import { Costs } from './Costs.tsx';
import { draftOf } from './draft.ts';
import { exportRun, type ExportKind } from './export-run.ts';
import { ExperimentResult } from './Experiment.tsx';
import { Figures } from './Figures.tsx';
import { loadStore, pauseLoad, startLoad, stopLoad } from './load-store.ts';
import { RunCharts } from './RunCharts.tsx';
import type { ShownRun } from './shown-run.ts';
import { RunNote } from './RunNote.tsx';
import { CountsTable, LatencyTable, ThresholdTable, WorkerTable } from './tables.tsx';
import { VerdictBanner } from './VerdictBanner.tsx';
import { useMemo } from 'react';
import styles from './load.module.css';

type Props = { run: ShownRun; progress: LoadProgress | null };

export function RunView({ run, progress }: Props) {
  const t = useT();
  const { head, seconds } = run;
  // While it runs the same figures are made of what there is.
  const summary = useMemo(() => head.summary ?? summarise(head.plan, seconds), [head.summary, head.plan, seconds]);
  const over = isOver(head.state);
  return (
    <div className={styles['run']}>
      <RunHead run={run} />
      {!over && progress !== null && <Progress head={head} progress={progress} />}
      {over && <VerdictBanner head={head} summary={summary} />}
      {head.plan.experiment === 'freeze' && <ExperimentResult run={run} summary={summary} />}
      <Figures summary={summary} plan={head.plan} />
      <RunCharts run={run} />
      <div className={styles['tables']}>
        <div className={styles['wide']}>
          <LatencyTable summary={summary} plan={head.plan} />
        </div>
        {summary.judgements.length > 0 && <ThresholdTable summary={summary} />}
        <CountsTable summary={summary} cpuS={head.cpuS} />
        {summary.workers.length > 0 && <WorkerTable summary={summary} />}
        {run.marks.length > 0 && (
          <div className={styles['wide']}>
            <Costs run={run} />
          </div>
        )}
        {head.cleanedUp !== undefined && <p className={styles['hint']}>{t('load.cleaned-up', head.cleanedUp)}</p>}
        {over && <RunNote head={head} />}
      </div>
    </div>
  );
}

const EXPORTS: readonly ExportKind[] = ['html', 'csv', 'json'];

function RunHead({ run }: { run: ShownRun }) {
  const t = useT();
  const { head } = run;
  const over = isOver(head.state);
  return (
    <div className={styles['runHead']}>
      <h2>{head.name}</h2>
      <span className={styles['state']} data-state={head.state}>
        {t(`load.state.${head.state}`)}
      </span>
      <span className={styles['actions']}>
        {over ? (
          <>
            <Button leftSection={<IconRepeat size={14} aria-hidden="true" />} onClick={() => rerun(head)}>
              {t('load.rerun')}
            </Button>
            <Menu position="bottom-end">
              <Menu.Target>
                <Button>{t('load.export')}</Button>
              </Menu.Target>
              <Menu.Dropdown>
                {EXPORTS.map((kind) => (
                  <Menu.Item key={kind} onClick={() => exportRun(run, kind, t)}>
                    {t(`load.export.${kind}`)}
                  </Menu.Item>
                ))}
              </Menu.Dropdown>
            </Menu>
          </>
        ) : (
          <RunControls head={head} />
        )}
      </span>
    </div>
  );
}

/** The same plan with another seed, so that two runs are two samples of it. */
function rerun(head: LoadRunHead): void {
  loadStore.setState({ draft: draftOf(head.plan) });
  const seed = crypto.randomUUID().slice(0, 8);
  const { target } = head.plan;
  // A remote host was named once for this very target.
  const allowRemote = target.kind === 'http' ? new URL(target.url).hostname : null;
  perform(startLoad({ ...head.plan, seed }, head.name, allowRemote));
}

function RunControls({ head }: { head: LoadRunHead }) {
  const t = useT();
  const paused = head.state === 'paused';
  const workers = usePicture(
    (picture) => picture.nodes.filter((node) => node.role === 'worker' && node.state === 'ready').length,
  );
  return (
    <>
      {head.cluster !== null && (
        <Button
          color="red"
          disabled={workers === 0}
          leftSection={<IconSkull size={14} aria-hidden="true" />}
          onClick={killWorker}
        >
          {t('load.kill-worker')}
        </Button>
      )}
      <Button
        disabled={head.state !== 'running' && !paused}
        leftSection={
          paused ? <IconPlayerPlay size={14} aria-hidden="true" /> : <IconPlayerPause size={14} aria-hidden="true" />
        }
        onClick={() => perform(pauseLoad(!paused))}
      >
        {t(paused ? 'load.resume' : 'load.pause')}
      </Button>
      <Button leftSection={<IconPlayerStop size={14} aria-hidden="true" />} onClick={() => perform(stopLoad())}>
        {t('load.stop')}
      </Button>
    </>
  );
}

function killWorker(): void {
  const ready = pictureStore
    .getState()
    .picture.nodes.filter((node) => node.role === 'worker' && node.state === 'ready');
  const [first] = ready;
  if (first) perform(killNodes([first.node]));
}

function Progress({ head, progress }: { head: LoadRunHead; progress: LoadProgress }) {
  const t = useT();
  const { plan } = head;
  const runMs = Math.max(0, progress.runMs);
  const warming = progress.runMs < 0;
  const share = Math.min(1, warming ? 0 : runMs / plan.durationMs);
  const text = warming
    ? t('load.warming', { left: formatAge(-progress.runMs) })
    : t('load.time-left', {
        done: formatAge(Math.min(runMs, plan.durationMs)),
        all: formatAge(plan.durationMs),
        left: formatAge(Math.max(0, plan.durationMs - runMs)),
      });
  const { inFlight, connections } = progress;
  return (
    <div className={styles['progress']}>
      <progress aria-label={t('load.progress')} value={share} max={1} />
      <span>{text}</span>
      <span>{t('load.under-way', { count: inFlight, connections })}</span>
    </div>
  );
}
