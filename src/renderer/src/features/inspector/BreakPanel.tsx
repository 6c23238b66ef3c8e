/** Breaking what is selected: buttons for what needs no numbers, sliders for what does, and what is on already. */
import { Button, Checkbox, Select, Slider } from '@mantine/core';
import type { NodePicture } from '../../../../core/cluster-picture.ts';
import { ActiveFaults } from '../../parts/ActiveFaults.tsx';
import { briefMs, percent } from '../../parts/describe-fault.ts';
import { faultsAbout } from '../../parts/fault-marks.ts';
import { endNodes, partition, pauseNodes, slowDisks, troubleLink } from '../../fault-actions.ts';
import { perform } from '../../perform.ts';
import { draftFault, putOnSide, useFaultDraft } from '../../stores/fault-draft-store.ts';
import { usePicture } from '../../stores/picture-store.ts';
import { useT } from '../../stores/settings-store.ts';
import styles from './inspector.module.css';

const SECONDS = [10, 30, 60, 120, 300, 600, 3_600];
const DELAYS_MS = [0, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000];
const LOSSES = [0, 0.01, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 1];

export type BreakTarget = { nodes: readonly string[] } | { from: string; to: string };

export function BreakPanel({ target }: { target: BreakTarget }) {
  const t = useT();
  const all = usePicture((picture) => picture.nodes);
  const faults = usePicture((picture) => picture.faults);
  const lost = usePicture((picture) => picture.engineLost !== null);
  const chosen = 'nodes' in target ? target.nodes : [target.from, target.to];
  const running = all.filter((node) => chosen.includes(node.node) && node.engineWord === 'running');
  const about = faultsAbout(faults, all, target);
  if (running.length === 0 && about.length === 0) return null;
  return (
    <section className={styles['break']} aria-label={t('break.title')}>
      <div className={styles['breakHead']}>
        <h3>{t('break.title')}</h3>
        <Duration />
      </div>
      <ActiveFaults faults={about} />
      <fieldset className={styles['breakBody']} disabled={lost || running.length === 0}>
        {'nodes' in target ? <NodeFaults nodes={running} /> : <EdgeCuts {...target} />}
        <LinkFault target={target} running={running} />
        {'nodes' in target && <DiskFault nodes={running} />}
      </fieldset>
    </section>
  );
}

function Duration() {
  const t = useT();
  const { forMs } = useFaultDraft();
  return (
    <Select
      aria-label={t('break.for')}
      w={112}
      value={String(forMs / 1_000)}
      onChange={(value) => draftFault({ forMs: Number(value) * 1_000 })}
      data={SECONDS.map((seconds) => ({
        value: String(seconds),
        label: t('break.for-time', { time: seconds < 60 ? `${seconds} s` : `${seconds / 60} min` }),
      }))}
    />
  );
}

function NodeFaults({ nodes }: { nodes: readonly NodePicture[] }) {
  const t = useT();
  const { sideA, sideB } = useFaultDraft();
  const names = nodes.map((node) => node.node);
  const both = sideA.length > 0 && sideB.length > 0;
  return (
    <>
      <div className={styles['buttons']}>
        <Button title={t('hint.pause')} onClick={() => perform(pauseNodes(names))}>
          {t('break.pause')}
        </Button>
        <Button title={t('hint.cut-off')} onClick={() => perform(partition(names, null))}>
          {t('break.cut-off')}
        </Button>
        <Button title={t('hint.stop')} onClick={() => perform(endNodes('stop', names))}>
          {t('break.stop')}
        </Button>
        <Button title={t('hint.restart')} onClick={() => perform(endNodes('restart', names))}>
          {t('break.restart')}
        </Button>
      </div>
      <div className={styles['buttons']} role="group" aria-label={t('break.sides')}>
        <Button title={t('hint.sides')} onClick={() => putOnSide('A', names)}>
          {t('break.side', { side: 'A' })}
        </Button>
        <Button title={t('hint.sides')} onClick={() => putOnSide('B', names)}>
          {t('break.side', { side: 'B' })}
        </Button>
        <Button disabled={!both} onClick={() => perform(partition(sideA, sideB))}>
          {t('break.partition')}
        </Button>
        <Button disabled={!both} onClick={() => perform(partition(sideA, sideB, true))}>
          {t('break.one-way')}
        </Button>
      </div>
      {sideA.length + sideB.length > 0 && (
        <p className={styles['sides']}>
          {t('break.sides-are', { a: sideA.join(', ') || '–', b: sideB.join(', ') || '–' })}
        </p>
      )}
    </>
  );
}

