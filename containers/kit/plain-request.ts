import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import type { z } from 'zod';
import { OrreryError } from '../protocol/errors.ts';
import { JSON_BYTES_MAX, peerOf, readJsonBytes } from './http-request.ts';
import type { HttpAnswer, HttpRequest } from './http-types.ts';
import type { PlainHead } from './plain-head.ts';

const BEYOND_ASCII = /[\x80-\xff]/;

/** What a request needs of its connection. */
export type PlainAnswering = {
  readonly socket: Socket;
  readonly answer: (given: HttpAnswer) => void;
  readonly refuse: (thrown: unknown) => void;
  readonly onGone: (listener: () => void) => void;
};

/** A request that has come as a whole. */
export class PlainRequest implements HttpRequest {
  readonly params: Record<string, string>;
  readonly onGone: (listener: () => void) => void;
  readonly answer: (given: HttpAnswer) => void;
  readonly refuse: (thrown: unknown) => void;
  readonly #head: PlainHead;
  readonly #socket: Socket;
  /** The bytes of the body, one a character. */
  readonly #body: string;
  #query: URLSearchParams | null = null;
  #abort: AbortController | null = null;

  constructor(head: PlainHead, params: Record<string, string>, body: string, by: PlainAnswering) {
    this.#head = head;
    this.params = params;
    this.#body = body;
    this.#socket = by.socket;
    this.onGone = by.onGone;
    this.answer = by.answer;
    this.refuse = by.refuse;
  }

  get method(): string {
    return this.#head.method;
  }

  get path(): string {
    return this.#head.path;
  }

  get search(): string {
    return this.#head.search;
  }

  get headers(): IncomingHttpHeaders {
    return this.#head.headers;
  }

  get peer(): string {
    return peerOf(this.#socket);
  }

  get query(): URLSearchParams {
    this.#query ??= new URLSearchParams(this.search);
    return this.#query;
  }

  get signal(): AbortSignal {
    if (this.#abort === null) {
      const abort = new AbortController();
      this.#abort = abort;
      this.onGone(() => abort.abort());
    }
    return this.#abort.signal;
  }

  get text(): string | null {
    return BEYOND_ASCII.test(this.#body) ? null : this.#body;
  }

  readBody(limitBytes: number): Promise<Uint8Array> {
    if (this.#body.length > limitBytes) return Promise.reject(new OrreryError('too-large', { limit: limitBytes }));
    return Promise.resolve(Buffer.from(this.#body, 'latin1'));
  }

  async readJson<T>(schema: z.ZodType<T>, limitBytes = JSON_BYTES_MAX): Promise<T> {
    return readJsonBytes(await this.readBody(limitBytes), schema);
  }
}
