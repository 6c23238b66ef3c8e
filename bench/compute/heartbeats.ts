/** What 1,000 heartbeating workers cost the master, as a share of one core. */
import { get } from 'node:http';
import path from 'node:path';
import type { Figures } from '../measure.ts';
import { awaitReady, readyWorkers, SECRET, startCluster } from './cluster.ts';
import { cpuSeconds, pause } from './processes.ts';
import type { Stage } from './processes.ts';

const WORKERS = 1_000;
const PROGRAM = path.join(import.meta.dirname, 'beating-workers.ts');

type Options = { stage: Stage; quick: boolean; say(line: string): void };

export async function measureHeartbeats({ stage, quick, say }: Options): Promise<Figures> {
  const { master, http, frames } = await startCluster(stage, { workers: 0, concurrency: 1, name: 'heartbeats' });
  const seconds = quick ? 10 : 30;
  // The first second after the start is not idle.
  await pause(1_000);
  const idle = await coreShare(master.pid, quick ? 2 : 10);
  const program = stage.start('beating workers', process.execPath, [PROGRAM, `${frames}`, `${WORKERS}`]);
  await program.line(/all joined/);
  await awaitReady(http, WORKERS);
  // What joining left for the collector and the compiler is not the beats' cost.
  await pause(1_000);
  const beating = await coreShare(master.pid, seconds);
  if ((await readyWorkers(http)) !== WORKERS) throw new Error('not all beating workers are ready at the end');
  say(`heartbeats: ${WORKERS} workers, one beat a second each, over ${seconds} s:`);
  say(`  share of a core: idle ${idle.toFixed(4)}, beating ${beating.toFixed(4)}`);
  if (!quick) {
    const stopReading = readStream(http);
    const watched = await coreShare(master.pid, 10);
    stopReading();
    say(`  with a panel that reads the stream: ${watched.toFixed(4)}`);
  }
  stage.check();
  return { heartbeat_core_share: beating - idle };
}

async function coreShare(pid: number, seconds: number): Promise<number> {
  const [beforeS, startedMs] = [await cpuSeconds(pid), performance.now()];
  await pause(seconds * 1_000);
  return ((await cpuSeconds(pid)) - beforeS) / ((performance.now() - startedMs) / 1_000);
}

/** Reads the master's stream as the panel does. Returns what ends it. */
function readStream(port: number): () => void {
  const headers = { Authorization: `Bearer ${SECRET}` };
  const request = get({ port, host: '127.0.0.1', path: '/stream', headers }, (response) => response.resume());
  request.on('error', () => {});
  return () => request.destroy();
}
