/** The icon beside the clock: what runs, and how to end it. What it shows is decided in tray-view.ts. */
import { Menu, nativeImage, Tray } from 'electron';
import type { TrayDoes, TrayView } from './tray-view.ts';

export type TrayActs = Record<Exclude<TrayDoes, null>, () => void>;

/** Returns what shows a view. A desktop without such a place shows nothing; that is no failure. */
export function createTray(icon: string, acts: TrayActs): (view: TrayView) => void {
  const tray = new Tray(nativeImage.createFromPath(icon));
  tray.on('click', acts.show);
  let shown = '';
  return (view) => {
    // Rebuilding an open menu closes it, so only when something has changed.
    const text = JSON.stringify(view);
    if (text === shown) return;
    shown = text;
    tray.setToolTip(view.tooltip);
    tray.setContextMenu(
      Menu.buildFromTemplate(
        view.entries.map((entry) => {
          if (entry === 'separator') return { type: 'separator' as const };
          const { label, does } = entry;
          return does === null ? { label, enabled: false } : { id: does, label, click: acts[does] };
        }),
      ),
    );
  };
}