function EdgeCuts({ from, to }: { from: string; to: string }) {
  const t = useT();
  return (
    <div className={styles['buttons']}>
      <Button onClick={() => perform(partition([from], [to]))}>{t('break.cut')}</Button>
      <Button onClick={() => perform(partition([from], [to], true))}>{t('break.cut-way', { from, to })}</Button>
      <Button onClick={() => perform(partition([to], [from], true))}>
        {t('break.cut-way', { from: to, to: from })}
      </Button>
    </div>
  );
}

function LinkFault({ target, running }: { target: BreakTarget; running: readonly NodePicture[] }) {
  const t = useT();
  const { delayMs, jitterMs, lossShare, bothWays } = useFaultDraft();
  const apply = (): void =>
    perform(
      'nodes' in target
        ? troubleLink(
            running.map((node) => node.node),
            'all',
          )
        : troubleLink([target.from], [target.to]),
    );
  const jitters = DELAYS_MS.filter((ms) => ms <= delayMs);
  return (
    <div className={styles['sliders']}>
      <Steps
        label={t('break.delay')}
        steps={DELAYS_MS}
        value={delayMs}
        write={briefMs}
        set={(ms) => draftFault({ delayMs: ms })}
      />
      <Steps
        label={t('break.jitter')}
        steps={jitters}
        value={Math.min(jitterMs, delayMs)}
        write={(ms) => `± ${briefMs(ms)}`}
        set={(ms) => draftFault({ jitterMs: ms })}
      />
      <Steps
        label={t('break.loss')}
        steps={LOSSES}
        value={lossShare}
        write={percent}
        set={(share) => draftFault({ lossShare: share })}
      />
      <div className={styles['apply']}>
        <Checkbox
          size="xs"
          label={t('break.both-ways')}
          checked={bothWays}
          onChange={(event) => draftFault({ bothWays: event.currentTarget.checked })}
        />
        <Button disabled={delayMs === 0 && lossShare === 0} onClick={apply}>
          {t('break.link')}
        </Button>
      </div>
    </div>
  );
}

function DiskFault({ nodes }: { nodes: readonly NodePicture[] }) {
  const t = useT();
  const { diskMs } = useFaultDraft();
  const names = nodes.filter((node) => node.role !== 'worker').map((node) => node.node);
  if (names.length === 0) return null;
  return (
    <div className={styles['sliders']}>
      <Steps
        label={t('break.disk')}
        steps={DELAYS_MS.slice(1)}
        value={diskMs}
        write={briefMs}
        set={(ms) => draftFault({ diskMs: ms })}
      />
      <div className={styles['apply']}>
        <span />
        <Button onClick={() => perform(slowDisks(names))}>{t('break.slow-disk')}</Button>
      </div>
    </div>
  );
}

type StepsProps = {
  label: string;
  steps: readonly number[];
  value: number;
  write(value: number): string;
  set(value: number): void;
};

/** A slider over values that a person would choose, not over all there are. */
function Steps({ label, steps, value, write, set }: StepsProps) {
  const at = Math.max(
    0,
    steps.findLastIndex((step) => step <= value),
  );
  return (
    <div className={styles['step']}>
      <span>{label}</span>
      <Slider
        min={0}
        max={Math.max(1, steps.length - 1)}
        step={1}
        value={at}
        disabled={steps.length < 2}
        label={null}
        thumbLabel={label}
        thumbProps={{ 'aria-valuetext': write(steps[at] ?? 0) }}
        onChange={(index) => set(steps[index] ?? 0)}
      />
      <span className="num">{write(steps[at] ?? 0)}</span>
    </div>
  );
}
