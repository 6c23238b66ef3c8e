/** The time that ages are counted from, moved four times a second while the window is seen. */
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';

const CLOCK_MS = 250;

let offsetMs = 0;

/** The time in which the window lives: now, or the moment of a recording that it plays. */
export const windowNowMs = (): number => Date.now() + offsetMs;

const clockStore = createStore<{ nowMs: number }>(() => ({ nowMs: windowNowMs() }));

export function startClock(): void {
  setInterval(() => {
    if (!document.hidden) clockStore.setState({ nowMs: windowNowMs() });
  }, CLOCK_MS);
}

/** Sets how far the window's time is from now; 0 while it shows a panel. */
export function setClockOffset(ms: number): void {
  offsetMs = ms;
}

/** The time in steps of `stepMs`, at least CLOCK_MS: a component re-renders only when it moves on. */
export function useNowMs(stepMs = CLOCK_MS): number {
  return useStore(clockStore, (state) => Math.floor(state.nowMs / stepMs) * stepMs);
}
