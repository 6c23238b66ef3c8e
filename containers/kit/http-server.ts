/** The HTTP server of the roles: routes in, coded errors out, documentation from the same routes. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { foreignPage } from '../protocol/browser-origin.ts';
import { OrreryError, toOrreryError } from '../protocol/errors.ts';
import { listen } from './listen.ts';
import { documentationRoutes } from './http-docs.ts';
import { NodeHttpRequest, peerOf } from './http-request.ts';
import { contentOf, headersOf, refusalOf } from './http-answer.ts';
import { createRouter, type Match, type Router } from './http-router.ts';
import type { HttpAnswer, HttpRequest, Route } from './http-types.ts';
import { PlainConnection } from './plain-connection.ts';
import { secretsEqual } from './secret.ts';

export type { Route } from './http-types.ts';

const KEEP_ALIVE_MS = 65_000;
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
/** How often connections are looked through for those that are late. */
const CHECK_INTERVAL_MS = 2_000;
/** How long a client may go on sending a body that was refused, so that it can read the refusal. */
const LINGER_MS = 1_000;
/** An unread body up to this size is read over, and the connection kept. */
const DRAINED_BYTES_MAX = 64 * 1024;
const TIMEOUT = Object.assign(new Error('nothing came'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
const CLOSE_GRACE_MS = 2_000;

export type HttpServerOptions = {
  bind: string;
  port: number;
  node: string;
  secret: string;
  routes: Route[];
  /** Hears of requests that no route is for. */
  onUnrouted?: (request: Unrouted) => void;
  /** Within this the head of a request has to come, ms; 10 s unless given. */
  headersTimeoutMs?: number;
};

/** A request for a path, or with a method, that there is not. */
export type Unrouted = Pick<HttpRequest, 'method' | 'path' | 'headers' | 'peer'> & { error: OrreryError };

type Context = {
  node: string;
  secret: string;
  router: Router;
  streams: Set<AbortController>;
  onUnrouted: (request: Unrouted) => void;
};

/** Listens; resolves when bound. `close` lets running answers finish for a moment and ends streams. */
export async function serveHttp(options: HttpServerOptions): Promise<{ port: number; close(): Promise<void> }> {
  const routes = [...options.routes, ...documentationRoutes(options.node, options.routes)];
  const { node, secret, onUnrouted = () => {} } = options;
  const context: Context = { node, secret, router: createRouter(routes), streams: new Set(), onUnrouted };
  const { headersTimeoutMs = HEADERS_TIMEOUT_MS } = options;
  const server = createServer({
    keepAliveTimeout: KEEP_ALIVE_MS,
    headersTimeout: headersTimeoutMs,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: Math.min(CHECK_INTERVAL_MS, headersTimeoutMs),
    noDelay: true,
  });
  server.on('request', (message, response) => answer(context, message, response));
  server.on('clientError', refuseUnreadable);
  const plain = servePlain(server, context, headersTimeoutMs);
  const port = await listen(server, options.bind, options.port);
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        const timer = setTimeout(() => {
          plain.destroy();
          server.closeAllConnections();
        }, CLOSE_GRACE_MS);
        server.close(() => {
          plain.whenGone(() => {
            clearTimeout(timer);
            resolve();
          });
        });
        plain.end();
        for (const stream of context.streams) stream.abort();
      }),
  };
}

/** Plain requests are answered by PlainConnection, all others by the server itself. */
function servePlain(
  server: Server,
  { router, node, streams }: Context,
  headersTimeoutMs: number,
): { end(): void; destroy(): void; whenGone(listener: () => void): void } {
  const connections = new Set<PlainConnection>();
  /** The server counts none of them, also of those that it was handed. */
  const sockets = new Set<Socket>();
  let onGone = (): void => {};
  const takers = server.listeners('connection');
  server.removeAllListeners('connection');
  const options = {
    router,
    node,
    streams,
    keepAliveMs: KEEP_ALIVE_MS,
    handOver(socket: Socket) {
      for (const take of takers) take.call(server, socket);
    },
    onGone: (connection: PlainConnection) => void connections.delete(connection),
  };
  server.on('connection', (accepted) => {
    const connection = new PlainConnection(accepted, options);
    const { socket } = connection;
    connections.add(connection);
    sockets.add(socket);
    socket.once('close', () => {
      sockets.delete(socket);
      if (sockets.size === 0) onGone();
    });
  });
  const checkMs = Math.min(CHECK_INTERVAL_MS, headersTimeoutMs);
  const timer = setInterval(() => {
    for (const connection of connections) {
      const idleMs = connection.idle(checkMs);
      if (connection.isNew && idleMs > headersTimeoutMs) {
        refuseUnreadable(TIMEOUT, connection.socket);
        connection.end();
      } else if (idleMs > KEEP_ALIVE_MS) connection.destroy();
    }
  }, checkMs);
  timer.unref();
  server.once('close', () => clearInterval(timer));
  return {
    end() {
      for (const connection of connections) connection.end();
    },
    destroy() {
      for (const socket of sockets) socket.destroy();
    },
    whenGone(listener) {
      onGone = listener;
      if (sockets.size === 0) listener();
    },
  };
}

