/** Line mode (protocol D of the course): one request a line over TCP. */
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { listen } from '../../kit/listen.ts';
import type { RoleContext } from '../../kit/role-main.ts';
import { OrreryError } from '../../protocol/errors.ts';
import type { MasterService } from '../service.ts';
import { lineOfError } from './line-answers.ts';
import { LineSession } from './line-session.ts';

const CONNECTIONS_MAX = 1_000;

/** `ports` is empty when the configuration names no port for it. */
export async function serveLines(
  { config, clock }: RoleContext,
  service: MasterService,
): Promise<{ ports: { lines?: number }; close(): Promise<void> }> {
  const { ORRERY_PORT_LINES: port, ORRERY_BIND: bind } = config;
  if (port === undefined) return { ports: {}, close: async () => undefined };
  const sockets = new Set<Socket>();
  // A peer may end its side and still read the answers.
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const counts = service.telemetry.lineCounts;
    counts.connections = sockets.add(socket).size;
    socket.on('close', () => {
      sockets.delete(socket);
      counts.connections = sockets.size;
    });
    if (sockets.size <= CONNECTIONS_MAX) {
      new LineSession(socket, service, clock);
      return;
    }
    socket.on('error', () => undefined);
    const error = new OrreryError('too-many', { what: 'Line mode', limit: CONNECTIONS_MAX, retryAfterS: 1 });
    socket.end(lineOfError(error, 0), () => socket.destroy());
  });
  const used = await listen(server, bind, port);
  return {
    ports: { lines: used },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
