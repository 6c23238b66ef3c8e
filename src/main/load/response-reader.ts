/**
 * Reads one HTTP/1.1 response after the other from the bytes of a connection, and keeps no more of it
 * than a load test asks: the status, whether the connection lives on, and on demand the body's begin.
 */

const CR_LF_CR_LF = Buffer.from('\r\n\r\n');
const HEAD_BYTES_MAX = 64 * 1024;
const BODY_KEPT_MAX = 16 * 1024;

/** `more`: the response goes on. `done`: it ended with these bytes. `bad`: this is not HTTP/1.1. */
export type ReadState = 'more' | 'done' | 'bad';

export class ResponseReader {
  status = 0;
  keepAlive = true;
  /** The body's first bytes, when they are kept. */
  body = '';

  readonly #keepBody: boolean;
  readonly #isHead: boolean;
  #part: 'head' | 'length' | 'chunked' | 'until-close' = 'head';
  #pendingHead: Buffer | null = null;
  #remaining = 0;
  readonly #chunks = new ChunkReader();

  constructor(options: { keepBody: boolean; isHead: boolean }) {
    this.#keepBody = options.keepBody;
    this.#isHead = options.isHead;
  }

  /** Begins the next response. */
  reset(): void {
    this.body = '';
    this.#part = 'head';
    this.#pendingHead = null;
  }

  /** Takes the first `length` bytes of `buffer`, which are valid during the call only. */
  push(buffer: Buffer, length: number): ReadState {
    return this.#part === 'head' ? this.#head(buffer, 0, length) : this.#rest(buffer, 0, length);
  }

  /** The connection has ended: complete only if the response was to last until then. */
  end(): ReadState {
    return this.#part === 'until-close' ? 'done' : 'bad';
  }

  #head(given: Buffer, begin: number, givenLength: number): ReadState {
    let [buffer, from, until] = [given, begin, givenLength];
    if (this.#pendingHead !== null) {
      buffer = Buffer.concat([this.#pendingHead, given.subarray(begin, givenLength)]);
      [from, until] = [0, buffer.length];
    }
    const end = buffer.indexOf(CR_LF_CR_LF, from);
    // The buffer is longer than what was read into it: a match may be a rest of an earlier response.
    if (end === -1 || end + 4 > until) {
      this.#pendingHead = Buffer.from(buffer.subarray(from, until));
      return until - from > HEAD_BYTES_MAX ? 'bad' : 'more';
    }
    this.#pendingHead = null;
    const head = buffer.toString('latin1', from, end + 2);
    if (!head.startsWith('HTTP/1.')) return 'bad';
    this.status = Number(head.slice(9, 12));
    if (!(this.status >= 100)) return 'bad';
    const rest = end + 4;
    // Interim answers (100, 103) come before the real one.
    if (this.status < 200) return rest < until ? this.#head(buffer, rest, until) : 'more';
    return this.#begin(head, buffer, rest, until);
  }

  #begin(head: string, buffer: Buffer, from: number, until: number): ReadState {
    const connection = header(head, CONNECTION);
    this.keepAlive =
      head.charCodeAt(7) === 49 ? !/close/i.test(connection ?? '') : /keep-alive/i.test(connection ?? '');
    if (this.#isHead || this.status === 204 || this.status === 304) return from === until ? 'done' : 'bad';
    const length = header(head, CONTENT_LENGTH);
    if (length !== null) {
      this.#remaining = Number(length);
      if (!Number.isSafeInteger(this.#remaining) || this.#remaining < 0) return 'bad';
      this.#part = 'length';
    } else if (/chunked/i.test(header(head, TRANSFER_ENCODING) ?? '')) {
      this.#chunks.reset();
      this.#part = 'chunked';
    } else {
      this.keepAlive = false;
      this.#part = 'until-close';
    }
    return this.#rest(buffer, from, until);
  }

  #rest(buffer: Buffer, from: number, until: number): ReadState {
    if (this.#keepBody && this.body.length < BODY_KEPT_MAX) this.body += buffer.toString('latin1', from, until);
    if (this.#part === 'until-close') return 'more';
    if (this.#part === 'chunked') return this.#chunks.push(buffer, from, until);
    this.#remaining -= until - from;
    return this.#remaining === 0 ? 'done' : this.#remaining > 0 ? 'more' : 'bad';
  }
}

type HeaderName = { written: string; lower: string };
const headerName = (name: string): HeaderName => ({ written: `\r\n${name}:`, lower: `\r\n${name.toLowerCase()}:` });
const CONNECTION = headerName('Connection');
const CONTENT_LENGTH = headerName('Content-Length');
const TRANSFER_ENCODING = headerName('Transfer-Encoding');

/** A header's value; null when the head has none. Servers of Node write names as given here, others may not. */
function header(head: string, name: HeaderName): string | null {
  let at = head.indexOf(name.written);
  if (at === -1) at = head.toLowerCase().indexOf(name.lower);
  if (at === -1) return null;
  const from = at + name.written.length;
  return head.slice(from, head.indexOf('\r\n', from)).trim();
}

const CR = 13;
const LF = 10;
const SEMICOLON = 59;

/** Follows chunked transfer coding to its end; trailers are skipped. */
class ChunkReader {
  #state: 'size' | 'extension' | 'data' | 'data-end' | 'trailer' = 'size';
  #size = 0;
  #digits = 0;
  #lineLength = 0;

  reset(): void {
    this.#state = 'size';
    this.#size = 0;
    this.#digits = 0;
    this.#lineLength = 0;
  }

  push(bytes: Buffer, from: number, until: number): ReadState {
    let at = from;
    while (at < until) {
      if (this.#state === 'data') {
        const taken = Math.min(this.#size, until - at);
        this.#size -= taken;
        at += taken;
        if (this.#size === 0) this.#state = 'data-end';
        continue;
      }
      const byte = bytes[at] ?? 0;
      at += 1;
      const state = this.#byte(byte);
      if (state === 'done') return at === until ? 'done' : 'bad';
      if (state === 'bad') return 'bad';
    }
    return 'more';
  }

  #byte(byte: number): ReadState {
    switch (this.#state) {
      case 'size':
        return this.#sizeByte(byte);
      case 'extension':
        if (byte === LF) this.#sizeEnded();
        return 'more';
      case 'data-end':
        if (byte === LF) this.reset();
        return byte === LF || byte === CR ? 'more' : 'bad';
      default:
        if (byte === LF && this.#lineLength === 0) return 'done';
        this.#lineLength = byte === LF ? 0 : byte === CR ? this.#lineLength : this.#lineLength + 1;
        return 'more';
    }
  }

  #sizeByte(byte: number): ReadState {
    const digit = hexDigit(byte);
    if (digit >= 0) {
      this.#size = this.#size * 16 + digit;
      this.#digits += 1;
      return this.#digits > 12 ? 'bad' : 'more';
    }
    if (this.#digits === 0) return 'bad';
    if (byte === LF) this.#sizeEnded();
    else if (byte === SEMICOLON || byte === CR || byte === 32) this.#state = 'extension';
    else return 'bad';
    return 'more';
  }

  #sizeEnded(): void {
    this.#lineLength = 0;
    this.#state = this.#size === 0 ? 'trailer' : 'data';
  }
}

function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const lower = byte | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}
