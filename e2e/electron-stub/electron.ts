/**
 * Stands in for the module `electron` where its binary is not: what Orrery uses of it, over Debian's
 * Chromium, and nothing else. It proves that the built files load and fit together; it does not prove the
 * real sandbox, menus, tray, notifications or the cloning of messages (docs/unverified.md).
 */
import { spawn } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { imitate } from './imitate.ts';
import { lastPage } from './window.ts';
import { pages } from './web-contents.ts';

export { app, launch } from './app.ts';
export { MessageChannelMain } from './ports.ts';
export { BrowserWindow, webContents } from './window.ts';

export const ipcMain = imitate<Electron.IpcMain>('ipcMain', pages.ipcMain as object);

export const protocol = imitate<Electron.Protocol>('protocol', {
  registerSchemesAsPrivileged: () => {},
  handle: (scheme: string, handler: (request: Request) => Response | Promise<Response>) =>
    void pages.schemes.set(scheme, handler),
});

/** Which permission a page has is Chromium's to enforce; here the policies are only taken. */
export const session = imitate<typeof Electron.session>('session', {
  defaultSession: imitate<Electron.Session>('session', {
    setPermissionRequestHandler: () => {},
    setPermissionCheckHandler: () => {},
  }),
});

/** Nobody sits before this screen: a test puts its own answer in place of what would ask. */
const nobody = (what: string) => () => {
  throw new Error(`Nobody is there to answer ${what}`);
};
export const dialog = imitate<Electron.Dialog>('dialog', {
  showMessageBox: nobody('a message box') as unknown as Electron.Dialog['showMessageBox'],
  showErrorBox: (title: string, content: string) => console.error(`${title}: ${content}`),
});
export const shell = imitate<Electron.Shell>('shell', {
  openExternal: nobody('a request to open an address'),
  openPath: nobody('a request to open a file'),
});

export const clipboard = imitate<Electron.Clipboard>('clipboard', {
  readText: async () => (await lastPage()?.clipboardText()) ?? '',
});

type Item = Electron.MenuItemConstructorOptions & { click?: (...args: unknown[]) => void };
class MenuImitation {
  readonly items: Item[];
  constructor(items: Item[]) {
    this.items = items.map((item) => ({
      ...item,
      ...(Array.isArray(item.submenu) && { submenu: Menu.buildFromTemplate(item.submenu) }),
    }));
  }
  getMenuItemById(id: string): Item | null {
    for (const item of this.items) {
      if (item.id === id) return item;
      const found = (item.submenu as MenuImitation | undefined)?.getMenuItemById(id);
      if (found) return found;
    }
    return null;
  }
}
let applicationMenu: Electron.Menu | null = null;
export const Menu = imitate<typeof Electron.Menu>('Menu', {
  buildFromTemplate: (template: Item[]) => imitate<Electron.Menu>('Menu', new MenuImitation(template) as object),
  setApplicationMenu: (menu: Electron.Menu | null) => void (applicationMenu = menu),
  getApplicationMenu: () => applicationMenu,
});

class TrayImitation extends EventEmitter {
  // An emitter would take the picture for its own options.
  constructor(_picture: Electron.NativeImage) {
    super();
  }
  setToolTip(): void {}
  setContextMenu(): void {}
}
export { TrayImitation as Tray };

export const nativeImage = imitate<typeof Electron.nativeImage>('nativeImage', {
  createFromPath: () => imitate<Electron.NativeImage>('NativeImage', {}),
});

export class Notification extends EventEmitter {
  static isSupported = (): boolean => true;
  constructor(_options: Electron.NotificationConstructorOptions) {
    super();
  }
  show(): void {}
}

export const screen = imitate<Electron.Screen>('screen', {
  getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1_920, height: 1_080 } } as Electron.Display],
});

export const crashReporter = imitate<Electron.CrashReporter>('crashReporter', { start: () => {} });

export const utilityProcess = {
  fork(module: string, args: string[], { env, cwd }: Electron.ForkOptions): Electron.UtilityProcess {
    const child = spawn('node', [module, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(cwd === undefined ? {} : { cwd }),
      env: env as NodeJS.ProcessEnv,
    });
    const { stdout, stderr } = child;
    const parts = Object.assign(new EventEmitter(), {
      pid: child.pid,
      stdout,
      stderr,
      kill: () => child.kill('SIGTERM'),
    });
    child.on('spawn', () => parts.emit('spawn'));
    child.on('exit', (code) => parts.emit('exit', code ?? 1));
    return imitate<Electron.UtilityProcess>('UtilityProcess', parts as object);
  },
};
