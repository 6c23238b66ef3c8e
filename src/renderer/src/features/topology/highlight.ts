/** Nodes that the selected request touched: its worker, and where its record lies. */
import { useStore } from 'zustand';
import { useRequest } from '../../stores/picture-store.ts';
import { selectionStore } from '../../stores/selection-store.ts';

export function useHighlighted(node: string): boolean {
  const request = useRequest(useStore(selectionStore, (selection) => selection.request));
  return request !== undefined && (request.worker === node || request.replicas.includes(node));
}
