/**
 * The web host: the renderer's files and the contract over WebSocket, on loopback, for whoever has
 * the token. A browser shows it once and gets a cookie; the command line sends it as Bearer.
 */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { isLoopbackHost, isOwnOrigin } from '../../../containers/protocol/browser-origin.ts';
import { OrreryError, toOrreryError } from '../../../containers/protocol/errors.ts';
import type { CallContext, Handlers, Method } from '../../contract/contract.ts';
import { SOCKET_PATH } from '../../contract/names.ts';
import { socketChannel } from '../../contract/rpc/channel.ts';
import { serveChannel } from '../../contract/rpc/server.ts';
import { equalSecrets, readBearer, readCookie } from './access.ts';
import { GUARD_HEADERS } from './content-policy.ts';
import { readRendererFile } from './renderer-files.ts';

/** Room for a record of 1 MiB in its JSON form. */
const MESSAGE_BYTES_MAX = 8 * 1_048_576;
/** How often a silent peer is asked whether it is there: a cut tunnel tells nobody. */
const PING_INTERVAL_MS = 30_000;

export type WebHostOptions = {
  handlers: Handlers;
  /** The built renderer. */
  folder: string;
  /** 0: any free one. */
  port: number;
  token?: string;
  onFault?: (method: Method, thrown: unknown) => void;
};

export type WebHost = {
  /** `http://127.0.0.1:<port>`. */
  origin: string;
  /** The address that lets a browser in. */
  url: string;
  token: string;
  close(): Promise<void>;
};

/** Listens on 127.0.0.1. Throws port-taken. */
export async function startWebHost(options: WebHostOptions): Promise<WebHost> {
  const token = options.token ?? randomBytes(24).toString('base64url');
  const session = randomBytes(24).toString('base64url');
  const server = createServer();
  const port = await listen(server, options.port);
  // Cookies ignore ports: two panels on one machine must not overwrite each other's.
  const cookie = `orrery_${port}`;
  const hasSession = (request: IncomingMessage) => equalSecrets(readCookie(request.headers.cookie, cookie), session);

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const { method = 'GET', headers } = request;
    const url = URL.parse(request.url ?? '/', 'http://panel');
    if (!url) throw new OrreryError('bad-request', { reason: 'its address is no address' });
    if (!isLoopbackHost(headers.host)) throw new OrreryError('foreign-origin', { origin: headers.host ?? 'Nobody' });
    if (method !== 'GET' && method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      throw new OrreryError('method-not-allowed', { method, allow: 'GET, HEAD' });
    }
    if (url.pathname === '/' && equalSecrets(url.searchParams.get('token'), token)) {
      const setCookie = `${cookie}=${session}; HttpOnly; SameSite=Strict; Path=/`;
      response.writeHead(303, {
        ...GUARD_HEADERS,
        Location: '/',
        'Set-Cookie': setCookie,
        'Cache-Control': 'no-store',
      });
      response.end();
      return;
    }
    if (!hasSession(request)) throw new OrreryError('no-session');
    const file = await readRendererFile(options.folder, url.pathname);
    response.writeHead(file.status, { ...file.headers, 'Content-Length': Buffer.byteLength(file.body) });
    response.end(method === 'HEAD' ? undefined : file.body);
  };
  server.on('request', (request, response) => {
    answer(request, response).catch((thrown: unknown) => refuse(response, toOrreryError(thrown, 'the panel')));
  });

  const admit = (request: IncomingMessage): CallContext['actor'] => {
    const { host, origin, authorization } = request.headers;
    if (request.url !== SOCKET_PATH) throw new OrreryError('not-found', { what: String(request.url) });
    const bearer = equalSecrets(readBearer(authorization), token);
    // The command line has no origin; whoever has one must be our own page.
    const foreign = !isLoopbackHost(host) || !(isOwnOrigin(origin, host) || (bearer && origin === undefined));
    if (foreign) throw new OrreryError('foreign-origin', { origin: origin ?? host ?? 'Nobody' });
    if (!bearer && !hasSession(request)) throw new OrreryError('no-session');
    return bearer ? 'command-line' : 'user';
  };
  const sockets = acceptSockets(options);
  server.on('upgrade', (request, socket, head) => {
    try {
      sockets.upgrade(request, socket, head, admit(request));
    } catch (thrown) {
      hangUp(socket, toOrreryError(thrown));
    }
  });

  const origin = `http://127.0.0.1:${port}`;
  return {
    origin,
    url: `${origin}/?token=${token}`,
    token,
    close() {
      sockets.close();
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function listen(server: ReturnType<typeof createServer>, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const taken = cause.code === 'EADDRINUSE' || cause.code === 'EACCES';
      reject(taken ? new OrreryError('port-taken', { port }, { cause }) : toOrreryError(cause, 'the panel'));
    });
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

type Sockets = {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, actor: CallContext['actor']): void;
  close(): void;
};

function acceptSockets({ handlers, onFault }: WebHostOptions): Sockets {
  const acceptor = new WebSocketServer({ noServer: true, maxPayload: MESSAGE_BYTES_MAX, perMessageDeflate: false });
  const silent = new WeakSet<WebSocket>();
  const pings = setInterval(() => {
    for (const socket of acceptor.clients) {
      if (silent.has(socket)) socket.terminate();
      silent.add(socket);
      socket.ping();
    }
  }, PING_INTERVAL_MS);
  return {
    upgrade(request, duplex, head, actor) {
      acceptor.handleUpgrade(request, duplex, head, (socket) => {
        socket.on('pong', () => silent.delete(socket));
        // A peer that breaks the protocol is closed by ws itself; its close event is what counts.
        socket.on('error', () => {});
        serveChannel(socketChannel(socket), handlers, { actor, ...(onFault && { onFault }) });
      });
    },
    close() {
      clearInterval(pings);
      for (const socket of acceptor.clients) socket.close(1001);
      acceptor.close();
    },
  };
}

const MASKED = new OrreryError('internal', { reason: 'a fault of the panel', node: 'the panel' });

function refuse(response: ServerResponse, error: OrreryError): void {
  // The details of a fault are nobody's business who is not let in yet.
  const { error: what, todo } = (error.code === 'internal' ? MASKED : error).toBody();
  if (!response.headersSent) {
    response.writeHead(error.status, { ...GUARD_HEADERS, 'Content-Type': 'text/plain; charset=utf-8' });
  }
  response.end(`${what} ${todo}\n`);
}

function hangUp(socket: Duplex, { status, message }: OrreryError): void {
  socket.on('error', () => {});
  socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Type: text/plain\r\n\r\n${message}\n`);
}
