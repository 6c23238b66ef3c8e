/** Child processes of a bench: started, awaited by a line or a port, watched for dying, ended with it. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import path from 'node:path';

const START_LIMIT_MS = 15_000;
const STOP_LIMIT_MS = 5_000;
const LAST_LINES = 20;

export type Child = {
  name: string;
  pid: number;
  process: ChildProcess;
  /** The first line of stdout that matches, past or to come; rejects when the process ends before, or is too late. */
  line(pattern: RegExp): Promise<RegExpExecArray>;
};

/** All processes of one measurement and their folder; `close` leaves nothing behind. */
export class Stage {
  readonly folder: string;
  readonly #children: Child[] = [];
  readonly #killed = new Set<number>();
  #closing = false;
  #failure: Error | null = null;

  /** The folder is in the checkout, where node_modules is too: not on a disk in memory, as /tmp may be. */
  static async open(): Promise<Stage> {
    const parent = path.resolve(import.meta.dirname, '..', '..', 'out', 'bench');
    await mkdir(parent, { recursive: true });
    return new Stage(await mkdtemp(path.join(parent, 'run-')));
  }

  private constructor(folder: string) {
    this.folder = folder;
  }

  start(name: string, program: string, args: string[], environment: Record<string, string> = {}, ipc = false): Child {
    const child = spawn(program, args, {
      cwd: this.folder,
      env: { ...process.env, ...environment },
      stdio: ipc ? ['ignore', 'pipe', 'pipe', 'ipc'] : ['ignore', 'pipe', 'pipe'],
    });
    const lines: string[] = [];
    const listeners = new Set<() => void>();
    const note = (text: string): void => {
      lines.push(...text.split('\n').filter(Boolean));
      for (const listener of listeners) listener();
      lines.splice(0, Math.max(0, lines.length - LAST_LINES));
    };
    child.stdout?.setEncoding('utf8').on('data', note);
    child.stderr?.setEncoding('utf8').on('data', note);
    child.on('error', (error) => (this.#failure ??= error));
    child.on('exit', (code, signal) => {
      if (!this.#closing && !this.#killed.has(child.pid ?? 0))
        this.#failure ??= new Error(`${name} ended (${signal ?? code}):\n${lines.join('\n')}`);
      for (const listener of listeners) listener();
    });
    const started: Child = {
      name,
      pid: child.pid ?? 0,
      process: child,
      line: (pattern) => this.#awaitLine(name, pattern, lines, listeners),
    };
    this.#children.push(started);
    return started;
  }

  /** Processor time of all processes whose name begins with one of these, s. */
  async cpuSeconds(...names: string[]): Promise<number> {
    const chosen = this.#children.filter((child) => names.some((name) => child.name.startsWith(name)));
    const times = await Promise.all(chosen.map(({ pid }) => cpuSeconds(pid)));
    return times.reduce((sum, time) => sum + time, 0);
  }

  /** kill -9, on purpose. */
  async kill(child: Child): Promise<void> {
    this.#killed.add(child.pid);
    const ended = new Promise<void>((resolve) => child.process.once('exit', () => resolve()));
    child.process.kill('SIGKILL');
    await ended;
  }

  /** Throws when one of the processes ended by itself. */
  check(): void {
    if (this.#failure !== null) throw this.#failure;
  }

  async close(): Promise<void> {
    this.#closing = true;
    await Promise.all(this.#children.map(({ process: child }) => end(child)));
    await rm(this.folder, { recursive: true, force: true });
  }

  #awaitLine(name: string, pattern: RegExp, lines: string[], listeners: Set<() => void>): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void): void => {
        clearTimeout(timer);
        listeners.delete(look);
        act();
      };
      const look = (): void => {
        const found = lines.map((line) => pattern.exec(line)).find((match) => match !== null);
        const failure = this.#failure;
        if (found) settle(() => resolve(found));
        else if (failure !== null) settle(() => reject(failure));
      };
      const timer = setTimeout(() => {
        settle(() => reject(new Error(`${name} said nothing like ${pattern} within ${START_LIMIT_MS} ms`)));
      }, START_LIMIT_MS);
      listeners.add(look);
      look();
    });
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
  await ended;
  clearTimeout(timer);
}

/** A port that nobody has at this moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/** Resolves when something listens. */
export async function awaitPort(port: number, stage: Stage): Promise<void> {
  const deadlineMs = performance.now() + START_LIMIT_MS;
  while (performance.now() < deadlineMs) {
    stage.check();
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (isOpen) return;
    await pause(20);
  }
  throw new Error(`nothing listens on port ${port} after ${START_LIMIT_MS} ms`);
}

/** Processor time that a process has used so far, all threads, s (Linux: in steps of 10 ms). */
export async function cpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The second field is the name in parentheses and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

export function pause(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}
