/** Which page is open; the address holds it, so that back and forward work. */
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';

export const PAGES = [
  'topology',
  'heartbeats',
  'tasks',
  'latency',
  'load',
  'elastic',
  'records',
  'weather',
  'courses',
  'settings',
] as const;
export type Page = (typeof PAGES)[number];

function pageOf(hash: string): Page {
  const name = hash.replace(/^#\/?/, '');
  return PAGES.find((page) => page === name) ?? 'topology';
}

export const navigationStore = createStore<{ page: Page; eventsOpen: boolean; eventsAtMs: number | null }>(() => ({
  page: pageOf(globalThis.location?.hash ?? ''),
  eventsOpen: false,
  eventsAtMs: null,
}));

export function openPage(page: Page): void {
  if (navigationStore.getState().page === page) return;
  globalThis.location.hash = `/${page}`;
  navigationStore.setState({ page });
}

export function toggleEvents(open?: boolean): void {
  navigationStore.setState((state) => ({ eventsOpen: open ?? !state.eventsOpen, eventsAtMs: null }));
}

/** Shows what happened around an instant; null: the newest events again. */
export function showEventsAt(eventsAtMs: number | null): void {
  navigationStore.setState({ eventsOpen: true, eventsAtMs });
}

/** Follows the browser's back and forward. */
export function followAddress(): void {
  globalThis.addEventListener('hashchange', () => navigationStore.setState({ page: pageOf(globalThis.location.hash) }));
}

export const usePage = (): Page => useStore(navigationStore, (state) => state.page);
export const useEventsAt = (): number | null => useStore(navigationStore, (state) => state.eventsAtMs);
export const useEventsOpen = (): boolean => useStore(navigationStore, (state) => state.eventsOpen);
