/**
 * The probe port: proof that this very process lives. It speaks just enough HTTP for `GET /` over a
 * plain socket, because workers need nothing else of an HTTP server.
 */
import { createServer, type Socket } from 'node:net';
import type { ProbeAnswer } from '../protocol/roles.ts';
import { listen } from './listen.ts';

const REQUEST_BYTES_MAX = 8 * 1024;
const TIMEOUT_MS = 2_000;

export type ProbeServerOptions = { bind: string; port: number; answer(): ProbeAnswer };

/** Listens; answers 200 with the probe's answer when it is ready, 503 with the same while not. */
export async function serveProbe(options: ProbeServerOptions): Promise<{ port: number; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    serve(socket, options);
  });
  const port = await listen(server, options.bind, options.port);
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function serve(socket: Socket, options: ProbeServerOptions): void {
  let request = '';
  socket.setTimeout(TIMEOUT_MS, () => socket.destroy());
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    request += chunk.toString('latin1');
    if (request.length > REQUEST_BYTES_MAX) {
      socket.destroy();
      return;
    }
    if (!request.includes('\r\n\r\n')) return;
    socket.removeAllListeners('data');
    socket.resume();
    socket.end(respond(request, options));
  });
}

function respond(request: string, options: ProbeServerOptions): string {
  const match = /^(GET|HEAD) \/(?:\?\S*)? HTTP\/1\.[01]\r\n/.exec(request);
  if (match === null)
    return message('404 Not Found', '{"error":"only GET / is answered here","code":"not-found"}', true);
  const answer = options.answer();
  return message(answer.ready ? '200 OK' : '503 Service Unavailable', JSON.stringify(answer), match[1] === 'GET');
}

function message(status: string, body: string, withBody: boolean): string {
  const head = `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n`;
  return withBody ? head + body : head;
}
