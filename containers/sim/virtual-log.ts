/**
 * The durable log's semantics without its bytes: entries are pending until a sync takes them along
 * (group commit: at once when idle, else with the next); a crash keeps everything synced and some
 * prefix of the rest, because a disk may have got further than it said.
 */
import type { SeededRandom } from '../algorithms/seeded-random.ts';
import { plainCopy } from './plain-copy.ts';

export type DiskOptions = { syncMsMin: number; syncMsMean: number };

export type LogWorld = { nowMs(): number; schedule(delayMs: number, run: () => void): void };

export class VirtualLog<Entry> {
  readonly #world: LogWorld;
  readonly #random: SeededRandom;
  readonly #options: DiskOptions;
  #durable: Entry[] = [];
  #syncing: { entry: Entry; done?: () => void }[] = [];
  #pending: { entry: Entry; done?: () => void }[] = [];
  #isSyncing = false;
  #stalledUntilMs = 0;
  /** Grows with every crash, so that a sync begun before it completes nothing after it. */
  #life = 0;
  #snapshot: unknown = null;
  #snapshotIndex = 0;
  isFull = false;
  /** Told of entries that became durable (a crash decides for some of them), and of a lost volume. */
  onDurable: (entries: readonly Entry[]) => void = () => undefined;
  onWiped: () => void = () => undefined;

  constructor(world: LogWorld, random: SeededRandom, options: DiskOptions) {
    this.#world = world;
    this.#random = random;
    this.#options = options;
  }

  /** What a restart would certainly find. */
  get durable(): readonly Entry[] {
    return this.#durable;
  }

  get length(): number {
    return this.#durable.length + this.#syncing.length + this.#pending.length;
  }

  /** Calls `whenDurable` once these entries and all before them are synced. */
  append(entries: readonly Entry[], whenDurable: () => void): void {
    if (entries.length === 0) {
      this.#afterEverything(whenDurable);
      return;
    }
    const last = entries.length - 1;
    for (const [at, entry] of entries.entries()) {
      const copy = plainCopy(entry);
      this.#pending.push(at === last ? { entry: copy, done: whenDurable } : { entry: copy });
    }
    this.#sync();
  }

  /** An empty append still waits for all before it. */
  #afterEverything(whenDurable: () => void): void {
    const queue = this.#pending.length > 0 ? this.#pending : this.#syncing;
    const last = queue.at(-1);
    if (last === undefined) {
      whenDurable();
      return;
    }
    const before = last.done;
    last.done = () => {
      before?.();
      whenDurable();
    };
  }

  /** No sync completes before this much time has passed. */
  stall(forMs: number): void {
    this.#stalledUntilMs = this.#world.nowMs() + forMs;
  }

  /** Keeps the synced entries and a random prefix of the others. Nobody is told. */
  crash(): void {
    const unsynced = [...this.#syncing, ...this.#pending];
    const kept = this.#random.integer(unsynced.length + 1);
    this.#keep(unsynced.slice(0, kept));
    this.#syncing = [];
    this.#pending = [];
    this.#isSyncing = false;
    this.#life += 1;
  }

  /** The volume is gone with everything on it. */
  wipe(): void {
    this.crash();
    this.#durable = [];
    this.#snapshot = null;
    this.#snapshotIndex = 0;
    this.onWiped();
  }

  /** Index of the last entry known to be durable; entries are numbered from 1. */
  get lastIndex(): number {
    return this.#snapshotIndex + this.#durable.length;
  }

  /** Index of the last entry appended, durable or not. */
  get appendedIndex(): number {
    return this.#snapshotIndex + this.length;
  }

  /** The newest snapshot that is durable; the entries that a replay finds come after it. */
  get snapshot(): unknown {
    return this.#snapshot;
  }

  /** Stores a snapshot that covers everything up to `index`, after a while; a crash until then forgets it. */
  writeSnapshot(index: number, snapshot: unknown): void {
    const copy = plainCopy(snapshot);
    const life = this.#life;
    const delayMs = 2 * this.#options.syncMsMin + this.#random.exponential(4 * this.#options.syncMsMean);
    this.#world.schedule(Math.max(delayMs, this.#stalledUntilMs - this.#world.nowMs()), () => {
      if (life !== this.#life || index <= this.#snapshotIndex) return;
      this.#snapshot = copy;
      this.#durable.splice(0, index - this.#snapshotIndex);
      this.#snapshotIndex = index;
    });
  }

  #keep(items: readonly { entry: Entry }[]): void {
    const entries = items.map(({ entry }) => entry);
    this.#durable.push(...entries);
    if (entries.length > 0) this.onDurable(entries);
  }

  #sync(): void {
    if (this.#isSyncing || this.#pending.length === 0) return;
    this.#isSyncing = true;
    this.#syncing = this.#pending;
    this.#pending = [];
    const life = this.#life;
    const delayMs = this.#options.syncMsMin + this.#random.exponential(this.#options.syncMsMean);
    this.#world.schedule(Math.max(delayMs, this.#stalledUntilMs - this.#world.nowMs()), () => {
      if (life === this.#life) this.#finishSync(life);
    });
  }

  #finishSync(life: number): void {
    if (this.#stalledUntilMs > this.#world.nowMs()) {
      this.#world.schedule(this.#stalledUntilMs - this.#world.nowMs(), () => {
        if (life === this.#life) this.#finishSync(life);
      });
      return;
    }
    const done = this.#syncing;
    this.#keep(done);
    this.#syncing = [];
    this.#isSyncing = false;
    for (const { done: callback } of done) {
      // A callback may crash the node; then the others are owed nothing.
      if (life !== this.#life) return;
      callback?.();
    }
    this.#sync();
  }
}
