/** How the next fault shall be: what the sliders say, and the two sides of a partition. */
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';

export type FaultDraft = {
  forMs: number;
  delayMs: number;
  jitterMs: number;
  /** 0 to 1. */
  lossShare: number;
  bothWays: boolean;
  diskMs: number;
  sideA: readonly string[];
  sideB: readonly string[];
};

export const draftStore = createStore<FaultDraft>(() => ({
  forMs: 30_000,
  delayMs: 200,
  jitterMs: 20,
  lossShare: 0,
  bothWays: true,
  diskMs: 100,
  sideA: [],
  sideB: [],
}));

export const draftFault = (change: Partial<FaultDraft>): void => draftStore.setState(change);
export const useFaultDraft = (): FaultDraft => useStore(draftStore);

/** A node is on one side only. */
export function putOnSide(side: 'A' | 'B', nodes: readonly string[]): void {
  const { sideA, sideB } = draftStore.getState();
  const without = (others: readonly string[]): string[] => others.filter((node) => !nodes.includes(node));
  draftFault(side === 'A' ? { sideA: nodes, sideB: without(sideB) } : { sideB: nodes, sideA: without(sideA) });
}

export const useSideOf = (node: string): 'A' | 'B' | null =>
  useStore(draftStore, ({ sideA, sideB }) => (sideA.includes(node) ? 'A' : sideB.includes(node) ? 'B' : null));
