/** The request as a route sees it; what costs something is made when it is asked for. */
import { isUtf8 } from 'node:buffer';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { z } from 'zod';
import { OrreryError } from '../protocol/errors.ts';
import type { HttpAnswer, HttpRequest } from './http-types.ts';

export const JSON_BYTES_MAX = 1024 * 1024;

type Answering = Pick<HttpRequest, 'answer' | 'refuse'>;

export class NodeHttpRequest implements HttpRequest {
  readonly path: string;
  readonly search: string;
  readonly params: Record<string, string>;
  readonly text = null;
  readonly answer: (given: HttpAnswer) => void;
  readonly refuse: (thrown: unknown) => void;
  readonly #message: IncomingMessage;
  readonly #response: ServerResponse;
  #query: URLSearchParams | null = null;
  #abort: AbortController | null = null;
  #reading = false;

  constructor(
    message: IncomingMessage,
    response: ServerResponse,
    path: string,
    search: string,
    params: Record<string, string>,
    { answer, refuse }: Answering,
  ) {
    this.answer = answer;
    this.refuse = refuse;
    this.#message = message;
    this.#response = response;
    this.path = path;
    this.search = search;
    this.params = params;
  }

  get method(): string {
    return this.#message.method ?? '';
  }

  get headers(): IncomingHttpHeaders {
    return this.#message.headers;
  }

  get peer(): string {
    return peerOf(this.#message.socket);
  }

  get query(): URLSearchParams {
    this.#query ??= new URLSearchParams(this.search);
    return this.#query;
  }

  get signal(): AbortSignal {
    if (this.#abort === null) {
      const abort = new AbortController();
      this.onGone(() => abort.abort());
      this.#abort = abort;
    }
    return this.#abort.signal;
  }

  readonly onGone = (listener: () => void): void => {
    const response = this.#response;
    const tell = (): void => {
      if (!response.writableFinished) listener();
    };
    if (response.destroyed) tell();
    else response.once('close', tell);
  };

  readBody(limitBytes: number): Promise<Uint8Array> {
    const message = this.#message;
    if (this.#reading)
      return Promise.reject(new OrreryError('internal', { reason: 'the body was read twice', node: 'this node' }));
    this.#reading = true;
    if (Number(message.headers['content-length'] ?? 0) > limitBytes) {
      return Promise.reject(new OrreryError('too-large', { limit: limitBytes }));
    }
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let totalBytes = 0;
      const onData = (chunk: Buffer): void => {
        totalBytes += chunk.length;
        if (totalBytes > limitBytes) {
          message.off('data', onData).off('end', onEnd).pause();
          reject(new OrreryError('too-large', { limit: limitBytes }));
          return;
        }
        chunks.push(chunk);
      };
      const onEnd = (): void => {
        const [only] = chunks;
        resolve(chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, totalBytes));
      };
      message.on('data', onData);
      message.on('end', onEnd);
      message.on('close', () => {
        // An error with its stack is not free: only where it tells something.
        if (!message.readableEnded) reject(new OrreryError('bad-request', { reason: 'the body ended too early' }));
      });
    });
  }

  async readJson<T>(schema: z.ZodType<T>, limitBytes = JSON_BYTES_MAX): Promise<T> {
    return readJsonBytes(await this.readBody(limitBytes), schema);
  }
}

/** An IPv4 address as such, also where the socket speaks IPv6. */
export function peerOf({ remoteAddress = '' }: { remoteAddress?: string | undefined }): string {
  return remoteAddress.replace(/^::ffff:/, '');
}

/** Bytes as JSON of a shape; throws `bad-json` and `unprocessable`. */
export function readJsonBytes<T>(bytes: Uint8Array, schema: z.ZodType<T>): T {
  const result = schema.safeParse(parseJson(bytes));
  if (!result.success) throw new OrreryError('unprocessable', { reason: describeIssues(result.error.issues) });
  return result.data;
}

/** Bytes as JSON; throws `bad-json`, also for bytes that are not UTF-8. */
export function parseJson(bytes: Uint8Array): unknown {
  if (!isUtf8(bytes)) throw new OrreryError('bad-json', { reason: 'it is not UTF-8' });
  return parseJsonText(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
}

/** Text as JSON; throws `bad-json`. */
export function parseJsonText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new OrreryError('bad-json', { reason: error instanceof Error ? error.message : String(error) });
  }
}

/** The first issue of a schema in a form for people: `payload: expected string`. */
export function describeIssues(issues: readonly z.core.$ZodIssue[]): string {
  const [first] = issues;
  if (first === undefined) return 'not valid';
  const where = first.path.map(String).join('.');
  return where === '' ? first.message : `${where}: ${first.message}`;
}
