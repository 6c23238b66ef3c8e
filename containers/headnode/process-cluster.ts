/** For tests: a headnode and datanodes (or other nodes) as child processes of this one, on loopback and throw-away folders. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { MonitorEvent, StreamLine } from '../protocol/stream.ts';

const SECRET = 'a-secret-for-tests-only';
const READY_TIMEOUT_MS = 15_000;

type Running = { child: ChildProcess; ports: Record<string, number>; output: string[]; exited: Promise<void> };

export class ProcessCluster {
  readonly folder = mkdtempSync(join(tmpdir(), 'orrery-store-'));
  readonly #running = new Map<string, Running>();
  readonly #environment: Record<string, string>;
  readonly #wrap: (node: string, folder: string) => string[];

  /** `wrap` gives the words of a command that is to run the node, before the node's own. */
  constructor(environment: Record<string, string> = {}, wrap: (node: string, folder: string) => string[] = () => []) {
    this.#environment = environment;
    this.#wrap = wrap;
  }

  get http(): string {
    return this.httpOf('headnode');
  }

  /** Of the headnode's sockets. */
  get sockets(): number {
    return this.#port('headnode', 'sockets');
  }

  httpOf(node: string): string {
    return `http://127.0.0.1:${this.#port(node, 'http')}`;
  }

  /** Starts a node on its folder; resolves when it says that it is ready. */
  async start(node: string): Promise<void> {
    const role = node.replace(/-\d+$/, '');
    const command = [process.execPath, resolve(import.meta.dirname, `../${role}/main.ts`)];
    const [program = '', ...words] = [...this.#wrap(node, this.folder), ...command];
    const child = spawn(program, words, {
      env: {
        ...this.#environment,
        ORRERY_CLUSTER: 'test',
        ORRERY_NODE: node,
        ORRERY_ROLE: role,
        ORRERY_SECRET: SECRET,
        ORRERY_DATA: join(this.folder, node),
        // Those that are dialled keep their frames port over a restart, as they do in a cluster.
        ORRERY_PORT_FRAMES: String(role === 'datanode' ? 0 : (this.#running.get(node)?.ports['frames'] ?? 0)),
        ORRERY_PORT_HTTP: '0',
        ...(role === 'headnode' && { ORRERY_PORT_SOCKETS: String(this.#running.get(node)?.ports['sockets'] ?? 0) }),
        ORRERY_PORT_PROBE: '0',
        ORRERY_HEARTBEAT_INTERVAL_MS: '200',
        ORRERY_REREPLICATION_DELAY_MS: '500',
        ...(role === 'headnode' ? {} : { ORRERY_HEADNODE: `127.0.0.1:${this.#port('headnode', 'frames')}` }),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output: string[] = [];
    const exited = new Promise<void>((done) => child.once('exit', () => done()));
    const ports = await new Promise<Record<string, number>>((done, fail) => {
      const timer = setTimeout(() => fail(new Error(`${node} is not ready:\n${output.join('')}`)), READY_TIMEOUT_MS);
      const take = (chunk: Buffer): void => {
        output.push(chunk.toString());
        const line = output.join('').match(/ info \S+ (?:ready|joined the master) (.*)/)?.[1];
        if (line === undefined) return;
        clearTimeout(timer);
        done(Object.fromEntries([...line.matchAll(/(\w+)=(\d+)/g)].map(([, name, port]) => [name, Number(port)])));
      };
      child.stdout.on('data', take);
      child.stderr.on('data', take);
      child.once('exit', (code) => fail(new Error(`${node} ended with ${code}:\n${output.join('')}`)));
    });
    this.#running.set(node, { child, ports, output, exited });
  }

  /** kill -9; resolves when the process is gone. */
  async kill(node: string): Promise<void> {
    const running = this.#running.get(node);
    running?.child.kill('SIGKILL');
    await running?.exited;
  }

  signal(node: string, signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#running.get(node)?.child.kill(signal);
  }

  /** Asks it to end; gives its exit code. */
  async terminate(node: string): Promise<number | null> {
    const running = this.#running.get(node);
    running?.child.kill('SIGTERM');
    await running?.exited;
    return running?.child.exitCode ?? null;
  }

  pid(node: string): number {
    return this.#running.get(node)?.child.pid ?? 0;
  }

  /** Loses the node's disk. */
  wipe(node: string): void {
    rmSync(join(this.folder, node), { recursive: true, force: true });
  }

  output(node: string): string {
    return this.#running.get(node)?.output.join('') ?? '';
  }

  request(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(`${this.http}${path}`, init);
  }

  control(method: string, path: string, body?: unknown): Promise<Response> {
    return this.request(path, {
      method,
      headers: { Authorization: `Bearer ${SECRET}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  /** Follows the headnode's stream until `isDone` says so; gives all lines seen. */
  async follow(isDone: (line: StreamLine, seen: StreamLine[]) => boolean): Promise<StreamLine[]> {
    const abort = new AbortController();
    const response = await this.request('/stream', {
      headers: { Authorization: `Bearer ${SECRET}` },
      signal: abort.signal,
    });
    const seen: StreamLine[] = [];
    let rest = '';
    for await (const chunk of (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const text of lines) {
        const line = JSON.parse(text) as StreamLine;
        seen.push(line);
        if (!isDone(line, seen)) continue;
        abort.abort();
        return seen;
      }
    }
    throw new Error('the stream ended too early');
  }

  /** Resolves when every shard has this many members and no copy is on its way, however it comes to be so. */
  async replicated(members: number): Promise<void> {
    const views = new Map<number, { count: number; isJoining: boolean }>();
    await this.follow((line) => {
      if (line.kind === 'picture') {
        for (const { shard, members: all, joiner } of line.views) {
          views.set(shard, { count: all.length, isJoining: joiner !== undefined });
        }
      } else if (line.kind === 'event' && line.event.type === 'view-changed') {
        views.set(line.event.view.shard, { count: line.event.view.members.length, isJoining: false });
      }
      return views.size > 0 && [...views.values()].every(({ count }) => count === members);
    });
  }

  /** Resolves with the first event of a kind for a node, also when it is already so in the picture. */
  async event(type: MonitorEvent['type'], node: string): Promise<MonitorEvent> {
    const seen = await this.follow(
      (line) => line.kind === 'event' && line.event.type === type && 'node' in line.event && line.event.node === node,
    );
    const last = seen.at(-1);
    if (last?.kind !== 'event') throw new Error('no event');
    return last.event;
  }

  async stop(): Promise<void> {
    for (const { child, exited } of this.#running.values()) {
      child.kill('SIGCONT');
      child.kill('SIGKILL');
      await exited;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  #port(node: string, name: string): number {
    const port = this.#running.get(node)?.ports[name];
    if (port === undefined) throw new Error(`${node} has no port ${name}`);
    return port;
  }
}
