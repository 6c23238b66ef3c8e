/** For tests: a master and workers as child processes on loopback, which can be killed and started again. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export const SECRET = 'a-secret-of-a-test-cluster';
const containers = join(import.meta.dirname, '..');

export type NodeProcess = {
  child: ChildProcess;
  ended: Promise<unknown>;
  /** Resolves with the first line, said already or later, that contains the text; rejects when the process ends before. */
  waitFor(text: string): Promise<string>;
};

export type Reply = { status: number; json: Record<string, unknown>; headers: Headers };

export class ComputeProcesses {
  readonly folder: string;
  readonly #nodes: NodeProcess[] = [];
  /** Free ones the first time, the same after that. */
  #ports = { http: '0', frames: '0', salad: '0', shared: '0', lines: '0' };

  static async open(): Promise<ComputeProcesses> {
    return new ComputeProcesses(await mkdtemp(join(tmpdir(), 'orrery-compute-')));
  }

  private constructor(folder: string) {
    this.folder = folder;
  }

  get url(): string {
    return this.urlAt('http');
  }

  /** Of the master, at one of its ports. */
  urlAt(port: 'http' | 'salad' | 'shared'): string {
    return `http://127.0.0.1:${this.#ports[port]}`;
  }

  get linesPort(): number {
    return Number(this.#ports.lines);
  }

  get framesPort(): number {
    return Number(this.#ports.frames);
  }

  /** `through`: a program and its arguments that run the master. */
  async startMaster(through: readonly string[] = []): Promise<NodeProcess> {
    const env = Object.entries(this.#ports).map(([name, port]) => [`ORRERY_PORT_${name.toUpperCase()}`, port]);
    const master = this.#start('master', 'master', Object.fromEntries(env), through);
    const line = await master.waitFor(' ready http=');
    for (const [, name, port] of line.matchAll(/(http|frames|salad|shared|lines)=(\d+)/g)) {
      this.#ports = { ...this.#ports, [name ?? '']: port };
    }
    return master;
  }

  /** Resolves when it has joined. */
  async startWorker(node: string, concurrency = 4): Promise<NodeProcess> {
    const env = { ORRERY_MASTER: `127.0.0.1:${this.#ports.frames}`, ORRERY_CONCURRENCY: String(concurrency) };
    const worker = this.#start('worker', node, env, []);
    await worker.waitFor('joined the master');
    return worker;
  }

  async ask(path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Reply> {
    const response = await fetch(`${this.url}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: path.startsWith('/control') ? { Authorization: `Bearer ${SECRET}`, ...headers } : headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const json = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
    return { status: response.status, json, headers: response.headers };
  }

  /** Asks until the answer is right. */
  async until(path: string, isRight: (json: Record<string, unknown>) => boolean): Promise<Record<string, unknown>> {
    for (;;) {
      const { json } = await this.ask(path);
      if (isRight(json)) return json;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  async close(): Promise<void> {
    // A group each: a program that runs a node for us goes together with it.
    for (const { child } of this.#nodes) {
      if (child.exitCode === null && child.signalCode === null && child.pid !== undefined)
        process.kill(-child.pid, 'SIGKILL');
    }
    await Promise.all(this.#nodes.map(({ ended }) => ended));
    await rm(this.folder, { recursive: true, force: true });
  }

  #start(role: string, node: string, env: Record<string, string>, through: readonly string[]): NodeProcess {
    const [program, ...args] = [...through, process.execPath, join(containers, role, 'main.ts')];
    const child = spawn(program, args, {
      env: {
        ORRERY_CLUSTER: 'test',
        ORRERY_NODE: node,
        ORRERY_ROLE: role,
        ORRERY_SECRET: SECRET,
        ORRERY_DATA: this.folder,
        ORRERY_PORT_PROBE: '0',
        ORRERY_HEARTBEAT_INTERVAL_MS: '200',
        ...env,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    });
    const lines: string[] = [];
    const listeners = new Set<(line: string) => void>();
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line);
      for (const listener of listeners) listener(line);
    });
    const ended = new Promise((resolve, reject) => {
      child.once('exit', resolve);
      child.once('error', reject);
    });
    const waitFor = (text: string): Promise<string> =>
      new Promise((resolve, reject) => {
        const known = lines.find((line) => line.includes(text));
        if (known !== undefined) {
          resolve(known);
          return;
        }
        listeners.add((line) => {
          if (line.includes(text)) resolve(line);
        });
        ended.then((code) => reject(new Error(`${node} ended with ${String(code)} before it said ${text}`)), reject);
      });
    const started = { child, ended, waitFor };
    this.#nodes.push(started);
    return started;
  }
}
