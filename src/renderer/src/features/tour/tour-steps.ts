/** The guided first minute: five steps, each over when the cluster itself says so. Pure. */
import type { JournalBody, JournalEvent } from '../../../../core/journal.ts';

export const TOUR_STEPS = ['spawn', 'load', 'kill', 'partition', 'heal'] as const;
export type TourStep = (typeof TOUR_STEPS)[number];

/** The event that shows a step to be done; null while there is none. `events`: since the step began. */
export function doneBy(step: TourStep, events: readonly JournalEvent[]): JournalEvent | null {
  return events.find(({ body }) => isDone(step, body, events)) ?? null;
}

function isDone(step: TourStep, body: JournalBody, events: readonly JournalEvent[]): boolean {
  switch (step) {
    case 'spawn':
      return body.type === 'node-ready';
    case 'load':
      return body.type === 'load-started';
    case 'kill':
      return body.type === 'node-exited' && body.cause === 'killed';
    case 'partition':
      return body.type === 'fault-measured' && body.phase === 'during' && isPartition(body.fault, events);
    case 'heal':
      return body.type === 'faults-proved' && body.clean === true;
  }
}

function isPartition(fault: string, events: readonly JournalEvent[]): boolean {
  return events.some(
    ({ body }) => body.type === 'fault-asked' && body.fault === fault && body.spec.kind === 'partition',
  );
}

/** The step after one, null after the last. */
export function stepAfter(step: TourStep): TourStep | null {
  return TOUR_STEPS[TOUR_STEPS.indexOf(step) + 1] ?? null;
}
