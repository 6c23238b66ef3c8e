/** What a route gets and gives: the HTTP of the roles, free of node:http. */
import type { IncomingHttpHeaders } from 'node:http';
import type { z } from 'zod';

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD';

export type HttpRequest = {
  readonly method: string;
  /** As sent: percent-encoded, without the query. */
  readonly path: string;
  /** The query as sent, without the question mark. */
  readonly search: string;
  /** Decoded; `*` holds what a wildcard matched. */
  readonly params: Record<string, string>;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** The address of who asks; empty when the client has gone. */
  readonly peer: string;
  /** The whole body, when it came with the head and is plain ASCII; null: `readBody` has it, or says what is wrong. */
  readonly text: string | null;
  /** The whole body. Throws `too-large` as soon as it exceeds `limitBytes`. */
  readBody(limitBytes: number): Promise<Uint8Array>;
  /** The body as JSON of a shape. Throws `too-large`, `bad-json`, `unprocessable`. Limit 1 MiB unless given. */
  readJson<T>(schema: z.ZodType<T>, limitBytes?: number): Promise<T>;
  /** Aborted when the client has gone before the answer was complete. */
  readonly signal: AbortSignal;
  /** Calls back when the client has gone before the answer was complete; costs less than `signal`. */
  readonly onGone: (listener: () => void) => void;
  /** The answer, or what went wrong, of a route that returned `later`. Nothing happens when the client has gone. */
  answer(given: HttpAnswer): void;
  refuse(thrown: unknown): void;
};

/** Writes a chunk of a stream; false when the consumer lags (what it did not take is kept in memory). */
export type StreamWrite = (chunk: string | Uint8Array) => boolean;

/**
 * The answer of a route: `json`, `body` or `stream`, or nothing of these. A stream ends when its
 * function is done; when that throws, the connection is cut. `bufferedBytes` tells how much the
 * consumer has not taken.
 */
export type HttpAnswer = {
  status: number;
  headers?: Record<string, string>;
  json?: unknown;
  body?: Uint8Array | string;
  stream?: (write: StreamWrite, signal: AbortSignal, bufferedBytes: () => number) => void | Promise<void>;
};

export type Route = {
  method: HttpMethod;
  /** `/tasks/:id`, `/records/*`. */
  path: string;
  /** One line for the documentation. */
  summary: string;
  /** Needs the secret of the cluster as a bearer token. */
  control?: true;
  body?: z.ZodType;
  query?: z.ZodType;
  answers?: Record<number, z.ZodType | string>;
  /** `later`: the route calls `answer` or `refuse`. For what is asked very often: a promise costs more than that. */
  handle(request: HttpRequest): Promise<HttpAnswer> | HttpAnswer | 'later';
};
