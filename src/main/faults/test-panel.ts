/** For tests and the soak: `orrery serve` as a process of its own, on its own data folder, that can be killed. */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { faultAnswer } from '../../../containers/protocol/control.ts';
import type { Client } from '../../contract/contract.ts';
import { createClusterFiles } from '../cluster/cluster-files.ts';
import { withPanel } from '../command-line/panel-client.ts';
import type { ContainerEngine, EngineNode } from '../engine/engine.ts';
import { findEngine } from '../engine/find-engine.ts';
import { callNode, jsonOf } from '../nodes/node-http.ts';

const COMMAND = path.resolve(import.meta.dirname, '../../../scripts/orrery.mjs');
/** Apart from the pools of the application and of the journeys. */
const FIRST_PORT = 46_000;
const PORTS_EACH = 4;
/** An image may have to be built first. */
const READY_LIMIT_MS = 300_000;

type Options = { engine: 'docker' | 'process'; workers: number; datanodes: number };

export class TestPanel {
  readonly home = mkdtempSync(path.join(os.tmpdir(), 'orrery-faults-'));
  readonly #options: Options;
  readonly #ports: string;
  #child: ChildProcessByStdio<null, Readable, Readable> | null = null;
  #engine: ContainerEngine | null = null;
  #cluster: string | null = null;

  constructor(options: Options) {
    this.#options = options;
    const from = FIRST_PORT + (process.pid % 500) * PORTS_EACH;
    this.#ports = `${from}-${from + PORTS_EACH - 1}`;
  }

  /** Serves, or serves again after a kill; resolves when the cluster is ready. */
  async serve(): Promise<void> {
    const { engine, workers, datanodes } = this.#options;
    const args = ['serve', '--engine', engine, '--workers', String(workers), '--datanodes', String(datanodes)];
    const env = { ...process.env, ORRERY_HOME: this.home, ORRERY_PORTS: this.#ports };
    const child = spawn(process.execPath, [COMMAND, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    await new Promise<void>((resolve, reject) => {
      let said = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
      // Its address: from now on it can be asked.
      child.stdout.setEncoding('utf8').on('data', () => resolve());
      child.once('exit', (code) => reject(new Error(`the panel ended with ${code}: ${said}`)));
    });
    await this.#ready();
    this.#cluster = (await this.use((client) => client.call('cluster.picture', undefined))).cluster;
  }

  async #ready(): Promise<void> {
    const limit = AbortSignal.timeout(READY_LIMIT_MS);
    await this.use(async (client) => {
      const isReady = async () => (await client.call('cluster.picture', undefined)).phase === 'running';
      if (await isReady()) return;
      for await (const _ of client.stream('journal.follow', { afterSeq: null }, limit)) if (await isReady()) return;
      throw new Error(`the cluster is not ready after ${READY_LIMIT_MS} ms`);
    });
  }

  /** A client of the panel for as long as `use` takes. */
  use<T>(use: (client: Client) => Promise<T>): Promise<T> {
    return withPanel(this.home, use);
  }

  /** The command line, beside the panel. */
  async run(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
    const env = { ...process.env, ORRERY_HOME: this.home };
    const child = spawn(process.execPath, [COMMAND, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const said = { out: '', err: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said.out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said.err += text));
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, ...said };
  }

  /** kill -9; resolves when it is gone. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  /** The cluster's nodes as an engine of our own sees them. */
  async nodes(): Promise<EngineNode[]> {
    return (await (await this.#ownEngine()).list()).filter((node) => node.cluster === this.#cluster);
  }

  async #ownEngine(): Promise<ContainerEngine> {
    this.#engine ??= await findEngine(this.#options.engine, { home: this.home, bundlesFolder: '' });
    return this.#engine;
  }

  /** What is left of faults, as the nodes and the engine say themselves: `worker-1 is paused`, `master has 2 rules`. */
  async residue(): Promise<string[]> {
    const nodes = await this.nodes();
    const left = nodes.filter(({ state }) => state === 'paused').map(({ node }) => `${node} is paused`);
    const running = nodes.filter(({ state }) => state === 'running');
    const rules = running.map(async ({ node, role }) => {
      const monitor = role === 'worker' || role === 'master' ? 'master' : 'headnode';
      const answer = await this.ask(monitor, '/control/faults', { node, order: { do: 'list' } });
      const { rules: held } = faultAnswer.parse(answer);
      return held.length === 0 ? [] : [`${node} has ${held.length} rules`];
    });
    return [...left, ...(await Promise.all(rules)).flat()];
  }

  /** Asks a monitor past any panel, with the cluster's secret. */
  async ask(monitor: 'master' | 'headnode', endpoint: string, body: unknown): Promise<unknown> {
    const [file] = createClusterFiles(path.join(this.home, 'clusters')).all();
    if (file === undefined) throw new Error('there is no cluster');
    const answer = await callNode({
      method: 'POST',
      base: `http://127.0.0.1:${file.ports[monitor]}`,
      path: endpoint,
      headers: { Authorization: `Bearer ${file.secret}` },
      body: JSON.stringify(body),
      timeoutMs: 5_000,
    });
    return jsonOf(answer);
  }

  /** Ends the panel, its cluster and its folder; also a cluster whose panel was killed. */
  async close(): Promise<void> {
    const child = this.#child;
    if (child !== null && child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    } else if (this.#cluster !== null) {
      await (await this.#ownEngine()).removeCluster(this.#cluster, { keepVolumes: false });
    }
    await this.#engine?.close();
    rmSync(this.home, { recursive: true, force: true });
  }
}
