/** The sockets of protocol C: connections in, bytes out, timers. What they mean is in session-core.ts. */
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { listen } from '../../kit/listen.ts';
import type { Clock } from '../../kit/ports.ts';
import { toOrreryError } from '../../protocol/errors.ts';
import type { GuestStep } from '../../protocol/guests.ts';
import type { Beat, Member, MonitorEvent } from '../../protocol/stream.ts';
import { createSession, GREETING_HELD_MS, stepSession } from './session-core.ts';
import type { Session, SessionEffect, SessionEvent } from './session-core.ts';
import { refusalText } from './message-store.ts';
import type { MessageStore } from './message-store.ts';
import {
  CHECK_INTERVAL_MS,
  checkSockets,
  endSocket,
  heardSocket,
  joinSocket,
  livingSockets,
  memberOfSocket,
} from './socket-members.ts';
import type { Happened, SocketMembers } from './socket-members.ts';

const CONNECTIONS_MAX = 500;
/** Who says nothing of itself for so long is let go; a client that said who it is may think for longer. */
const UNKNOWN_IDLE_MS = 60_000;
const KNOWN_IDLE_MS = 15 * 60_000;
/** The system asks a silent peer whether it is still there. */
const KEEP_ALIVE_MS = 30_000;
/** A peer that reads nothing of what it is sent is let go. */
const UNREAD_BYTES_MAX = 1024 * 1024;
/** What is sent before the end is given this long to be read. */
const CLOSE_GRACE_MS = 2_000;

type Connection = {
  id: number;
  socket: Socket;
  session: Session;
  peer: string;
  cancelPause: () => void;
  cancelEnd: () => void;
};

export type SocketDeskOptions = {
  clock: Clock;
  messages: MessageStore;
  publish(event: MonitorEvent): void;
  beat(beat: Beat): void;
  step(step: GuestStep): void;
};

export class SocketDesk {
  readonly #options: SocketDeskOptions;
  readonly #connections = new Map<number, Connection>();
  readonly #members: SocketMembers = new Map();
  readonly #stopChecks: () => void;
  #last = 0;

