/** The main process's end of a MessagePort as a channel (Electron's shape of a port, without Electron). */
import { closeOnce, type Channel } from '../../contract/rpc/channel.ts';

/** The part of Electron's MessagePortMain that a channel needs. */
export type MainPort = {
  postMessage(message: unknown): void;
  start(): void;
  close(): void;
  on(event: 'message', listener: (event: { data: unknown }) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
};

/** A channel over `port`; a message that is no text closes it. */
export function mainPortChannel(port: MainPort): Channel {
  const once = closeOnce();
  const close = () => {
    if (once.fired()) return;
    port.close();
    once.fire();
  };
  port.on('close', once.fire);
  return {
    send(text) {
      if (!once.fired()) port.postMessage(text);
    },
    onMessage(listener) {
      port.on('message', ({ data }) => {
        if (typeof data === 'string') listener(data);
        else close();
      });
      port.start();
    },
    onClose: once.listen,
    close,
  };
}
