/** The window's one client. Which transport carries it is decided here and known nowhere else. */
import { OrreryError } from '../../../containers/protocol/errors.ts';
import type { Client } from '../../contract/contract.ts';
import { BRIDGE_GLOBAL, PORT_MESSAGE, SOCKET_PATH } from '../../contract/names.ts';
import { portChannel, socketChannel, type Channel } from '../../contract/rpc/channel.ts';
import { createClient } from '../../contract/rpc/client.ts';

/** What the preload puts on the window in Electron: asks main for a new port, which arrives as a message. */
type PreloadBridge = { connect(): void };

function preloadBridge(): PreloadBridge | null {
  const found: unknown = Reflect.get(globalThis, BRIDGE_GLOBAL);
  return found !== null && typeof found === 'object' && 'connect' in found ? (found as PreloadBridge) : null;
}

function connectPort(preload: PreloadBridge): Promise<Channel> {
  return new Promise((resolve) => {
    const receive = (message: MessageEvent): void => {
      const [port] = message.ports;
      // A port cannot cross the context bridge, so the preload posts it to its own window.
      if (message.source !== window || message.data !== PORT_MESSAGE || !port) return;
      window.removeEventListener('message', receive);
      resolve(portChannel(port));
    };
    window.addEventListener('message', receive);
    preload.connect();
  });
}

function connectSocket(): Promise<Channel> {
  const address = new URL(SOCKET_PATH, window.location.href);
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(address);
    socket.addEventListener('open', () => resolve(socketChannel(socket)), { once: true });
    socket.addEventListener('close', () => reject(new OrreryError('disconnected')), { once: true });
  });
}

let current: Client | null = null;

/** The client of this window. */
export function getClient(): Client {
  if (!current) {
    const preload = preloadBridge();
    current = createClient(() => (preload ? connectPort(preload) : connectSocket()));
  }
  return current;
}

/** Puts another client in its place: for designing the window without a panel. */
export function replaceClient(client: Client): void {
  current = client;
}
