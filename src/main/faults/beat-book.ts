/** When which node was last heard: heartbeats as their monitor saw them, and the monitors' own samples. */
import type { SamplePush } from '../../contract/contract.ts';

/** So far back is remembered. */
const KEPT_MS = 120_000;

export class BeatBook {
  readonly #beats = new Map<string, number[]>();
  readonly #waiting = new Set<() => void>();

  note({ monitor, receivedAtMs, sample }: SamplePush): void {
    this.#add(monitor, receivedAtMs);
    for (const { node, atMs } of sample.beats) this.#add(node, atMs);
    for (const wake of this.#waiting) wake();
  }

  /** How often a node was heard after `fromMs` and until `toMs`, wall clock. */
  count(node: string, fromMs: number, toMs: number): number {
    return (this.#beats.get(node) ?? []).filter((atMs) => atMs > fromMs && atMs <= toMs).length;
  }

  /** Resolves with true when each of them was heard after `fromMs`, or with false after `limitMs`. */
  async heard(nodes: readonly string[], fromMs: number, limitMs: number): Promise<boolean> {
    const isHeard = () => nodes.every((node) => (this.#beats.get(node)?.at(-1) ?? 0) > fromMs);
    if (isHeard()) return true;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const look = () => {
      if (isHeard()) resolve(true);
    };
    const timer = setTimeout(() => resolve(false), limitMs);
    this.#waiting.add(look);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(look);
    }
  }

  #add(node: string, atMs: number): void {
    const times = this.#beats.get(node) ?? [];
    times.push(atMs);
    if ((times[0] ?? atMs) < atMs - 2 * KEPT_MS)
      this.#beats.set(
        node,
        times.filter((time) => time > atMs - KEPT_MS),
      );
    else this.#beats.set(node, times);
  }
}
