/**
 * Runs sandboxed, in a world of its own beside the page. It hands the page one thing: a way to ask
 * for a port to the main process. A port cannot cross the context bridge, so it goes as a message.
 */
import { contextBridge, ipcRenderer } from 'electron';
import { BRIDGE_GLOBAL, CONNECT_CHANNEL, PORT_MESSAGE } from '../contract/names.ts';

/** The window as far as it is needed: this file is checked with the main process, which has none. */
declare const window: {
  location: { origin: string };
  postMessage(message: string, targetOrigin: string, transfer: readonly unknown[]): void;
};

contextBridge.exposeInMainWorld(BRIDGE_GLOBAL, { connect: () => ipcRenderer.send(CONNECT_CHANNEL) });

ipcRenderer.on(CONNECT_CHANNEL, ({ ports }) => {
  window.postMessage(PORT_MESSAGE, window.location.origin, ports);
});
