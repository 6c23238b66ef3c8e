/** BrowserWindow: bookkeeping of a window whose page is a page of a headless Chromium. */
import { EventEmitter } from 'node:events';
import { imitate } from './imitate.ts';
import { PageImitation, pages } from './web-contents.ts';

const windows = new Set<WindowImitation>();
/** Told when the last window has closed. */
export const allClosed = new EventEmitter();

class WindowImitation extends EventEmitter {
  readonly self: Electron.BrowserWindow;
  readonly webContents: Electron.WebContents;
  readonly page: PageImitation;
  readonly #bounds: Electron.Rectangle;
  #maximized = false;

  constructor(options: Electron.BrowserWindowConstructorOptions) {
    super();
    const { x = 0, y = 0, width = 800, height = 600, webPreferences = {} } = options;
    if (webPreferences.sandbox !== true || webPreferences.contextIsolation === false || webPreferences.nodeIntegration)
      throw new Error('The stand-in for Electron imitates sandboxed windows only');
    this.#bounds = { x, y, width, height };
    this.self = imitate<Electron.BrowserWindow>('BrowserWindow', this as object);
    this.page = new PageImitation(webPreferences.preload ?? '', { width, height });
    this.webContents = this.page.self;
    windows.add(this);
    this.page.once('did-finish-load', () => this.emit('ready-to-show'));
    this.page.on('-close', () => this.close());
  }

  loadURL(url: string): Promise<void> {
    return this.page.loadURL(url);
  }

  show(): void {
    this.emit('show');
  }

  focus(): void {
    this.page.focus();
  }

  restore(): void {}

  maximize(): void {
    this.#maximized = true;
  }

  isMinimized(): boolean {
    return false;
  }

  isMaximized(): boolean {
    return this.#maximized;
  }

  isDestroyed(): boolean {
    return this.page.isDestroyed();
  }

  getNormalBounds(): Electron.Rectangle {
    return { ...this.#bounds };
  }

  /** As a person closes it: a listener may prevent it. */
  close(): void {
    let prevented = false;
    this.emit('close', { preventDefault: () => (prevented = true) });
    if (!prevented) this.destroy();
  }

  destroy(): void {
    if (!windows.delete(this)) return;
    this.page.destroy();
    this.emit('closed');
    if (windows.size === 0) allClosed.emit('closed');
  }
}

type Options = Electron.BrowserWindowConstructorOptions;
const make = function (options: Options = {}) {
  return new WindowImitation(options).self;
} as unknown as new (options?: Options) => Electron.BrowserWindow;

export const BrowserWindow = imitate<typeof Electron.BrowserWindow>(
  'BrowserWindow',
  Object.assign(make, {
    getAllWindows: () => [...windows].map(({ self }) => self),
    fromWebContents: (contents: Electron.WebContents) =>
      [...windows].find(({ webContents }) => webContents === contents)?.self ?? null,
    getFocusedWindow: () => [...windows].at(-1)?.self ?? null,
  }),
);

export const webContents = imitate<typeof Electron.webContents>('webContents', {
  fromDevToolsTargetId: (target: string) => [...pages.all].find((page) => page.target === target)?.self,
});

export function destroyAllWindows(): void {
  for (const window of windows) window.destroy();
}

/** The page that was opened last. */
export const lastPage = (): PageImitation | undefined => [...windows].at(-1)?.page;
