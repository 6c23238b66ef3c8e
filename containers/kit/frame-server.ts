/** Accepts peers over frames. Nobody gets further than the hello without the cluster's secret. */
import { createServer, type Socket } from 'node:net';
import { OrreryError } from '../protocol/errors.ts';
import { PROTOCOL_VERSION } from '../protocol/version.ts';
import { SocketConnection } from './connection.ts';
import type { FaultShim } from './fault-shim.ts';
import { HANDSHAKE_TIMEOUT_MS, isHandshakeLost, readHello, type Hello, type Self } from './handshake.ts';
import { listen } from './listen.ts';
import type { Clock, Connection, Frame } from './ports.ts';

export type { Hello, Self } from './handshake.ts';

export type FrameServerOptions = {
  bind: string;
  /** 0 takes any free port. */
  port: number;
  self: Self;
  shim: FaultShim;
  clock: Clock;
  /**
   * A peer said a proper hello. Set the listeners at once. Returns extra fields of the welcome; to
   * refuse the peer by name, throw an OrreryError.
   */
  onPeer(connection: Connection, hello: Hello): Record<string, unknown>;
  onRefused(peer: string, code: string, reason: string): void;
};

const NAME_LENGTH_MAX = 100;

/** Listens; resolves when bound. Rejects with `bad-config` when the port cannot be taken. */
export async function serveFrames(options: FrameServerOptions): Promise<{ port: number; close(): Promise<void> }> {
  const connections = new Set<SocketConnection>();
  const server = createServer((socket) => greet(socket, options, connections));
  const port = await listen(server, options.bind, options.port);
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const connection of connections) connection.close('the node stops');
      }),
  };
}

function greet(socket: Socket, options: FrameServerOptions, connections: Set<SocketConnection>): void {
  const { clock, shim } = options;
  const connection = new SocketConnection({ socket, shim, clock });
  connections.add(connection);
  const cancelTimer = clock.after(HANDSHAKE_TIMEOUT_MS, () => connection.close('no hello came'));
  connection.onClose(() => {
    cancelTimer();
    connections.delete(connection);
  });
  connection.onFrame((frame) => {
    cancelTimer();
    welcome(connection, frame, options);
  });
}

function welcome(connection: SocketConnection, frame: Frame, options: FrameServerOptions): void {
  const { self, shim } = options;
  try {
    const hello = readHello(frame.head, self);
    if (isHandshakeLost(shim, hello.node)) {
      connection.close('lost by a fault');
      return;
    }
    connection.accept(hello.node);
    const extra = options.onPeer(connection, hello);
    const { node, role, incarnation } = self;
    connection.sendFirst({ t: 'welcome', protocol: PROTOCOL_VERSION, node, role, incarnation, ...extra });
  } catch (thrown) {
    if (!(thrown instanceof OrreryError)) throw thrown;
    const { code, message } = thrown;
    connection.sendFirst({ t: 'refused', code, reason: message });
    connection.close(message);
    const { node } = frame.head;
    options.onRefused(typeof node === 'string' ? node.slice(0, NAME_LENGTH_MAX) : 'unknown', code, message);
  }
}
