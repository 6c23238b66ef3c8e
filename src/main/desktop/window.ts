/** The windows, and what they are kept from. */
import { app, BrowserWindow, dialog, screen, session, shell } from 'electron';
import { decideOpen, isOwnPage, isPermitted, PAGE } from './security.ts';
import { placeWindow, readWindowState, SIZE, writeWindowState } from './window-state.ts';
import type { Say } from './words.ts';

export type WindowOptions = { preload: string; icon: string; stateFile: string };

/** Opens a window on our page, where the last one was; it is shown when it has something to show. */
export function openWindow({ preload, icon, stateFile }: WindowOptions): BrowserWindow {
  const kept = readWindowState(stateFile);
  const screens = screen.getAllDisplays().map(({ workArea }) => workArea);
  const window = new BrowserWindow({
    ...placeWindow(kept, screens),
    minWidth: SIZE.minWidth,
    minHeight: SIZE.minHeight,
    icon,
    show: false,
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
      spellcheck: false,
    },
  });
  window.once('ready-to-show', () => {
    if (kept?.maximized) window.maximize();
    window.show();
  });
  window.on('close', (event) => {
    writeWindowState(stateFile, { bounds: window.getNormalBounds(), maximized: window.isMaximized() });
    if (BrowserWindow.getAllWindows().length > 1) return;
    // The last one stays until the person has said what becomes of the cluster.
    event.preventDefault();
    app.quit();
  });
  window.loadURL(PAGE).catch((error: unknown) => dialog.showErrorBox('Orrery', `The window did not load: ${error}`));
  return window;
}

/** Brings a window to the front, opening one where there is none. */
export function showWindow(options: WindowOptions): void {
  const [window] = BrowserWindow.getAllWindows();
  if (!window) {
    openWindow(options);
    return;
  }
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}

/** Holds for every window and frame there will ever be. Needs Electron to be ready. */
export function guardWindows(say: Say): void {
  app.on('web-contents-created', (_, contents) => {
    contents.on('will-navigate', (event) => {
      if (!isOwnPage(event.url)) event.preventDefault();
    });
    contents.on('will-frame-navigate', (event) => {
      if (!isOwnPage(event.url)) event.preventDefault();
    });
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.setWindowOpenHandler(({ url }) => {
      if (decideOpen(url) === 'ask') askToOpen(url, say).catch(() => {});
      return { action: 'deny' };
    });
  });
  session.defaultSession.setPermissionRequestHandler((contents, permission, decide) => {
    decide(isPermitted(permission, contents.getURL()));
  });
  session.defaultSession.setPermissionCheckHandler((contents, permission) =>
    isPermitted(permission, contents?.getURL() ?? ''),
  );
}

async function askToOpen(url: string, say: Say): Promise<void> {
  const { response } = await dialog.showMessageBox({
    message: say('open'),
    detail: url,
    buttons: [say('openYes'), say('cancel')],
    defaultId: 1,
    cancelId: 1,
  });
  if (response === 0) await shell.openExternal(url);
}
