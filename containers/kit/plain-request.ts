import type { IncomingHttpHeaders } from 'node:http';
import type { z } from 'zod';
import { OrreryError } from '../protocol/errors.ts';
import { JSON_BYTES_MAX, readJsonBytes } from './http-request.ts';
import type { HttpRequest } from './http-types.ts';
import type { PlainHead } from './plain-head.ts';

/** A request that has come as a whole. */
export class PlainRequest implements HttpRequest {
  readonly params: Record<string, string>;
  readonly onGone: (listener: () => void) => void;
  readonly #head: PlainHead;
  readonly #body: Uint8Array;
  #query: URLSearchParams | null = null;
  #abort: AbortController | null = null;

  constructor(
    head: PlainHead,
    params: Record<string, string>,
    body: Uint8Array,
    onGone: (listener: () => void) => void,
  ) {
    this.#head = head;
    this.params = params;
    this.#body = body;
    this.onGone = onGone;
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

  readBody(limitBytes: number): Promise<Uint8Array> {
    if (this.#body.length > limitBytes) return Promise.reject(new OrreryError('too-large', { limit: limitBytes }));
    return Promise.resolve(this.#body);
  }

  async readJson<T>(schema: z.ZodType<T>, limitBytes = JSON_BYTES_MAX): Promise<T> {
    return readJsonBytes(await this.readBody(limitBytes), schema);
  }
}
