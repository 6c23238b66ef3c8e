/**
 * The simulated world: one thread, one heap of happenings, one seed. Everything random comes from
 * streams split off the seed by subject, everything that happens is folded into `hash`: equal seeds
 * of an equal build must end with equal hashes.
 */
import { createRandom } from '../algorithms/seeded-random.ts';
import type { SeededRandom } from '../algorithms/seeded-random.ts';
import { EventHeap } from './event-heap.ts';
import { EventHash } from './event-hash.ts';
import { Host } from './host.ts';
import { Network } from './network.ts';
import type { NetworkOptions } from './network.ts';
import { SimNode } from './sim-node.ts';
import type { Boot } from './sim-node.ts';
import { VirtualClock } from './virtual-clock.ts';
import { VirtualLog } from './virtual-log.ts';
import type { DiskOptions } from './virtual-log.ts';
import type { Role } from '../protocol/roles.ts';

export type WorldOptions = {
  seed: number;
  network: NetworkOptions;
  disk: DiskOptions;
  /** Clocks of nodes start at most this far from true time and run at most this much off. */
  skewMsMax: number;
  driftPpmMax: number;
  /** Gets a line for whatever happens; null when nobody reads it. */
  trace: ((line: string) => void) | null;
};

/** No scenario needs nearly as many; a storm would otherwise end with the memory. */
const EVENTS_MAX = 1_000_000;
const PENDING_MAX = 20_000;

/** What an invariant found: its number in ALGORITHMS.md (or a name) and what it saw. */
export class Violation extends Error {
  readonly invariant: string;
  readonly atMs: number;

  constructor(invariant: string, atMs: number, what: string) {
    super(`invariant ${invariant} at ${atMs.toFixed(3)} ms: ${what}`);
    this.name = 'Violation';
    this.invariant = invariant;
    this.atMs = atMs;
  }
}

/** For those who want to know what a node's disk holds, whatever its process thinks. */
export type DiskWatch<Entry> = { onDurable?: (entries: readonly Entry[]) => void; onWiped?: () => void };

/** What the watchers of a world are told: a core's step, or an effect as it is performed. */
export type Watcher<Observation> = (observation: Observation) => void;

export class World<Observation> {
  readonly options: WorldOptions;
  readonly random: SeededRandom;
  readonly network: Network;
  readonly hash = new EventHash();
  readonly nodes = new Map<string, SimNode>();
  readonly #heap = new EventHeap();
  readonly #watchers: Watcher<Observation>[] = [];
  #nowMs = 0;
  events = 0;

  constructor(options: WorldOptions) {
    this.options = options;
    this.random = createRandom(options.seed);
    this.network = new Network(
      {
        nowMs: () => this.#nowMs,
        schedule: (delayMs, run) => this.schedule(delayMs, run),
        enter: (node, process, label, run) => this.nodes.get(node)?.enter(process, label, run),
        processOf: (node) => this.nodes.get(node)?.processNumber ?? null,
      },
      this.random.split('network'),
      options.network,
    );
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Runs `run` after `delayMs` of true time; returns a canceller. */
  schedule(delayMs: number, run: () => void): () => void {
    const happening = this.#heap.add(this.#nowMs + Math.max(0, delayMs), run);
    return () => {
      happening.cancelled = true;
    };
  }

  /** Adds a node that is down; `boot` makes a running process of it each time it starts. */
  addNode<Entry>(name: string, role: Role, boot: Boot<Entry>, disk: DiskWatch<Entry> = {}): SimNode {
    const random = this.random.split(`node ${name}`);
    const clock = new VirtualClock(() => this.#nowMs, {
      skewMs: random.between(-this.options.skewMsMax, this.options.skewMsMax),
      driftPpm: random.between(-this.options.driftPpmMax, this.options.driftPpmMax),
    });
    const logWorld = {
      nowMs: () => this.#nowMs,
      schedule: (ms: number, run: () => void) => void this.schedule(ms, run),
    };
    const log = new VirtualLog<Entry>(logWorld, random.split('disk'), this.options.disk);
    if (disk.onDurable !== undefined) log.onDurable = disk.onDurable;
    if (disk.onWiped !== undefined) log.onWiped = disk.onWiped;
    const startProcess = (node: SimNode, process: number) => boot(new Host(node, this, process, log));
    const node = new SimNode(this, { name, role, clock, disk: log, random, startProcess });
    this.nodes.set(name, node);
    return node;
  }

  node(name: string): SimNode {
    const node = this.nodes.get(name);
    if (node === undefined) throw new Error(`the world has no node ${name}`);
    return node;
  }

  watch(watcher: Watcher<Observation>): void {
    this.#watchers.push(watcher);
  }

  observe(observation: Observation): void {
    for (const watcher of this.#watchers) watcher(observation);
  }

  /** Notes that something happened, for the hash and the trace. */
  record(node: string, what: string, detail?: () => string): void {
    this.events += 1;
    if (this.events > EVENTS_MAX || this.#heap.size > PENDING_MAX) {
      throw new Violation('bounded work', this.#nowMs, `${this.events} events, ${this.#heap.size} more to come`);
    }
    this.hash.add(this.#nowMs, node, what);
    if (this.options.trace !== null) {
      const more = detail === undefined ? '' : ` ${detail()}`;
      this.options.trace(`${this.#nowMs.toFixed(3).padStart(10)} ${node.padEnd(11)} ${what}${more}`);
    }
  }

  /** Lets everything happen that is due until `untilMs`; a violation or a bug in a core throws. */
  runUntil(untilMs: number): void {
    for (;;) {
      const nextMs = this.#heap.peekMs();
      if (nextMs === undefined || nextMs > untilMs) break;
      const happening = this.#heap.take();
      if (happening === undefined) break;
      this.#nowMs = happening.atMs;
      happening.run();
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs);
  }
}
