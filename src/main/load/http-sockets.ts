/**
 * The generator's HTTP client: as many keep-alive connections as requests are under way, one request
 * on each, bytes written as they were prepared. What a general client does besides would be measured too.
 */
import net from 'node:net';
import tls from 'node:tls';
import { ResponseReader } from './response-reader.ts';
import type { WireTarget } from './target-requests.ts';

/** How a request ended; `error` null: answered, with whatever status. */
export type SocketsEvents = {
  answered(slot: number, status: number, body: string): void;
  failed(slot: number, kind: string): void;
};

/** Servers close idle connections after 5 s (Node) or more; we do before, so that no request meets the close. */
const IDLE_MS = 3_500;
const READ_BYTES = 64 * 1024;

type Options = {
  target: WireTarget;
  /** Address looked up once, so that names cost nothing later. */
  address: string;
  timeoutMs: number;
  nowMs(): number;
  events: SocketsEvents;
};

export class HttpSockets {
  readonly #options: Options;
  readonly #idle: Connection[] = [];
  /** Connections with a request under way, the one sent longest ago first: a list within the connections. */
  readonly #busy: Connection;
  #open = 0;
  #closed = false;
  /** One buffer for all reads: each is used up before the next. Windows reads ahead, so there each has its own. */
  readonly #shared = process.platform === 'win32' ? null : Buffer.allocUnsafeSlow(READ_BYTES);

  constructor(options: Options) {
    this.#options = options;
    this.#busy = new Connection({ keepBody: false, isHead: false });
  }

  get openCount(): number {
    return this.#open;
  }

  /** Sends `request` under `slot`, on the connection used last, or on a new one. */
  send(slot: number, request: Uint8Array): void {
    const connection = this.#idle.pop() ?? this.#connect();
    connection.slot = slot;
    connection.sentMs = this.#options.nowMs();
    connection.reader.reset();
    connection.linkBefore(this.#busy);
    connection.socket?.write(request);
  }

  /** Gives up requests that have waited too long, and connections that nobody needed for a while. */
  sweep(): void {
    const now = this.#options.nowMs();
    for (let oldest = this.#busy.next; oldest !== this.#busy; oldest = this.#busy.next) {
      if (now - oldest.sentMs < this.#options.timeoutMs) break;
      this.#fail(oldest, 'timeout');
    }
    while (this.#idle.length > 0) {
      const [longest] = this.#idle;
      if (longest === undefined || now - longest.idleSinceMs < IDLE_MS) break;
      this.#idle.shift();
      this.#drop(longest);
    }
  }

  /** Closes everything; what is under way is forgotten without a word. */
  close(): void {
    this.#closed = true;
    for (const connection of this.#idle.splice(0)) this.#drop(connection);
    for (let one = this.#busy.next; one !== this.#busy; one = this.#busy.next) {
      one.unlink();
      this.#drop(one);
    }
  }

  #connect(): Connection {
    const { target, address } = this.#options;
    const connection = new Connection({ keepBody: target.task, isHead: target.isHead });
    this.#open += 1;
    const buffer = this.#shared ?? Buffer.allocUnsafeSlow(READ_BYTES / 4);
    const onread = {
      buffer,
      callback: (bytes: number) => {
        this.#read(connection, buffer, bytes);
        return true;
      },
    };
    const where = { host: address, port: target.port, noDelay: true };
    const socket = target.tls
      ? tls.connect({ ...where, ...(net.isIP(target.host) === 0 ? { servername: target.host } : {}) })
      : net.connect({ ...where, onread });
    if (target.tls) socket.on('data', (bytes: Buffer) => this.#read(connection, bytes, bytes.length));
    socket.on('error', (error: NodeJS.ErrnoException) => this.#lost(connection, errorKind(error)));
    socket.on('end', () => this.#ended(connection));
    socket.on('close', () => this.#lost(connection, 'reset'));
    connection.socket = socket;
    return connection;
  }

  #read(connection: Connection, buffer: Buffer, length: number): void {
    if (connection.slot === -1) {
      // Bytes that nobody asked for: what follows could not be told from the next answer.
      this.#drop(connection);
      return;
    }
    const state = connection.reader.push(buffer, length);
    if (state === 'done') this.#answered(connection);
    else if (state === 'bad') this.#fail(connection, 'not-http');
  }

  #answered(connection: Connection): void {
    const { slot, reader } = connection;
    connection.unlink();
    connection.slot = -1;
    if (reader.keepAlive && !this.#closed) {
      connection.idleSinceMs = this.#options.nowMs();
      this.#idle.push(connection);
    } else this.#drop(connection);
    this.#options.events.answered(slot, reader.status, reader.body);
  }

  #ended(connection: Connection): void {
    if (connection.slot !== -1 && connection.reader.end() === 'done') this.#answered(connection);
    else this.#lost(connection, 'reset');
  }

  #lost(connection: Connection, kind: string): void {
    if (connection.dropped) return;
    if (connection.slot !== -1) return this.#fail(connection, kind);
    const at = this.#idle.indexOf(connection);
    if (at !== -1) this.#idle.splice(at, 1);
    this.#drop(connection);
  }

  #fail(connection: Connection, kind: string): void {
    const { slot } = connection;
    connection.unlink();
    connection.slot = -1;
    this.#drop(connection);
    this.#options.events.failed(slot, kind);
  }

  #drop(connection: Connection): void {
    if (connection.dropped) return;
    connection.dropped = true;
    this.#open -= 1;
    connection.socket?.destroy();
  }
}

class Connection {
  readonly reader: ResponseReader;
  socket: net.Socket | null = null;
  /** −1 while idle. */
  slot = -1;
  sentMs = 0;
  idleSinceMs = 0;
  dropped = false;
  next: Connection = this;
  #before: Connection = this;

  constructor(options: { keepBody: boolean; isHead: boolean }) {
    this.reader = new ResponseReader(options);
  }

  linkBefore(head: Connection): void {
    this.#before = head.#before;
    this.next = head;
    this.#before.next = this;
    head.#before = this;
  }

  unlink(): void {
    this.#before.next = this.next;
    this.next.#before = this.#before;
    this.next = this;
    this.#before = this;
  }
}

const KINDS: Record<string, string> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  ETIMEDOUT: 'timeout',
  EMFILE: 'no-descriptor',
  EADDRNOTAVAIL: 'no-port',
};

const errorKind = (error: NodeJS.ErrnoException): string => KINDS[error.code ?? ''] ?? 'connection';
