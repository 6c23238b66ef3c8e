/** The peer for synchronous tasks: HAProxy (leastconn) before plain Node HTTP workers, keep-alive on both sides. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { awaitPort, freePort } from './processes.ts';
import type { Stage } from './processes.ts';

const WORKER = path.join(import.meta.dirname, 'http-worker.ts');

/** One thread: on two cores, shared with wrk and the workers, a second one cost more than it gave. */
export const HAPROXY_SETTINGS =
  'nbthread 1, mode http, balance leastconn, http-keep-alive, http-reuse always, no log, no checks';

/** Resolves with the port of the frontend when it listens. */
export async function startHaproxy(stage: Stage, workers: number): Promise<number> {
  const ports: string[] = [];
  for (let number = 1; number <= workers; number++) {
    const worker = stage.start(`http worker ${number}`, process.execPath, [WORKER], { NODE_ENV: 'production' });
    const [, port = ''] = await worker.line(/ready port=(\d+)/);
    ports.push(port);
  }
  const frontend = await freePort();
  const file = path.join(stage.folder, 'haproxy.cfg');
  await writeFile(file, configuration(frontend, ports));
  stage.start('haproxy', 'haproxy', ['-db', '-f', file]);
  await awaitPort(frontend, stage);
  return frontend;
}

function configuration(frontend: number, workers: string[]): string {
  const servers = workers.map((port, index) => `  server worker-${index + 1} 127.0.0.1:${port}`);
  return `global
  nbthread 1
  maxconn 4096

defaults
  mode http
  timeout connect 2s
  timeout client 65s
  timeout server 30s
  timeout http-keep-alive 65s
  option http-keep-alive
  http-reuse always

frontend tasks
  bind 127.0.0.1:${frontend}
  default_backend workers

backend workers
  balance leastconn
${servers.join('\n')}
`;
}
