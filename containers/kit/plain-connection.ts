/**
 * Plain requests on a connection, answered without node:http, which costs several times as much as most of
 * our routes. One request at a time, one write for an answer. Whatever is not plain, and every request that
 * has not come as a whole, goes to node:http together with the connection, for good: so slow senders, odd
 * messages and long bodies meet the limits that stand there.
 */
import { STATUS_CODES, validateHeaderName, validateHeaderValue } from 'node:http';
import type { Socket } from 'node:net';
import { contentOf, headersOf, refusalOf } from './http-answer.ts';
import type { Match, Router } from './http-router.ts';
import type { HttpAnswer } from './http-types.ts';
import { readPlainHead } from './plain-head.ts';
import type { PlainHead } from './plain-head.ts';
import { readShared } from './shared-reads.ts';
import { PlainRequest } from './plain-request.ts';
import type { PlainAnswering } from './plain-request.ts';

const HEAD_END = '\r\n\r\n';

export type PlainOptions = {
  router: Router;
  /** This node, for errors. */
  node: string;
  keepAliveMs: number;
  /** Those that run. */
  streams: Set<AbortController>;
  /** Takes over the connection; what was read of it is in its buffer again. */
  handOver(socket: Socket): void;
  /** It is closed or handed over. */
  onGone(connection: PlainConnection): void;
};

/** `text`: with the empty line at its end. */
type Known = PlainHead & { text: string; match: Match };

export class PlainConnection implements PlainAnswering {
  readonly socket: Socket;
  readonly #options: PlainOptions;
  /** Who is to be told when it closes before the answer is made. */
  #whenClosed: (() => void)[] = [];
  readonly #lastLines: string;
  /** The head before this one: most clients send the same again and again, or only its first line differs. */
  #known: Known | null = null;
  /** Read and not yet worked off: bytes, one a character. */
  #rest = '';
  /** A request is being answered. */
  #busy = false;
  #working = false;
  #isHandedOver = false;
  /** To be closed when the answer that is being made is sent. */
  #ending = false;
  #requests = 0;
  #idleMs = 0;

