/** What programs of students did since this window began to listen: every step, and what follows of each. */
import { createStore } from 'zustand/vanilla';
import type { GuestStep } from '../../../../containers/protocol/guests.ts';
import { programsAfter, type SeenProgram } from '../../../core/course/course-diagnosis.ts';

/** A day of heartbeats of one datanode, or some hours of a class; older steps are dropped. */
const STEPS_KEPT = 20_000;

export const guestsStore = createStore<{ steps: readonly GuestStep[]; programs: readonly SeenProgram[] }>(() => ({
  steps: [],
  programs: [],
}));

export function takeGuestSteps(steps: readonly GuestStep[]): void {
  guestsStore.setState((state) => ({
    steps: [...state.steps, ...steps].slice(-STEPS_KEPT),
    programs: steps.reduce<readonly SeenProgram[]>(programsAfter, state.programs),
  }));
}

export const forgetGuests = (): void => guestsStore.setState({ steps: [], programs: [] });
