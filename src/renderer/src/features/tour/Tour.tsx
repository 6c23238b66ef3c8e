/** The guided first minute on the live cluster: what to do next, one button that does it, what came of it. */
import { Button, CloseButton } from '@mantine/core';
import { useEffect } from 'react';
import { killNodes, spawnNodes, startSomeLoad } from '../../actions.ts';
import { healFaults, partition } from '../../fault-actions.ts';
import { describeEvent } from '../../parts/describe-event.ts';
import { perform } from '../../perform.ts';
import { pictureStore, useEvents, usePicture } from '../../stores/picture-store.ts';
import { useT } from '../../stores/settings-store.ts';
import { showStep, useTour, wasSeen } from '../../stores/tour-store.ts';
import { doneBy, stepAfter, TOUR_STEPS, type TourStep } from './tour-steps.ts';
import styles from './tour.module.css';

const ACTS: Record<TourStep, () => Promise<void>> = {
  spawn: () => spawnNodes('worker', 1),
  load: startSomeLoad,
  kill: () => killNodes(newest('worker')),
  partition: () => partition(newest('datanode'), null),
  heal: () => healFaults('all'),
};

/** The newest ready node of a role: the eye is there already. */
function newest(role: 'worker' | 'datanode'): string[] {
  const ready = pictureStore.getState().picture.nodes.filter((node) => node.role === role && node.state === 'ready');
  const last = ready.at(-1)?.node;
  return last === undefined ? [] : [last];
}

export function Tour() {
  const t = useT();
  const phase = usePicture((picture) => picture.phase);
  const { step, after, last } = useTour();
  const events = useEvents();
  const isRunning = phase === 'running';
  useEffect(() => {
    if (isRunning && !wasSeen()) showStep(TOUR_STEPS[0]);
  }, [isRunning]);
  const now = TOUR_STEPS.find((known) => known === step);
  useEffect(() => {
    const done =
      now &&
      doneBy(
        now,
        events.filter(({ seq }) => seq > after),
      );
    if (now && done) showStep(stepAfter(now) ?? 'over', done.seq);
  }, [now, after, events]);
  if (step === null || !isRunning) return null;
  const ended = events.find(({ seq }) => seq === last);
  const result = ended && describeEvent(ended, t)?.text;
  return (
    <aside className={styles['tour']} aria-label={t('tour.title')} data-testid="tour" data-step={step}>
      <span className="num">
        {now ? t('tour.of', { step: TOUR_STEPS.indexOf(now) + 1, all: TOUR_STEPS.length }) : ''}
      </span>
      <div className={styles['text']} aria-live="polite">
        {result && <span className={styles['result']}>{result}</span>}
        <strong>{t(now ? `tour.${now}` : 'tour.over')}</strong> {t(now ? `tour.${now}-why` : 'tour.over-why')}
      </div>
      {now && <Button onClick={() => perform(ACTS[now]())}>{t('tour.do')}</Button>}
      <CloseButton
        aria-label={t(now ? 'tour.skip' : 'tour.close')}
        title={t(now ? 'tour.skip' : 'tour.close')}
        onClick={() => showStep(null)}
      />
    </aside>
  );
}