function answer(context: Context, message: IncomingMessage, response: ServerResponse): void {
  response.sendDate = false;
  try {
    const foreign = foreignPage(message.headers);
    if (foreign !== null) throw new OrreryError('foreign-page', { origin: foreign });
    const { path, search } = splitUrl(message.url ?? '/');
    const { route, params } = routeOf(context, message, path);
    if (route.control === true) authorize(message, context.secret);
    const given = route.handle(new NodeHttpRequest(message, response, path, search, params, { answer: give, refuse }));
    if (given instanceof Promise) given.then(give).catch(refuse);
    else if (given !== 'later') give(given);
  } catch (thrown) {
    refuse(thrown);
  }
  function give(given: HttpAnswer): void {
    write(context, message, response, given);
  }
  function refuse(thrown: unknown): void {
    writeError(context, message, response, thrown);
  }
}

function routeOf({ router, onUnrouted }: Context, message: IncomingMessage, path: string): Match {
  const { method = '', headers } = message;
  try {
    return router.find(method, path);
  } catch (thrown) {
    const error = toOrreryError(thrown);
    if (error.code !== 'bad-request') onUnrouted({ method, path, headers, peer: peerOf(message.socket), error });
    throw error;
  }
}

/** Path and query of a request line, which may also carry a whole URL (from a proxy). */
function splitUrl(url: string): { path: string; search: string } {
  const origin = url.startsWith('/') ? url : url.replace(/^https?:\/\/[^/?]*/i, '') || '/';
  const mark = origin.indexOf('?');
  return mark < 0 ? { path: origin, search: '' } : { path: origin.slice(0, mark), search: origin.slice(mark + 1) };
}

function authorize(message: IncomingMessage, secret: string): void {
  const { authorization = '' } = message.headers;
  if (!secretsEqual(authorization, `Bearer ${secret}`)) throw new OrreryError('unauthorized');
}

function write(context: Context, message: IncomingMessage, response: ServerResponse, given: HttpAnswer): void {
  if (response.destroyed || response.headersSent) return;
  if (given.stream !== undefined) {
    writeStream(context, response, given, given.stream);
    return;
  }
  const content = contentOf(given);
  const headers = headersOf(given, content);
  if (!message.complete && (given.status === 413 || bodyBytes(message) > DRAINED_BYTES_MAX)) {
    refuseRest(message, response, given.status, headers, content);
    return;
  }
  response.writeHead(given.status, headers);
  response.end(content);
}

/** The announced length of a body; infinite when it is not announced. */
function bodyBytes(message: IncomingMessage): number {
  const { 'content-length': length, 'transfer-encoding': encoding } = message.headers;
  return encoding === undefined ? Number(length ?? 0) : Number.POSITIVE_INFINITY;
}

/**
 * Answers before the body has come, and closes. Closing with unread bytes would reset the connection
 * and might destroy the answer on its way, so the rest is thrown away for a moment first.
 */
function refuseRest(
  message: IncomingMessage,
  response: ServerResponse,
  status: number,
  headers: string[],
  content: string | Uint8Array | undefined,
): void {
  response.writeHead(status, [...headers, 'Connection', 'close']);
  if (content === undefined) response.flushHeaders();
  else response.write(content);
  const end = (): void => {
    clearTimeout(timer);
    response.end();
  };
  const timer = setTimeout(end, LINGER_MS);
  message.once('end', end);
  message.once('close', end);
  message.resume();
}

function writeStream(
  context: Context,
  response: ServerResponse,
  given: HttpAnswer,
  stream: NonNullable<HttpAnswer['stream']>,
): void {
  const abort = new AbortController();
  context.streams.add(abort);
  response.once('close', () => {
    context.streams.delete(abort);
    abort.abort();
  });
  response.writeHead(given.status, { 'Cache-Control': 'no-store', ...given.headers });
  response.flushHeaders();
  // The status is sent: a stream that fails can say so only by being cut.
  new Promise<void>((resolve) => {
    resolve(
      stream(
        (chunk) => !response.destroyed && response.write(chunk),
        abort.signal,
        () => response.writableLength,
      ),
    );
  }).then(
    () => response.end(),
    () => response.destroy(),
  );
}

function writeError(context: Context, message: IncomingMessage, response: ServerResponse, thrown: unknown): void {
  write(context, message, response, refusalOf(thrown, context.node));
}

/** What could not be read as HTTP: answered in the same form, then closed. */
function refuseUnreadable(thrown: Error, socket: Duplex): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const { code } = thrown as NodeJS.ErrnoException;
  const status =
    code === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? '408 Request Timeout'
      : code === 'HPE_HEADER_OVERFLOW'
        ? '431 Request Header Fields Too Large'
        : '400 Bad Request';
  const body = JSON.stringify(
    new OrreryError('bad-request', { reason: `it is not HTTP (${code ?? thrown.message})` }).toBody(),
  );
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
