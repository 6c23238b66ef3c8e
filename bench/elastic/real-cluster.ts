/** A real cluster with its autoscaler on: how fast workers start and take over, and how it bears a pattern of load. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Agent, request } from 'node:http';
import type { AutoscalerChange } from '../../containers/protocol/autoscaler.ts';
import type { Client } from '../../src/contract/contract.ts';
import type { ClusterPicture } from '../../src/core/cluster-picture.ts';
import type { JournalBody } from '../../src/core/journal.ts';
import { localClient } from '../../src/main/command-line/panel-client.ts';
import { waitFor } from '../../src/main/command-line/wait-for.ts';
import { createPanel } from '../../src/main/panel.ts';

const LIMIT_MS = 60_000;
/** An image may have to be built first. */
const START_LIMIT_MS = 300_000;

export type Answer = { atMs: number; tookMs: number; ok: boolean };
export type Count = { atMs: number; active: number; standby: number };

export class RealCluster {
  readonly #client: Client;
  readonly #master: string;
  readonly #agent = new Agent({ keepAlive: true });

  /** Opens a panel of its own, starts the cluster, hands it to `use`, and leaves nothing behind. */
  static async with<T>(engine: 'docker' | 'process', use: (cluster: RealCluster) => Promise<T>): Promise<T> {
    const home = await mkdtemp(path.join(tmpdir(), 'orrery-bench-'));
    const panel = await createPanel({ home, host: 'web' });
    const client = localClient(panel.handlers);
    try {
      await client.call('cluster.start', { engine, workers: 1, datanodes: 0 });
      const picture = await waitFor(
        client,
        { afterSeq: 0, limitMs: START_LIMIT_MS },
        (look) => look.picture.phase === 'running',
      );
      return await use(new RealCluster(client, picture.endpoints?.master ?? ''));
    } finally {
      client.close();
      await panel.close('remove');
      await rm(home, { recursive: true, force: true });
    }
  }

  private constructor(client: Client, master: string) {
    this.#client = client;
    this.#master = master;
  }

  async scale(change: AutoscalerChange): Promise<void> {
    await this.#client.call('autoscaler.set', change);
  }

  until(decide: (picture: ClusterPicture) => boolean): Promise<ClusterPicture> {
    return waitFor(this.#client, { afterSeq: 0, limitMs: LIMIT_MS }, (look) => decide(look.picture));
  }

  /** Workers in a state. */
  static count(picture: ClusterPicture, state: string): number {
    return picture.nodes.filter((node) => node.role === 'worker' && node.state === state).length;
  }

  async newestSeq(): Promise<number> {
    return (await this.#client.call('cluster.picture', undefined)).seq;
  }

  /** Bodies of all events after `afterSeq` until `enough` of them are there. */
  async bodies(afterSeq: number, enough: (bodies: readonly JournalBody[]) => boolean): Promise<JournalBody[]> {
    const bodies: JournalBody[] = [];
    await waitFor(this.#client, { afterSeq, limitMs: LIMIT_MS }, ({ events }) => {
      bodies.push(...events.map(({ body }) => body));
      return enough(bodies);
    });
    return bodies;
  }

  /** A task that sleeps in a worker, with its answer. */
  work(serviceMs: number, distribution: 'constant' | 'exponential'): Promise<Answer> {
    const atMs = Date.now();
    const startedMs = performance.now();
    return new Promise((resolve) => {
      const done = (ok: boolean): void => resolve({ atMs, tookMs: performance.now() - startedMs, ok });
      const sent = request(
        `${this.#master}/submit-task?wait=30s`,
        { method: 'POST', agent: this.#agent },
        (response) => {
          response.resume().on('end', () => done(response.statusCode === 200));
        },
      );
      sent.on('error', () => done(false));
      sent.end(JSON.stringify({ kind: 'work', payload: { serviceMs, distribution } }));
    });
  }

  /** Requests by a Poisson process of the rate at each moment, s; never waits for answers. With how many workers there were. */
  async load(
    seconds: number,
    rateAt: (s: number) => number,
    serviceMs: number,
  ): Promise<{ answers: Answer[]; counts: Count[]; startMs: number }> {
    const answers: Promise<Answer>[] = [];
    const counts: Count[] = [];
    const stop = new AbortController();
    const counting = this.#count(counts, stop.signal);
    const startMs = Date.now();
    let dueMs = startMs;
    for (;;) {
      dueMs += (-Math.log(1 - Math.random()) * 1_000) / rateAt((dueMs - startMs) / 1_000);
      if (dueMs > startMs + seconds * 1_000) break;
      const waitMs = dueMs - Date.now();
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      answers.push(this.work(serviceMs, 'exponential'));
    }
    const settled = await Promise.all(answers);
    stop.abort();
    await counting;
    return { answers: settled, counts, startMs };
  }

  async #count(counts: Count[], signal: AbortSignal): Promise<void> {
    for await (const pushes of this.#client.stream('samples.follow', undefined, signal)) {
      for (const { sample } of pushes) {
        const { autoscaler, atMs } = sample;
        if (autoscaler !== undefined) counts.push({ atMs, active: autoscaler.active, standby: autoscaler.standby });
      }
    }
  }
}
