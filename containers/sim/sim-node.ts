/**
 * A machine of the simulated cluster: its clock and its disk outlive its processes. States:
 *
 *   down → up ⇄ paused        kill from either: down, with what was synced and some of the rest
 */
import type { SeededRandom } from '../algorithms/seeded-random.ts';
import type { Role } from '../protocol/roles.ts';
import type { Host } from './host.ts';
import type { Network } from './network.ts';
import type { VirtualClock } from './virtual-clock.ts';
import type { End } from './network.ts';

/** What a node needs of its world. */
export type NodeWorld = {
  readonly nowMs: number;
  readonly network: Network;
  schedule(delayMs: number, run: () => void): () => void;
  record(node: string, what: string, detail?: () => string): void;
  node(name: string): SimNode;
};

/** What a running process offers to the world. */
export type Program = {
  /** A peer dialled in with `hello`; the answer is the welcome, null refuses. */
  accept?(end: End, hello: unknown): unknown;
  /**
   * A client's request over HTTP. `answer` may be called at most once, later or never. What comes
   * back is called when the client hangs up before that.
   */
  request?(request: unknown, answer: (answer: unknown) => void): void | (() => void);
  /** The engine's word, as the panel forwards it. */
  engineEvent?(node: string, type: 'exited' | 'started', atMs: number): void;
  /** Asked over the probe port whether it lives. */
  probe?(): { incarnation: number };
};

export type Boot<Entry> = (host: Host<Entry>) => Program;

export type NodeParts = {
  name: string;
  role: Role;
  clock: VirtualClock;
  disk: Disk;
  random: SeededRandom;
  startProcess(node: SimNode, process: number): Program;
};

export type KillOptions = { isSilent: boolean; why: string };

export class SimNode {
  readonly name: string;
  readonly role: Role;
  readonly clock: VirtualClock;
  readonly random: SeededRandom;
  readonly #world: NodeWorld;
  readonly #disk: Disk;
  readonly #startProcess: (node: SimNode, process: number) => Program;
  #life: 'down' | 'up' | 'paused' = 'down';
  #program: Program | null = null;
  #process = 0;
  #incarnation = 0;
  #backlog: { process: number; label: string; run: () => void }[] = [];
  /** Called when the process ended, by kill or by itself. */
  onExit: (why: string) => void = () => undefined;

  constructor(world: NodeWorld, made: NodeParts) {
    this.name = made.name;
    this.role = made.role;
    this.random = made.random;
    this.clock = made.clock;
    this.#world = world;
    this.#disk = made.disk;
    this.#startProcess = made.startProcess;
  }

  get life(): 'down' | 'up' | 'paused' {
    return this.#life;
  }

  /** The number of the running process; null when the node is down. */
  get processNumber(): number | null {
    return this.#life === 'down' ? null : this.#process;
  }

  /** Of the present or last process: its start on the node's own clock, so that it grows. */
  get incarnation(): number {
    return this.#incarnation;
  }

  get program(): Program | null {
    return this.#program;
  }

  get disk(): Disk {
    return this.#disk;
  }

  /** Starts a process on what the disk holds. */
  start(): void {
    if (this.#life !== 'down') return;
    this.#life = 'up';
    this.#process += 1;
    this.#incarnation = Math.max(this.#incarnation + 1, this.clock.wallMs());
    this.#world.record(this.name, 'start');
    this.#world.network.startProcess(this.name);
    this.#program = this.#startProcess(this, this.#process);
  }

  /** SIGKILL (or an exit of its own): memory is gone, the disk keeps what it must and perhaps more. */
  kill({ isSilent, why }: KillOptions): void {
    if (this.#life === 'down') return;
    this.#life = 'down';
    this.#program = null;
    this.#backlog = [];
    this.#disk.crash();
    this.#world.record(this.name, `end: ${why}`);
    this.#world.network.endProcess(this.name, isSilent);
    this.onExit(why);
  }

  /** SIGSTOP: sockets fill, timers run late, the disk goes on. */
  pause(): void {
    if (this.#life !== 'up') return;
    this.#life = 'paused';
    this.#world.record(this.name, 'pause');
  }

  /** SIGCONT: everything that came due meanwhile happens now, in its order. */
  resume(): void {
    if (this.#life !== 'paused') return;
    this.#life = 'up';
    this.#world.record(this.name, 'resume');
    const backlog = this.#backlog;
    this.#backlog = [];
    for (const { process, label, run } of backlog) this.enter(process, label, run);
  }

  /** Runs something in the node's process: now, on resume, or never if that process has ended. */
  enter(process: number, label: string, run: () => void): void {
    if (this.#life === 'down' || process !== this.#process) return;
    if (this.#life === 'paused') {
      this.#backlog.push({ process, label, run });
      return;
    }
    run();
  }
}

/** The part of a node's disk that a nemesis and a scenario may touch. */
export type Disk = {
  readonly length: number;
  isFull: boolean;
  stall(forMs: number): void;
  crash(): void;
  wipe(): void;
};
