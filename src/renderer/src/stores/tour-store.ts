/** The guided first minute: at which step it is, since which event; and whether this browser has seen it. */
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import { pictureStore } from './picture-store.ts';

const KEY = 'orrery.tour';

/** `step` null: not shown. `after`: events up to this one are not the step's. `last`: how the step before ended. */
export type Tour<Step extends string = string> = { step: Step | 'over' | null; after: number; last: number | null };

export const tourStore = createStore<Tour>(() => ({ step: null, after: 0, last: null }));

export function showStep(step: string | null, last: number | null = null): void {
  tourStore.setState({ step, after: last ?? pictureStore.getState().picture.seq, last });
  if (step === null || step === 'over') remember();
}

export const useTour = (): Tour => useStore(tourStore);

export function wasSeen(): boolean {
  try {
    return globalThis.localStorage.getItem(KEY) !== null;
  } catch {
    // Where nothing can be kept, nobody is to be led through it again and again.
    return true;
  }
}

function remember(): void {
  try {
    globalThis.localStorage.setItem(KEY, 'seen');
  } catch {
    // See above.
  }
}
