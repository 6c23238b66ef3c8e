/** Whether the dialog that asks how to stop is open; the palette opens it too. */
import { createStore } from 'zustand/vanilla';

export const stopDialogStore = createStore<{ open: boolean }>(() => ({ open: false }));

export function openStopDialog(open: boolean): void {
  stopDialogStore.setState({ open });
}
