/**
 * What a page of the stand-in runs before its own scripts: in the page's world what a context bridge
 * puts there, and in a world apart the preload, with a `require` that knows what a sandbox allows.
 */

/** Name of the preload's world, and of the function there that reaches the main process. */
export const PRELOAD_WORLD = 'electron-preload';
export const TELL = '__electronTell';

/** What the preload's world tells. */
export type Told =
  | { t: 'send'; channel: string; args: unknown[]; url: string }
  | { t: 'port'; port: number; data: unknown }
  | { t: 'open'; url: string };

/** In the page's world: makes the functions of a bridge, and opens no window. Only events cross from world to world. */
export const PAGE_SCRIPT = `(() => {
  document.addEventListener('electron:expose', ({ detail }) => {
    const { name, methods } = JSON.parse(detail);
    const call = (method) => (...args) =>
      void document.dispatchEvent(new CustomEvent('electron:call', { detail: JSON.stringify({ name, method, args }) }));
    const api = Object.fromEntries(methods.map((method) => [method, call(method)]));
    Object.defineProperty(window, name, { value: Object.freeze(api), enumerable: true });
  });
  window.open = (url) => {
    document.dispatchEvent(new CustomEvent('electron:open', { detail: new URL(url, location.href).href }));
    return null;
  };
  document.addEventListener('click', (event) => {
    const link = event.target.closest?.('a[target="_blank"]');
    if (!link) return;
    event.preventDefault();
    window.open(link.href);
  });
})()`;

/** In the preload's world: `code` as a CommonJS module. Like Electron, in the top frame only. */
export function preloadScript(code: string): string {
  return `(() => {
  if (window.top !== window) return;
  const tell = (message) => globalThis.${TELL}(JSON.stringify(message));
  const listeners = new Map();
  const ports = new Map();
  globalThis.__electronReceive = (channel, message, ids) => {
    const received = ids.map((port) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = ({ data }) => tell({ t: 'port', port, data });
      ports.set(port, port1);
      return port2;
    });
    for (const listener of listeners.get(channel) ?? []) listener(only('IpcRendererEvent', { ports: received }), message);
  };
  globalThis.__electronPort = (port, data) => ports.get(port).postMessage(data);
  const only = (name, parts) => new Proxy(parts, {
    get(target, key) {
      if (key in target || typeof key === 'symbol') return target[key];
      throw new Error('The stand-in for Electron does not imitate ' + name + '.' + key);
    },
  });
  document.addEventListener('electron:open', ({ detail }) => tell({ t: 'open', url: detail }));
  const exposed = new Map();
  document.addEventListener('electron:call', ({ detail }) => {
    const { name, method, args } = JSON.parse(detail);
    exposed.get(name)[method](...args);
  });
  const electron = only('electron', {
    contextBridge: only('contextBridge', {
      exposeInMainWorld(name, api) {
        if (Object.values(api).some((value) => typeof value !== 'function')) throw new Error('Only functions are imitated');
        exposed.set(name, api);
        const detail = JSON.stringify({ name, methods: Object.keys(api) });
        document.dispatchEvent(new CustomEvent('electron:expose', { detail }));
      },
    }),
    ipcRenderer: only('ipcRenderer', {
      send: (channel, ...args) => tell({ t: 'send', channel, args, url: location.href }),
      on: (channel, listener) => listeners.set(channel, [...(listeners.get(channel) ?? []), listener]),
    }),
  });
  const require = (name) => {
    if (name === 'electron') return electron;
    throw new Error('module not found: ' + name);
  };
  const module = { exports: {} };
  try {
    (function (require, module, exports, process) {
${code}
    })(require, module, module.exports, undefined);
  } catch (error) {
    console.error('Unable to load preload script', error);
  }
})()`;
}
