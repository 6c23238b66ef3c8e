/** For tests: a process and the disk that outlives it, as core-cluster.ts needs them. */
import type { SeededRandom } from '../algorithms/seeded-random.ts';

type Pending = { bytes: Uint8Array[]; whenDurable(): void };

export class Machine {
  /** Number of the running process; 0 while there is none. */
  process = 0;
  processes = 0;
  incarnation = 0;
  snapshot: Uint8Array | null = null;
  durable: Uint8Array[] = [];
  pending: Pending[] = [];
  isSyncing = false;

  /** Memory is gone; of what was not synced some prefix may have got to the disk. */
  crash(random: SeededRandom): void {
    this.process = 0;
    const unsynced = this.pending.flatMap(({ bytes }) => bytes);
    this.durable.push(...unsynced.slice(0, random.integer(unsynced.length + 1)));
    this.pending = [];
    this.isSyncing = false;
  }

  start(nowMs: number): number {
    this.processes += 1;
    this.process = this.processes;
    this.incarnation = Math.max(this.incarnation + 1, Math.floor(nowMs));
    return this.process;
  }

  /** Group commit: what comes while a sync runs goes into the next. */
  append(
    bytes: Uint8Array[],
    whenDurable: () => void,
    after: (delayMs: number, run: () => void) => void,
    random: SeededRandom,
  ): void {
    this.pending.push({ bytes, whenDurable });
    this.#sync(after, random);
  }

  #sync(after: (delayMs: number, run: () => void) => void, random: SeededRandom): void {
    if (this.isSyncing || this.pending.length === 0) return;
    this.isSyncing = true;
    const { process } = this;
    const group = this.pending.length;
    after(0.5 + random.next() * (random.next() < 0.05 ? 100 : 3), () => {
      if (this.process !== process) return;
      const done = this.pending.splice(0, group);
      this.isSyncing = false;
      for (const { bytes, whenDurable } of done) {
        this.durable.push(...bytes);
        whenDurable();
      }
      this.#sync(after, random);
    });
  }
}
