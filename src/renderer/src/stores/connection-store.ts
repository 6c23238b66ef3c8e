/** Whether the panel answers, and since when not. */
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';

export type ConnectionState = { connected: boolean; ever: boolean; lostAtMs: number | null };

const connectionStore = createStore<ConnectionState>(() => ({ connected: false, ever: false, lostAtMs: null }));

export function noteConnection(connected: boolean): void {
  connectionStore.setState((state) =>
    connected
      ? { connected: true, ever: true, lostAtMs: null }
      : { connected: false, lostAtMs: state.lostAtMs ?? Date.now() },
  );
}

export const useConnection = (): ConnectionState => useStore(connectionStore);
