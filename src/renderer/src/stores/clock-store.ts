/** The time that ages are counted from, moved four times a second while the window is seen. */
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';

const CLOCK_MS = 250;

const clockStore = createStore<{ nowMs: number }>(() => ({ nowMs: Date.now() }));

export function startClock(): void {
  setInterval(() => {
    if (!document.hidden) clockStore.setState({ nowMs: Date.now() });
  }, CLOCK_MS);
}

/** The time in steps of `stepMs`, at least CLOCK_MS: a component re-renders only when it moves on. */
export function useNowMs(stepMs = CLOCK_MS): number {
  return useStore(clockStore, (state) => Math.floor(state.nowMs / stepMs) * stepMs);
}
