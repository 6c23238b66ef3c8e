/** A page: webContents over a page of Chromium, and the custom schemes that it is fed from. */
import { EventEmitter, once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Chromium, type Params } from './chromium.ts';
import { imitate } from './imitate.ts';
import type { Port } from './ports.ts';
import { PAGE_SCRIPT, PRELOAD_WORLD, preloadScript, TELL, type Told } from './preload-world.ts';

type SchemeHandler = (request: Request) => Response | Promise<Response>;

/** What all pages share. */
export const pages = {
  chromium: null as Chromium | null,
  all: new Set<PageImitation>(),
  schemes: new Map<string, SchemeHandler>(),
  ipcMain: new EventEmitter(),
  /** Told of each new page, before it loads anything. */
  created: (_contents: Electron.WebContents): void => {},
};

/** `app://ui/x` is `http://ui.app.localhost/x` to Chromium, which knows no scheme of ours. */
export function outward(address: string): string {
  const url = new URL(address);
  const scheme = url.protocol.slice(0, -1);
  return pages.schemes.has(scheme)
    ? address.replace(`${scheme}://${url.host}`, `http://${url.host}.${scheme}.localhost`)
    : address;
}

export function inward(address: string): string {
  return address.replace(/^http:\/\/(\w+)\.(\w+)\.localhost(?=\/)/, '$2://$1');
}

type OpenHandler = Parameters<Electron.WebContents['setWindowOpenHandler']>[0];

export class PageImitation extends EventEmitter {
  readonly id = pages.all.size + 1;
  readonly self: Electron.WebContents;
  readonly opened: Promise<void>;
  target = '';
  #session = '';
  #preloadContext = 0;
  #url = '';
  #asked = '';
  #ports = new Map<number, Port>();
  #lastPort = 0;
  #onOpen: OpenHandler = () => ({ action: 'allow' });
  #destroyed = false;

  constructor(preload: string, size: { width: number; height: number }) {
    super();
    this.self = imitate<Electron.WebContents>('webContents', this as object);
    pages.all.add(this);
    pages.created(this.self);
    this.opened = this.#open(preload, size);
  }

  getURL(): string {
    return inward(this.#url);
  }

  isDestroyed(): boolean {
    return this.#destroyed;
  }

  setWindowOpenHandler(handler: OpenHandler): void {
    this.#onOpen = handler;
  }

  /** Resolves when the page has loaded. */
  async loadURL(address: string): Promise<void> {
    await this.opened;
    this.#asked = outward(address);
    const loaded = once(this, 'did-finish-load');
    await this.#send('Page.navigate', { url: this.#asked });
    await loaded;
  }

  reload(): void {
    this.#asked = this.#url;
    this.#send('Page.reload').catch(() => {});
  }

  close(): void {
    this.emit('-close');
  }

  /** Ends the page; what it was connected to hears of it. */
  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    pages.all.delete(this);
    this.#closePorts();
    pages.chromium?.send('Target.closeTarget', { targetId: this.target }).catch(() => {});
    this.emit('destroyed');
  }

  focus(): void {
    this.#send('Page.bringToFront').catch(() => {});
  }

  async clipboardText(): Promise<string> {
    const expression = 'navigator.clipboard.readText()';
    const { result } = await this.#send('Runtime.evaluate', { expression, awaitPromise: true, userGesture: true });
    return String((result as { value: unknown }).value);
  }

  #send(method: string, params: Params = {}): Promise<Params> {
    if (!pages.chromium) throw new Error('Chromium was not started');
    return pages.chromium.send(method, params, this.#session);
  }

