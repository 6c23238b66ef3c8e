/** The picture of the cluster (a fold of the journal) and the recent events it was folded from. */
import { useMemo } from 'react';
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import { EMPTY_PICTURE, type ClusterPicture, type NodePicture } from '../../../core/cluster-picture.ts';
import { fold } from '../../../core/fold.ts';
import type { JournalEvent, NotableRequest } from '../../../core/journal.ts';
import type { ProgressState } from '../../../contract/contract.ts';

/** How many of the newest events the window keeps; older ones are paged from the journal. */
const EVENTS_KEPT = 3_000;

type PictureState = {
  picture: ClusterPicture;
  /** Oldest first. */
  events: readonly JournalEvent[];
  /** Whether the first picture has arrived. */
  loaded: boolean;
  progress: ProgressState;
};

export const pictureStore = createStore<PictureState>(() => ({
  picture: EMPTY_PICTURE,
  events: [],
  loaded: false,
  progress: null,
}));

/** Starts over from a picture and the events that led to it. */
export function loadPicture(picture: ClusterPicture, events: readonly JournalEvent[]): void {
  pictureStore.setState({ picture, events: events.slice(-EVENTS_KEPT), loaded: true });
}

/** Folds new events in; those that are in the picture already are skipped. */
export function applyEvents(batch: readonly JournalEvent[]): void {
  const { picture, events } = pictureStore.getState();
  let next = picture;
  const added: JournalEvent[] = [];
  for (const event of batch) {
    if (event.seq <= next.seq) continue;
    next = fold(next, event);
    // What programs did is in the picture; as events they are shown nowhere, and may be very many.
    if (event.body.type !== 'guest-steps') added.push(event);
  }
  if (next === picture) return;
  const kept = added.length === 0 ? events : [...events, ...added].slice(-EVENTS_KEPT);
  pictureStore.setState({ picture: next, events: kept });
}

export function usePicture<T>(select: (picture: ClusterPicture) => T): T {
  return useStore(pictureStore, (state) => select(state.picture));
}

export function useNode(id: string | undefined): NodePicture | undefined {
  return usePicture((picture) => [...picture.nodes, ...picture.guests].find((node) => node.node === id));
}

/** The nodes, and the guests behind them. */
export function useMembers(): readonly NodePicture[] {
  const nodes = usePicture((picture) => picture.nodes);
  const guests = usePicture((picture) => picture.guests);
  return useMemo(() => (guests.length === 0 ? nodes : [...nodes, ...guests]), [nodes, guests]);
}

export function useRequest(id: string | null): NotableRequest | undefined {
  return usePicture((picture) => picture.requests.find((request) => request.id === id));
}

export const useEvents = (): readonly JournalEvent[] => useStore(pictureStore, (state) => state.events);
export const useLoaded = (): boolean => useStore(pictureStore, (state) => state.loaded);
export const useProgress = (): ProgressState => useStore(pictureStore, (state) => state.progress);
/** Whether there is a cluster to show (also while it starts or stops). */
export const useHasCluster = (): boolean => usePicture(hasCluster);

function hasCluster(picture: ClusterPicture): boolean {
  return picture.phase === 'starting' || picture.phase === 'running' || picture.phase === 'stopping';
}
