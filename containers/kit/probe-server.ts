/**
 * The probe port: proof that this very process lives. It speaks just enough HTTP for `GET /` over a
 * plain socket, because workers need nothing else of an HTTP server; and for `POST /faults`, with the
 * cluster's secret, over which a node is told of faults past the fault shim.
 */
import { createServer, type Socket } from 'node:net';
import type { FaultOrder } from '../protocol/control.ts';
import type { ProbeAnswer } from '../protocol/roles.ts';
import type { FaultHand } from './fault-hand.ts';
import { listen } from './listen.ts';
import { secretsEqual } from './secret.ts';

/** Where orders about faults go. */
export const FAULTS_PATH = '/faults';
const HEAD_BYTES_MAX = 8 * 1024;
const BODY_BYTES_MAX = 1024 * 1024;
const TIMEOUT_MS = 2_000;

export type ProbeServerOptions = {
  bind: string;
  port: number;
  answer(): ProbeAnswer;
  secret: string;
  faults: FaultHand;
};

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
    // Whatever is read here is ASCII.
    request += chunk.toString('latin1');
    const headEnd = request.indexOf('\r\n\r\n');
    if (headEnd < 0 && request.length <= HEAD_BYTES_MAX) return;
    const bodyBytes = headEnd < 0 ? BODY_BYTES_MAX + 1 : bodyLength(request.slice(0, headEnd), options.secret);
    if (bodyBytes > BODY_BYTES_MAX) {
      socket.destroy();
      return;
    }
    const body = request.slice(headEnd + 4);
    if (body.length < bodyBytes) return;
    socket.removeAllListeners('data');
    socket.resume();
    if (bodyBytes === 0) socket.end(respond(request, options));
    else order(socket, body.slice(0, bodyBytes), options.faults);
  });
}

/** Of an order whose sender knows the secret; 0 for all else. */
function bodyLength(head: string, secret: string): number {
  if (!head.startsWith(`POST ${FAULTS_PATH} HTTP/1.1\r\n`)) return 0;
  const given = /\r\nauthorization: bearer ([^\r\n]+)/i.exec(head)?.[1] ?? '';
  const length = Number(/\r\ncontent-length: (\d{1,9})(?:\r\n|$)/i.exec(head)?.[1] ?? 0);
  return secretsEqual(given, secret) ? length : 0;
}

function order(socket: Socket, body: string, faults: FaultHand): void {
  // What it takes is the sender's to limit.
  socket.setTimeout(0);
  // Checked by the monitor that sends it: the schema library would cost every worker its start-up time.
  const answered = async (): Promise<string> => {
    const answer = await faults.perform(JSON.parse(body) as FaultOrder);
    return message('200 OK', JSON.stringify(answer), true);
  };
  answered().then(
    (text) => socket.end(text),
    () => socket.end(message('500 Internal Server Error', '{"error":"it failed","code":"internal"}', true)),
  );
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
