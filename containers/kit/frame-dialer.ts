/** Keeps one connection to an address alive: dials, says hello, dials again when it is lost. */
import { connect } from 'node:net';
import type { Role } from '../protocol/roles.ts';
import type { Random } from '../protocol/step.ts';
import { SocketConnection } from './connection.ts';
import type { FaultShim } from './fault-shim.ts';
import { HANDSHAKE_TIMEOUT_MS, helloFrame, isHandshakeLost, type Self } from './handshake.ts';
import type { Clock, Connection, FrameHead } from './ports.ts';

const BACKOFF_MS_MIN = 50;
const BACKOFF_MS_MAX = 2_000;
/** Gentle: nodes of one cluster start together, and whoever is a little early should not wait long. */
const BACKOFF_FACTOR = 1.5;

export type DialerOptions = {
  /** `host:port`. */
  address: string;
  /**
   * Who has to answer there. The address of a node that ended can pass to another one of the same
   * cluster while it is dialled, and that one would say welcome, too.
   */
  peer: { role: Role; node?: string };
  self: Self;
  /** What the hello tells about this node; asked at every dial. */
  info(): Record<string, unknown>;
  shim: FaultShim;
  clock: Clock;
  random: Random;
  /** The peer said welcome. Set the listeners at once. */
  onOpen(connection: Connection, welcome: FrameHead): void;
  /** An open connection was lost. */
  onClosed(reason: string): void;
  onRefused(code: string, reason: string): void;
};

export function dialFrames(options: DialerOptions): { connection(): Connection | null; close(): void } {
  const dialer = new Dialer(options);
  dialer.dial();
  return { connection: () => dialer.connection, close: () => dialer.close() };
}

class Dialer {
  /** The connection, once welcomed. */
  connection: SocketConnection | null = null;
  readonly #options: DialerOptions;
  #attempt: SocketConnection | null = null;
  /** Who is expected to answer; master and headnode are called by their role. */
  #peer: string;
  #backoffMs = BACKOFF_MS_MIN;
  #closed = false;
  #cancelTimer = (): void => {};

  constructor(options: DialerOptions) {
    this.#options = options;
    this.#peer = options.peer.node ?? options.peer.role;
  }

  dial(): void {
    const { address, clock, shim, self } = this.#options;
    const colon = address.lastIndexOf(':');
    const socket = connect({ host: address.slice(0, colon), port: Number(address.slice(colon + 1)) });
    const connection = new SocketConnection({ socket, shim, clock });
    this.#attempt = connection;
    const cancelTimer = clock.after(HANDSHAKE_TIMEOUT_MS, () => connection.close('no welcome came'));
    connection.onClose((reason) => {
      cancelTimer();
      this.#lost(connection, reason);
    });
    connection.onFrame((frame) => {
      cancelTimer();
      this.#answered(connection, frame.head);
    });
    socket.on('connect', () => {
      if (isHandshakeLost(shim, this.#peer)) connection.close('lost by a fault');
      else connection.send(helloFrame(self, this.#options.info()));
    });
  }

  close(): void {
    this.#closed = true;
    this.#cancelTimer();
    this.#attempt?.close('the node stops');
  }

  #answered(connection: SocketConnection, head: FrameHead): void {
    const { shim, peer } = this.#options;
    if (head.t === 'welcome' && typeof head['node'] === 'string') {
      if (head['role'] !== peer.role || (peer.node !== undefined && head['node'] !== peer.node)) {
        connection.close(`${head['node']} answered instead of ${peer.node ?? `a ${peer.role}`}`);
        return;
      }
      if (head['node'] !== this.#peer && isHandshakeLost(shim, head['node'])) {
        connection.close('lost by a fault');
        return;
      }
      this.#peer = head['node'];
      connection.accept(head['node']);
      this.connection = connection;
      this.#backoffMs = BACKOFF_MS_MIN;
      this.#options.onOpen(connection, head);
      return;
    }
    if (head.t === 'refused') {
      this.#backoffMs = BACKOFF_MS_MAX;
      this.#options.onRefused(String(head['code']), String(head['reason']));
    }
    connection.close('the peer said no welcome');
  }

  #lost(connection: SocketConnection, reason: string): void {
    const wasOpen = this.connection === connection;
    this.connection = null;
    this.#attempt = null;
    if (!this.#closed) {
      const delayMs = this.#backoffMs * (0.5 + this.#options.random() / 2);
      this.#backoffMs = Math.min(this.#backoffMs * BACKOFF_FACTOR, BACKOFF_MS_MAX);
      this.#cancelTimer = this.#options.clock.after(delayMs, () => this.dial());
    }
    if (wasOpen) this.#options.onClosed(reason);
  }
}