  constructor(options: SocketDeskOptions) {
    this.#options = options;
    this.#stopChecks = options.clock.every(CHECK_INTERVAL_MS, () => {
      if (this.#members.size > 0) this.#check();
    });
  }

  members(): Member[] {
    return [...this.#members.values()].map(memberOfSocket);
  }

  /** Listens; `close` ends all connections. */
  async serve(bind: string, port: number): Promise<{ port: number; close(): Promise<void> }> {
    // A client may end its side when it has sent everything, and still wants its answers.
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#accept(socket));
    const used = await listen(server, bind, port);
    return {
      port: used,
      close: () =>
        new Promise((resolve) => {
          this.#stopChecks();
          server.close(() => resolve());
          for (const { socket } of this.#connections.values()) socket.destroy();
        }),
    };
  }

  #check(): void {
    this.#tell(checkSockets(this.#members, this.#nowMs()));
    // Dead for so long that it was forgotten: it may come again, on a new connection.
    for (const { id, session, socket } of this.#connections.values()) {
      if (session.role === 'datanode' && !this.#members.has(id)) socket.destroy();
    }
  }

  #accept(socket: Socket): void {
    const { clock } = this.#options;
    const peer = peerOf(socket);
    socket.on('error', () => socket.destroy());
    if (this.#connections.size >= CONNECTIONS_MAX) {
      this.#step({ step: 'connected', ok: false, peer, reason: `there are ${CONNECTIONS_MAX} connections already` });
      socket.end('Error: too many connections');
      socket.destroySoon();
      return;
    }
    const id = ++this.#last;
    const connection: Connection = {
      id,
      socket,
      session: createSession(),
      peer,
      cancelPause: () => {},
      cancelEnd: () => {},
    };
    this.#connections.set(id, connection);
    this.#step({ step: 'connected', ok: true, peer });
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    socket.setTimeout(UNKNOWN_IDLE_MS, () => this.#idle(connection));
    const cancelGreeting = clock.after(GREETING_HELD_MS, () => this.#feed(connection, { kind: 'greeting-due' }));
    socket.on('data', (bytes: Buffer) => this.#feed(connection, { kind: 'bytes', bytes }));
    socket.on('end', () => this.#feed(connection, { kind: 'end' }));
    socket.on('close', () => {
      cancelGreeting();
      connection.cancelPause();
      connection.cancelEnd();
      connection.session.over = true;
      this.#connections.delete(id);
      this.#tell(endSocket(this.#members, id, this.#nowMs()));
      this.#step({ step: 'closed', ok: true, peer });
    });
  }

  #feed(connection: Connection, event: SessionEvent): void {
    if (event.kind !== 'greeting-due') connection.cancelPause();
    for (const effect of stepSession(connection.session, event)) this.#perform(connection, effect);
    const { socket, session } = connection;
    // What a client sends ahead waits in its socket.
    if (session.storing) socket.pause();
    else if (socket.isPaused()) socket.resume();
  }

  #perform(connection: Connection, effect: SessionEffect): void {
    const { socket, peer, id } = connection;
    switch (effect.kind) {
      case 'write':
        return this.#write(connection, effect.text);
      case 'await-pause':
        connection.cancelPause = this.#options.clock.after(effect.ms, () => this.#feed(connection, { kind: 'pause' }));
        return;
      case 'store':
        this.#store(connection, effect.bytes).catch(() => socket.destroy());
        return;
      case 'is':
        socket.setTimeout(effect.role === 'datanode' ? 0 : KNOWN_IDLE_MS);
        this.#step({ step: effect.role === 'datanode' ? 'is-datanode' : 'is-client', ok: true, peer });
        if (effect.role === 'datanode') this.#tell(joinSocket(this.#members, id, peer, this.#nowMs()));
        return;
      case 'alive':
        return this.#tell(heardSocket(this.#members, id, this.#nowMs()));
      case 'strange': {
        const reason = `expected Cliente, Datanode or Hola servidor, received ${JSON.stringify(effect.received)}`;
        return this.#step({ step: 'strange-word', ok: false, peer, code: 'bad-request', reason });
      }
      case 'close':
        socket.end();
        connection.cancelEnd = this.#options.clock.after(CLOSE_GRACE_MS, () => socket.destroy());
    }
  }

  async #store(connection: Connection, bytes: Uint8Array): Promise<void> {
    const { peer } = connection;
    let answer: string;
    try {
      const { record, replicas, at } = await this.#options.messages.store(bytes);
      answer = at;
      this.#copy(bytes);
      this.#step({ step: 'stored', ok: true, peer, record, replicas, storedAt: at });
    } catch (thrown) {
      const { code, message } = toOrreryError(thrown);
      answer = refusalText(thrown);
      this.#step({ step: 'stored', ok: false, peer, code, reason: message });
    }
    this.#feed(connection, { kind: 'settled', answer });
  }

  /** Datanodes of the course get what they would have been given; the truth is in the records. */
  #copy(bytes: Uint8Array): void {
    for (const { connection } of livingSockets(this.#members)) {
      const to = this.#connections.get(connection);
      if (to !== undefined) this.#write(to, bytes);
    }
  }

  #write({ socket, peer }: Connection, content: string | Uint8Array): void {
    if (!socket.writable) return;
    socket.write(content);
    if (socket.writableLength <= UNREAD_BYTES_MAX) return;
    this.#step({ step: 'closed', ok: false, peer, reason: 'it reads nothing of what it is sent' });
    socket.destroy();
  }

  #idle({ socket, session, peer }: Connection): void {
    const reason = session.role === 'unknown' ? 'it never said what it is' : 'it was silent for too long';
    this.#step({ step: 'closed', ok: false, peer, reason });
    socket.destroy();
  }

  #tell({ events, steps, beat = null }: Happened): void {
    if (beat !== null) this.#options.beat(beat);
    for (const event of events) this.#options.publish(event);
    for (const step of steps) this.#options.step(step);
  }

  #step(step: Omit<GuestStep, 'atMs' | 'guest' | 'node'>): void {
    const node = [...this.#members.values()].find(({ peer }) => peer === step.peer)?.node ?? null;
    this.#options.step({ atMs: this.#nowMs(), guest: 'socket', node, ...step });
  }

  #nowMs(): number {
    return Math.round(this.#options.clock.nowMs());
  }
}

function peerOf({ remoteAddress = '?', remotePort = 0 }: Socket): string {
  return `${remoteAddress.replace(/^::ffff:/, '')}:${remotePort}`;
}
