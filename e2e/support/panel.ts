/** A panel as a person starts it, in either host: a process of its own, on its own data folder. */
import { execFile, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, type ElectronApplication } from '@playwright/test';
import { leftoversOf, NOTHING, removeAll } from './docker.ts';
import { COMMAND, ENGINE, startElectron, startWeb, type HostKind, type Started } from './hosts.ts';

const run = promisify(execFile);
/** Apart from the pool that the application takes by default. */
const FIRST_PORT = 43_000;
const PORTS_EACH = 10;
const PANELS_MAX = 80;
let started = 0;

export type PanelOptions = {
  /** A folder that an earlier panel used; a fresh one when absent. */
  home?: string;
  /** Further arguments of `serve`. */
  args?: string[];
  env?: Record<string, string>;
};

/** What `orrery ps --json` prints. */
export type ClusterReport = {
  cluster: string;
  engine: string;
  endpoints: { master: string; headnode: string };
  nodes: { id: string; role: string; state: string }[];
};

export class Panel {
  readonly home: string;
  readonly url: string;
  /** Resolves when all nodes are ready; rejects with what the panel said when it ends before. */
  readonly ready: Promise<void>;
  /** The desktop's application; null in the web host. */
  readonly application: ElectronApplication | null;
  readonly #child: ChildProcess;
  readonly #env: NodeJS.ProcessEnv;
  readonly #exited: Promise<number | null>;

  private constructor(home: string, env: NodeJS.ProcessEnv, { child, url, ready, application }: Started) {
    this.home = home;
    this.url = url;
    this.ready = ready;
    this.application = application;
    this.#env = env;
    this.#child = child;
    this.#exited =
      child.exitCode === null && child.signalCode === null
        ? once(child, 'exit').then(([code]) => (typeof code === 'number' ? code : null))
        : Promise.resolve(child.exitCode);
  }

  /** Resolves when the panel can be reached; the cluster is then still starting. */
  static async serve(host: HostKind, options: PanelOptions = {}): Promise<Panel> {
    const from = FIRST_PORT + (started++ % PANELS_MAX) * PORTS_EACH;
    const home = options.home ?? mkdtempSync(path.join(os.tmpdir(), 'orrery-journey-'));
    const env = {
      ...process.env,
      ORRERY_HOME: home,
      ORRERY_PORTS: `${from}-${from + PORTS_EACH - 1}`,
      ...options.env,
    };
    const args = ['--engine', ENGINE, ...(options.args ?? [])];
    return new Panel(home, env, await (host === 'web' ? startWeb(args, env) : startElectron(host, args, env)));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** What another terminal sees of this panel's cluster. */
  async ps(): Promise<ClusterReport> {
    const { stdout } = await run(process.execPath, [COMMAND, 'ps', '--json'], { env: this.#env });
    return JSON.parse(stdout) as ClusterReport;
  }

  /** Waits for the cluster, and makes sure that the engine is the one these journeys are about. */
  async readyOnDocker(): Promise<ClusterReport> {
    await this.ready;
    const report = await this.ps();
    expect(report.engine, 'the engine under test is the one that was asked for, never a fallback').toBe(ENGINE);
    return report;
  }

  /** Resolves with the exit code when it has ended, for whatever reason. */
  ended(): Promise<number | null> {
    return this.#exited;
  }

  /** SIGTERM; resolves with the exit code. */
  terminate(): Promise<number | null> {
    this.#child.kill('SIGTERM');
    return this.#exited;
  }

  /** SIGKILL, as a crash would. */
  async crash(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exited;
  }

  get alive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }
}

/** Ends what may still run on `home` without asking, removes what is left of `clusters` and the folder. */
export async function sweep(home: string, panels: Panel[], clusters: string[]): Promise<void> {
  for (const panel of panels) if (panel.alive) await panel.crash();
  for (const cluster of clusters) await removeAll(cluster);
  rmSync(home, { recursive: true, force: true });
}

/** Fails unless nothing of a cluster is left: not in Docker, no process, no open port. */
export async function expectNothingLeft(panel: Panel, { cluster, endpoints }: ClusterReport): Promise<void> {
  expect(await leftoversOf(cluster), 'what Docker still has of the cluster').toEqual(NOTHING);
  expect(processesOn(panel.home), 'processes on the data folder').toEqual([]);
  for (const url of [...Object.values(endpoints), panel.url])
    expect(await accepts(Number(new URL(url).port)), `${url} still listens`).toBe(false);
}

/** Ids of the processes that were started with `home` as their data folder (where the system tells). */
function processesOn(home: string): string[] {
  if (!existsSync('/proc/self/environ')) return [];
  return readdirSync('/proc').filter((id) => {
    if (!/^\d+$/.test(id) || Number(id) === process.pid) return false;
    try {
      return readFileSync(`/proc/${id}/environ`, 'utf8').split('\0').includes(`ORRERY_HOME=${home}`);
    } catch {
      return false; // It has ended, or it is not ours to look into.
    }
  });
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}
