/** Asks what becomes of the cluster, in a box of the desktop: it works also when no window does. */
import { BrowserWindow, dialog } from 'electron';
import type { QuitChoice } from './quit-choice.ts';
import type { Say } from './words.ts';

/** Null when the person wants to go on. */
export async function askQuit(
  { keepAs, nodes }: Extract<QuitChoice, { do: 'ask' }>,
  say: Say,
): Promise<'remove' | 'keep' | null> {
  const options = {
    type: 'question' as const,
    message: say('quitTitle'),
    detail: say('quitText', { nodes, name: keepAs }),
    buttons: [say('quitRemove'), say('quitKeep', { name: keepAs }), say('cancel')],
    defaultId: 0,
    cancelId: 2,
  };
  const [window] = BrowserWindow.getAllWindows();
  const { response } = await (window ? dialog.showMessageBox(window, options) : dialog.showMessageBox(options));
  return (['remove', 'keep', null] as const)[response] ?? null;
}