  constructor(accepted: Socket, options: PlainOptions) {
    this.socket = readShared(accepted, this.#onRead);
    this.#options = options;
    this.#lastLines = `Connection: keep-alive\r\nKeep-Alive: timeout=${options.keepAliveMs / 1_000}${HEAD_END}`;
    this.socket.on('end', this.#onEnd).on('drain', this.#onDrain);
    this.socket.on('error', this.#onError).on('close', this.#onClose);
  }

  /** Has not asked for anything yet. */
  get isNew(): boolean {
    return this.#requests === 0;
  }

  /** Counts time without a request up and returns it; none passes while one is answered. */
  idle(ms: number): number {
    this.#idleMs = this.#busy ? 0 : this.#idleMs + ms;
    return this.#idleMs;
  }

  /** Closes now, or when the answer that is being made is sent. */
  end(): void {
    this.#ending = true;
    if (!this.#busy) this.socket.destroySoon();
  }

  destroy(): void {
    this.socket.destroy();
  }

  readonly #onRead = (chunk: Buffer): boolean => {
    // Whoever has the connection now reads it as a stream.
    if (this.#isHandedOver) return this.socket.push(Buffer.from(chunk));
    const text = chunk.toString('latin1');
    this.#rest = this.#rest === '' ? text : this.#rest + text;
    // What a client sends ahead waits in its socket.
    if (this.#busy) this.socket.pause();
    else this.#work();
    return true;
  };

  /** As node:http does it: who says goodbye is not waiting any more. */
  readonly #onEnd = (): void => {
    this.socket.end();
  };

  readonly #onDrain = (): void => {
    if (!this.#busy) this.#work();
  };

  readonly #onError = (): void => {
    this.socket.destroy();
  };

  readonly #onClose = (): void => {
    this.#options.onGone(this);
    const listeners = this.#whenClosed;
    this.#whenClosed = [];
    for (const listener of listeners) listener();
  };

  #work(): void {
    if (this.#working) return;
    this.#working = true;
    const socket = this.socket;
    // A client that does not read its answers gets no more of them made.
    while (this.#rest !== '' && !this.#busy && !socket.writableNeedDrain && !socket.destroyed) this.#next(this.#rest);
    this.#working = false;
    if (this.#rest === '' && socket.isPaused()) socket.resume();
    else if (this.#rest !== '' && socket.writableNeedDrain) socket.pause();
  }

  #next(text: string): void {
    const head = this.#head(text);
    const bodyStart = head?.text.length ?? 0;
    const end = bodyStart + (head?.bodyBytes ?? 0);
    if (head === null || text.length < end) {
      this.#handOver(text);
      return;
    }
    this.#rest = text.length === end ? '' : text.slice(end);
    this.#busy = true;
    this.#requests++;
    this.#idleMs = 0;
    try {
      const given = head.match.route.handle(
        new PlainRequest(head, head.match.params, text.slice(bodyStart, end), this),
      );
      if (given instanceof Promise) given.then(this.answer).catch(this.refuse);
      else if (given !== 'later') this.answer(given);
    } catch (thrown) {
      this.refuse(thrown);
    }
  }

  #head(all: string): Known | null {
    if (this.#known !== null && all.startsWith(this.#known.text)) return this.#known;
    const headEnd = all.indexOf(HEAD_END);
    if (headEnd < 0) return null;
    const head = readPlainHead(all.slice(0, headEnd), this.#known);
    const match = head === null ? null : this.#find(head);
    if (head === null || match === null) return null;
    Object.freeze(match.params);
    this.#known = { ...head, text: all.slice(0, headEnd + HEAD_END.length), match };
    return this.#known;
  }

  /** Null when there is no such route, or when it needs the secret: both are rare enough for the other way. */
  #find({ method, path }: PlainHead): Match | null {
    try {
      const match = this.#options.router.find(method, path);
      return match.route.control === true ? null : match;
    } catch {
      return null;
    }
  }

  #handOver(text: string): void {
    this.#rest = '';
    const { socket } = this;
    this.#isHandedOver = true;
    socket.off('end', this.#onEnd).off('drain', this.#onDrain);
    socket.off('error', this.#onError).off('close', this.#onClose);
    this.#options.onGone(this);
    socket.pause();
    socket.unshift(Buffer.from(text, 'latin1'));
    this.#options.handOver(socket);
    socket.resume();
  }

  readonly onGone = (listener: () => void): void => {
    if (this.socket.destroyed) listener();
    else this.#whenClosed.push(listener);
  };

  readonly refuse = (thrown: unknown): void => {
    if (this.#busy) this.answer(refusalOf(thrown, this.#options.node));
  };

  readonly answer = (given: HttpAnswer): void => {
    if (!this.socket.writable) return;
    if (given.stream !== undefined) {
      this.#stream(given, given.stream);
      return;
    }
    const content = contentOf(given);
    const socket = this.socket;
    if (given.headers === undefined && given.json !== undefined && typeof content === 'string') {
      const length = Buffer.byteLength(content);
      const all = `${jsonHeadOf(given.status)}${length}\r\n${this.#lastLines}${content}`;
      socket.write(all, length === content.length ? 'latin1' : 'utf8');
      this.#done();
      return;
    }
    const head = `${headOf(given.status, headersOf(given, content), given.headers !== undefined)}${this.#lastLines}`;
    if (content === undefined) socket.write(head, 'latin1');
    else if (typeof content === 'string' && Buffer.byteLength(content) === content.length) {
      socket.write(head + content, 'latin1');
    } else {
      socket.cork();
      socket.write(head, 'latin1');
      socket.write(content);
      socket.uncork();
    }
    this.#done();
  };

  /** In chunks. The status is sent: a stream that fails can say so only by being cut. */
  #stream(given: HttpAnswer, stream: NonNullable<HttpAnswer['stream']>): void {
    const socket = this.socket;
    const { streams } = this.#options;
    const headers = Object.entries({ 'Cache-Control': 'no-store', ...given.headers, 'Transfer-Encoding': 'chunked' });
    const head = headOf(given.status, headers.flat(), true);
    const abort = new AbortController();
    streams.add(abort);
    this.onGone(() => {
      streams.delete(abort);
      abort.abort();
    });
    socket.write(head + this.#lastLines, 'latin1');
    const write = (chunk: string | Uint8Array): boolean => {
      const length = Buffer.byteLength(chunk);
      if (length === 0 || socket.destroyed) return !socket.destroyed;
      socket.cork();
      socket.write(`${length.toString(16)}\r\n`, 'latin1');
      socket.write(chunk);
      const taken = socket.write('\r\n', 'latin1');
      socket.uncork();
      return taken;
    };
    new Promise<void>((resolve) => {
      resolve(stream(write, abort.signal, () => socket.writableLength));
    }).then(
      () => {
        streams.delete(abort);
        socket.write(`0${HEAD_END}`, 'latin1');
        this.#done();
      },
      () => socket.destroy(),
    );
  }

  #done(): void {
    if (this.#whenClosed.length > 0) this.#whenClosed = [];
    this.#busy = false;
    this.#idleMs = 0;
    if (this.#ending) this.socket.destroySoon();
    else if (!this.#working) this.#work();
  }
}

const jsonHeads: string[] = [];

/** The lines of an answer in JSON up to its length. */
function jsonHeadOf(status: number): string {
  return (jsonHeads[status] ??= `${headOf(status, ['Content-Type', 'application/json'], false)}Content-Length: `);
}

/** The lines of an answer up to its own headers. Throws for headers that HTTP does not allow. */
function headOf(status: number, headers: readonly string[], check: boolean): string {
  let lines = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Unknown'}\r\n`;
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const [name = '', value = ''] = [headers[at], headers[at + 1]];
    if (check) {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    }
    lines += `${name}: ${value}\r\n`;
  }
  return lines;
}
