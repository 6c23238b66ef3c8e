/** The one window, and what it is kept from. */
import { app, BrowserWindow, dialog, session, shell } from 'electron';
import { decideOpen, isOwnPage, isPermitted, PAGE } from './security.ts';

/** Opens the window on our page; it is shown when it has something to show. */
export function openWindow(preload: string): BrowserWindow {
  const window = new BrowserWindow({
    width: 1_360,
    height: 860,
    minWidth: 720,
    minHeight: 480,
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
  window.once('ready-to-show', () => window.show());
  window.loadURL(PAGE).catch((error: unknown) => dialog.showErrorBox('Orrery', `The window did not load: ${error}`));
  return window;
}

/** Holds for every window and frame there will ever be. Needs Electron to be ready. */
export function guardWindows(): void {
  app.on('web-contents-created', (_, contents) => {
    contents.on('will-navigate', (event) => {
      if (!isOwnPage(event.url)) event.preventDefault();
    });
    contents.on('will-frame-navigate', (event) => {
      if (!isOwnPage(event.url)) event.preventDefault();
    });
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.setWindowOpenHandler(({ url }) => {
      if (decideOpen(url) === 'ask') askToOpen(url).catch(() => {});
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

async function askToOpen(url: string): Promise<void> {
  const { response } = await dialog.showMessageBox({
    message: 'Open this address in the browser?',
    detail: url,
    buttons: ['Open', 'Cancel'],
    defaultId: 1,
    cancelId: 1,
  });
  if (response === 0) await shell.openExternal(url);
}
