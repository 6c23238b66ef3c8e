/** Escape closes what is open: the event list, then the selection. Dialogs and the palette take it first. */
import { useEffect } from 'react';
import { navigationStore, toggleEvents } from '../stores/navigation-store.ts';
import { clearSelection, selectionStore } from '../stores/selection-store.ts';

export function useEscape(): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape' || event.defaultPrevented || document.querySelector('[role="dialog"]')) return;
      const { nodes, edge, request } = selectionStore.getState();
      if (nodes.length > 0 || edge || request) clearSelection();
      else if (navigationStore.getState().eventsOpen) toggleEvents(false);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}
