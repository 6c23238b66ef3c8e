/** The same synchronous tasks through the port that Docker publishes: what a user of the real cluster gets. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { localClient } from '../../src/main/command-line/panel-client.ts';
import { waitFor } from '../../src/main/command-line/wait-for.ts';
import { createPanel } from '../../src/main/panel.ts';
import { describe } from '../measure.ts';
import { CONCURRENCY, CONNECTIONS, THREADS } from './sync.ts';
import { runWrk } from './wrk.ts';

const WORKERS = 2;
const START_LIMIT_MS = 120_000;

/** The rate and its latency on stderr: no peer takes this path, so it is no figure. */
export async function sayThroughDocker(say: (line: string) => void): Promise<void> {
  const home = await mkdtemp(path.join(tmpdir(), 'orrery-bench-'));
  const panel = await createPanel({ home, host: 'web' });
  const client = localClient(panel.handlers);
  try {
    await client.call('settings.write', { name: 'node.ORRERY_CONCURRENCY', value: CONCURRENCY });
    await client.call('cluster.start', { engine: 'docker', workers: WORKERS, datanodes: 0 });
    await waitFor(client, { afterSeq: 0, limitMs: START_LIMIT_MS }, ({ events }) =>
      events.some(({ body }) => body.type === 'cluster-ready'),
    );
    const { endpoints } = await client.call('cluster.picture', undefined);
    if (endpoints === null) throw new Error('the cluster has no endpoints');
    const options = { base: endpoints.master, connections: CONNECTIONS, threads: THREADS };
    await runWrk({ ...options, seconds: 3, verify: true });
    const results = [];
    for (let round = 0; round < 3; round++) results.push(await runWrk({ ...options, seconds: 5 }));
    const rates = describe(
      results.map(({ perSecond }) => perSecond),
      0,
    );
    const p99s = describe(
      results.map(({ p99Ms }) => p99Ms),
      2,
    );
    say(`sync through Docker's published port, the panel watching: ${rates} requests/s, p99 ${p99s} ms`);
  } finally {
    client.close();
    await panel.close('remove');
    await rm(home, { recursive: true, force: true });
  }
}