  async #open(preload: string, { width, height }: { width: number; height: number }): Promise<void> {
    const { chromium } = pages;
    if (!chromium) throw new Error('A window needs an app that is ready');
    const made = await chromium.send('Target.createTarget', { url: 'about:blank', newWindow: true, width, height });
    this.target = String(made['targetId']);
    const attached = await chromium.send('Target.attachToTarget', { targetId: this.target, flatten: true });
    this.#session = String(attached['sessionId']);
    this.#listen(chromium);
    await Promise.all([
      this.#send('Page.enable'),
      this.#send('Runtime.enable'),
      this.#send('Fetch.enable', {
        patterns: [{ urlPattern: 'http://*.localhost/*' }, { urlPattern: '*', resourceType: 'Document' }],
      }),
      this.#send('Runtime.addBinding', { name: TELL, executionContextName: PRELOAD_WORLD }),
      this.#send('Page.addScriptToEvaluateOnNewDocument', { source: PAGE_SCRIPT }),
      this.#send('Page.addScriptToEvaluateOnNewDocument', {
        source: preloadScript(readFileSync(preload, 'utf8')),
        worldName: PRELOAD_WORLD,
      }),
    ]);
  }

  #listen(chromium: Chromium): void {
    const on = <T>(method: string, listener: (params: T) => void) =>
      chromium.on(`${this.#session}:${method}`, listener);
    on('Page.frameNavigated', ({ frame }: { frame: { url: string; parentId?: string } }) => {
      if (frame.parentId === undefined) this.#url = frame.url;
    });
    on('Page.navigatedWithinDocument', ({ url }: { url: string }) => (this.#url = url));
    on('Page.loadEventFired', () => this.emit('did-finish-load'));
    on('Runtime.executionContextsCleared', () => this.#closePorts());
    on('Runtime.executionContextCreated', ({ context }: { context: { id: number; name: string } }) => {
      if (context.name === PRELOAD_WORLD) this.#preloadContext = context.id;
    });
    on('Runtime.bindingCalled', ({ payload }: { payload: string }) => this.#told(JSON.parse(payload) as Told));
    on('Fetch.requestPaused', (paused: Paused) => {
      this.#answer(paused).catch((error: unknown) => console.error(error));
    });
  }

  #told(told: Told): void {
    if (told.t === 'open') {
      const { action } = this.#onOpen({ url: inward(told.url) } as Parameters<OpenHandler>[0]);
      if (action !== 'deny') throw new Error('The stand-in for Electron does not imitate windows that pages open');
    } else if (told.t === 'port') this.#ports.get(told.port)?.other?.take(String(told.data));
    else {
      const senderFrame = imitate<Electron.WebFrameMain>('WebFrameMain', {
        url: inward(told.url),
        parent: null,
        postMessage: (channel: string, message: unknown, ports?: Electron.MessagePortMain[]) =>
          this.#post(channel, message, (ports ?? []) as unknown as Port[]),
      });
      pages.ipcMain.emit(
        told.channel,
        imitate<Electron.IpcMainEvent>('IpcMainEvent', { sender: this.self, senderFrame }),
        ...told.args,
      );
    }
  }

  #post(channel: string, message: unknown, ports: Port[]): void {
    const ids = ports.map((port) => {
      const id = (this.#lastPort += 1);
      this.#ports.set(id, port);
      port.once('close', () => this.#ports.delete(id));
      port.carry((data) => this.#inPreload('__electronPort', [id, data]));
      return id;
    });
    this.#inPreload('__electronReceive', [channel, message, ids]);
  }

  #inPreload(name: string, args: unknown[]): void {
    const expression = `${name}(${args.map((argument) => JSON.stringify(argument)).join(',')})`;
    // A page that has gone meanwhile hears nothing.
    this.#send('Runtime.evaluate', { expression, contextId: this.#preloadContext }).catch(() => {});
  }

  #closePorts(): void {
    for (const port of this.#ports.values()) port.close();
    this.#ports.clear();
  }

  async #answer({ requestId, request, resourceType }: Paused): Promise<void> {
    const url = inward(request.url);
    if (resourceType === 'Document' && request.url.replace(/#.*/, '') !== this.#asked.replace(/#.*/, '')) {
      let prevented = false;
      for (const event of ['will-frame-navigate', 'will-navigate'])
        this.emit(event, { url, isMainFrame: true, preventDefault: () => (prevented = true) });
      if (prevented) {
        await this.#send('Fetch.failRequest', { requestId, errorReason: 'Aborted' });
        return;
      }
    }
    const handler = pages.schemes.get(url.slice(0, url.indexOf(':')));
    if (!handler) {
      await this.#send('Fetch.continueRequest', { requestId });
      return;
    }
    const response = await handler(new Request(url, { method: request.method }));
    const responseHeaders = [...response.headers].map(([name, value]) => ({ name, value }));
    const body = Buffer.from(await response.arrayBuffer()).toString('base64');
    await this.#send('Fetch.fulfillRequest', { requestId, responseCode: response.status, responseHeaders, body });
  }
}

type Paused = { requestId: string; request: { url: string; method: string }; resourceType: string };
