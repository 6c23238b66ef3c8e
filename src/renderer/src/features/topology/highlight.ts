/** Nodes that the selected request touched: its worker, and where its record lies. */
import { useStore } from 'zustand';
import { pictureStore, useRequest } from '../../stores/picture-store.ts';
import { selectionStore } from '../../stores/selection-store.ts';

export function useHighlighted(node: string): boolean {
  const request = useRequest(useStore(selectionStore, (selection) => selection.request));
  return request !== undefined && (request.worker === node || request.replicas.includes(node));
}

/** Nodes of the selected request that are in the picture. */
export function highlightedNodes(): string[] {
  const { request: id } = selectionStore.getState();
  const { requests, nodes } = pictureStore.getState().picture;
  const request = requests.find((one) => one.id === id);
  if (!request) return [];
  const touched = new Set([...request.replicas, ...(request.worker ? [request.worker] : [])]);
  return nodes.filter((node) => touched.has(node.node)).map((node) => node.node);
}
