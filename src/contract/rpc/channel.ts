/** A pipe for texts between the two ends of the bridge, and its two real transports. */

/**
 * Ordered, lossless until closed. `send` after the close is dropped in silence. One listener of each
 * kind; `onClose` is called once, also when this end closes.
 */
export type Channel = {
  send(text: string): void;
  onMessage(listener: (text: string) => void): void;
  onClose(listener: () => void): void;
  close(): void;
};

/** The part of a WebSocket, the browser's or that of `ws`, that a channel needs. */
export type SocketLike = {
  readonly readyState: number;
  send(text: string): void;
  close(code?: number): void;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
  addEventListener(type: 'close', listener: () => void): void;
};

const SOCKET_OPEN = 1;

/** A channel over an open WebSocket. Binary messages are no texts of ours: they close it. */
export function socketChannel(socket: SocketLike): Channel {
  return {
    send(text) {
      if (socket.readyState === SOCKET_OPEN) socket.send(text);
    },
    onMessage(listener) {
      socket.addEventListener('message', ({ data }) => {
        if (typeof data === 'string') listener(data);
        else socket.close(1003);
      });
    },
    onClose(listener) {
      socket.addEventListener('close', listener);
    },
    close: () => socket.close(1000),
  };
}

/** The part of the window's MessagePort that a channel needs. */
export type PortLike = {
  postMessage(text: string): void;
  start(): void;
  close(): void;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
  addEventListener(type: 'close', listener: () => void): void;
};

/** A channel over the window's end of a MessagePort; the main process has its own in bridge/port-host.ts. */
export function portChannel(port: PortLike): Channel {
  const once = closeOnce();
  port.addEventListener('close', once.fire);
  return {
    send(text) {
      if (!once.fired()) port.postMessage(text);
    },
    onMessage(listener) {
      port.addEventListener('message', ({ data }) => {
        if (typeof data === 'string') listener(data);
      });
      port.start();
    },
    onClose: once.listen,
    close() {
      port.close();
      // A port does not tell the end that closed it.
      once.fire();
    },
  };
}

/** A close that is told once, however often it happens. */
export function closeOnce(): { fire(): void; fired(): boolean; listen(listener: () => void): void } {
  let fired = false;
  let told: () => void = () => {};
  return {
    fire() {
      if (fired) return;
      fired = true;
      told();
    },
    fired: () => fired,
    listen(listener) {
      told = listener;
    },
  };
}
