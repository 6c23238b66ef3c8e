import { Menu } from 'electron';
import type { Say } from './words.ts';

export type MenuActs = { newWindow(): void; documentation(): void; crashReports(): void };

/** The menu that text fields, zoom and quitting need; the rest is in the window. */
export function setMenu(acts: MenuActs, say: Say): void {
  const mac = process.platform === 'darwin';
  Menu.setApplicationMenu(
    Menu.buildFromTemplate([
      ...(mac ? [{ role: 'appMenu' as const }] : []),
      {
        label: say('file'),
        submenu: [
          { id: 'new-window', label: say('newWindow'), accelerator: 'CmdOrCtrl+Shift+N', click: acts.newWindow },
          { type: 'separator' },
          { role: mac ? 'close' : 'quit' },
        ],
      },
      { role: 'editMenu' },
      {
        label: say('view'),
        submenu: [
          { role: 'reload' },
          { type: 'separator' },
          { role: 'resetZoom' },
          { role: 'zoomIn' },
          { role: 'zoomOut' },
          { type: 'separator' },
          { role: 'togglefullscreen' },
        ],
      },
      { role: 'windowMenu' },
      {
        role: 'help',
        label: say('help'),
        submenu: [
          { id: 'documentation', label: say('documentation'), click: acts.documentation },
          { id: 'crash-reports', label: say('crashReports'), click: acts.crashReports },
        ],
      },
    ]),
  );
}
