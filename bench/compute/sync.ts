/** Synchronous tasks: our master with two workers against HAProxy before two HTTP workers. */
import { describe, interleaved, median } from '../measure.ts';
import type { Figures } from '../measure.ts';
import { startCluster } from './cluster.ts';
import { HAPROXY_SETTINGS, startHaproxy } from './haproxy.ts';
import type { Stage } from './processes.ts';
import { runWrk } from './wrk.ts';
import type { WrkResult } from './wrk.ts';

const WORKERS = 2;
export const CONNECTIONS = 64;
export const THREADS = 1;
/** Tasks at once at one of our workers; the HTTP workers take what comes. */
export const CONCURRENCY = 64;
/** At equal rate each connection pauses this long on average, which makes about 1,000 requests a second. */
const THINK_MS = 60;

type Options = { stage: Stage; quick: boolean; say(line: string): void };

export async function measureSync({ stage, quick, say }: Options): Promise<Figures> {
  const { http } = await startCluster(stage, { workers: WORKERS, concurrency: CONCURRENCY, name: 'sync' });
  const frontend = await startHaproxy(stage, WORKERS);
  const ours = { base: `http://127.0.0.1:${http}`, connections: CONNECTIONS, threads: THREADS };
  const theirs = { ...ours, base: `http://127.0.0.1:${frontend}` };
  say(`sync: wrk ${THREADS} thread, ${CONNECTIONS} connections; ${WORKERS} workers on both sides`);
  say(`  ours: ${CONCURRENCY} tasks at once a worker; HAProxy: ${HAPROXY_SETTINGS}`);

  // Also the warm-up. Every answer of these rounds is looked into.
  const checked = { seconds: quick ? 1 : 3, verify: true };
  const verified = [await runWrk({ ...ours, ...checked }), await runWrk({ ...theirs, ...checked })];
  say(`  answers verified: ours ${verified[0]?.requests}, HAProxy ${verified[1]?.requests}`);

  const results: Record<'a' | 'b', WrkResult[]> = { a: [], b: [] };
  const cpuUs: Record<'a' | 'b', number[]> = { a: [], b: [] };
  const processes = { a: ['sync'], b: ['haproxy', 'http worker'] };
  const round = async (side: 'a' | 'b', options: typeof ours): Promise<number> => {
    const beforeS = await stage.cpuSeconds(...processes[side]);
    const result = await runWrk({ ...options, seconds: quick ? 1 : 5 });
    const usedS = (await stage.cpuSeconds(...processes[side])) - beforeS;
    cpuUs[side].push((usedS * 1e6) / result.requests);
    results[side].push(result);
    stage.check();
    return result.perSecond;
  };
  const { a, b } = await interleaved(
    quick ? 5 : 9,
    () => round('a', ours),
    () => round('b', theirs),
  );
  const p99 = (side: 'a' | 'b') => results[side].map(({ p99Ms }) => p99Ms);
  say(
    `  ours ${describe(a, 0)} requests/s, p99 ${describe(p99('a'), 2)} ms, processor ${describe(cpuUs.a)} µs/request`,
  );
  say(
    `  HAProxy ${describe(b, 0)} requests/s, p99 ${describe(p99('b'), 2)} ms, processor ${describe(cpuUs.b)} µs/request`,
  );
  if (!quick) await sayAtEqualRate(ours, theirs, say);
  return {
    sync_vs_haproxy: median(a) / median(b),
    sync_p99_vs_haproxy: median(p99('a')) / median(p99('b')),
    sync_per_s: median(a),
    sync_p99_ms: median(p99('a')),
  };
}

async function sayAtEqualRate(
  ours: { base: string; connections: number; threads: number },
  theirs: typeof ours,
  say: Options['say'],
): Promise<void> {
  const paced = { seconds: 5, thinkMs: THINK_MS };
  const p99s = { ours: [] as number[], theirs: [] as number[] };
  const rates: number[] = [];
  for (let round = 0; round < 3; round++) {
    const [a, b] = [await runWrk({ ...ours, ...paced }), await runWrk({ ...theirs, ...paced })];
    p99s.ours.push(a.p99Ms);
    p99s.theirs.push(b.p99Ms);
    rates.push(a.perSecond, b.perSecond);
  }
  say(
    `  at equal rate (${describe(rates, 0)} requests/s): p99 ours ${describe(p99s.ours, 2)} ms, HAProxy ${describe(p99s.theirs, 2)} ms`,
  );
}
