/** What is selected, the same on every page: nodes (one or several), one edge, or one request. */
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';

export type Selection = {
  nodes: readonly string[];
  edge: { from: string; to: string } | null;
  /** Id of a notable request. */
  request: string | null;
  /** Id of a kept trace. */
  trace: string | null;
};

const NOTHING: Selection = { nodes: [], edge: null, request: null, trace: null };

export const selectionStore = createStore<Selection>(() => NOTHING);

export function selectNodes(nodes: readonly string[]): void {
  const now = selectionStore.getState();
  if (!now.edge && !now.request && !now.trace && sameIds(now.nodes, nodes)) return;
  selectionStore.setState({ ...NOTHING, nodes });
}

/** Adds the node to the selection, or takes it out. */
export function toggleNode(node: string): void {
  const { nodes } = selectionStore.getState();
  selectNodes(nodes.includes(node) ? nodes.filter((id) => id !== node) : [...nodes, node]);
}

/** Takes out of the selection what is no longer there. */
export function keepSelected(exists: (node: string) => boolean): void {
  const { nodes } = selectionStore.getState();
  if (!nodes.every(exists)) selectNodes(nodes.filter(exists));
}

export function selectEdge(from: string, to: string): void {
  selectionStore.setState({ ...NOTHING, edge: { from, to } });
}

export function selectRequest(request: string): void {
  selectionStore.setState({ ...NOTHING, request });
}

export function selectTrace(trace: string): void {
  selectionStore.setState({ ...NOTHING, trace });
}

export function clearSelection(): void {
  selectionStore.setState(NOTHING);
}

function sameIds(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((id, index) => id === b[index]);
}

export const useSelection = (): Selection => useStore(selectionStore);
export const useIsSelected = (node: string): boolean =>
  useStore(selectionStore, (selection) => selection.nodes.includes(node));
