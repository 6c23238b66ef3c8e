/** For tests and the soak: `orrery serve` as a process of its own, on its own data folder, that can be killed. */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import type { Client } from '../../contract/contract.ts';
import { withPanel } from '../command-line/panel-client.ts';
import type { ContainerEngine, EngineNode } from '../engine/engine.ts';
import { findEngine } from '../engine/find-engine.ts';

const COMMAND = path.resolve(import.meta.dirname, '../../../scripts/orrery.mjs');
/** Apart from the pools of the application and of the journeys. */
const FIRST_PORT = 46_000;
const PORTS_EACH = 4;

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
      child.stdout.resume();
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        if (said.includes('the cluster is ready')) resolve();
      });
      child.once('exit', (code) => reject(new Error(`the panel ended with ${code}: ${said}`)));
    });
    this.#cluster = (await this.use((client) => client.call('cluster.picture', undefined))).cluster;
  }

  /** A client of the panel for as long as `use` takes. */
  use<T>(use: (client: Client) => Promise<T>): Promise<T> {
    return withPanel(this.home, use);
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
    this.#engine ??= await findEngine(this.#options.engine, { home: this.home, bundlesFolder: '' });
    return (await this.#engine.list()).filter((node) => node.cluster === this.#cluster);
  }

  /** Ends the panel, its cluster and its folder. */
  async close(): Promise<void> {
    const child = this.#child;
    if (child !== null && child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    await this.#engine?.close();
    rmSync(this.home, { recursive: true, force: true });
  }
}
