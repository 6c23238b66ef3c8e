/** One direction of a connection through the fault shim: what is delayed keeps its order. */
import { PASS, type Direction, type FaultShim } from './fault-shim.ts';
import type { Clock } from './ports.ts';

export class ShimLane {
  readonly #shim: FaultShim;
  readonly #clock: Clock;
  readonly #direction: Direction;
  #waiting: { dueMs: number; peer: string; pass: () => void }[] = [];
  #cancelTimer: (() => void) | null = null;

  constructor(shim: FaultShim, clock: Clock, direction: Direction) {
    this.#shim = shim;
    this.#clock = clock;
    this.#direction = direction;
  }

  /** True when a frame may pass without being asked about: no rule, and nothing before it waits. */
  get clear(): boolean {
    return this.#shim.idle && this.#waiting.length === 0;
  }

  /** Calls `pass` now, later, or (dropped) never. */
  enter(peer: string, pass: () => void): void {
    const verdict = this.#shim.admit(peer, this.#direction);
    if (verdict.drop) return;
    if (verdict === PASS) {
      // The fault is over: what it still held goes first, now.
      this.#release(Number.POSITIVE_INFINITY);
      pass();
      return;
    }
    const behindMs = this.#waiting.at(-1)?.dueMs ?? 0;
    const dueMs = Math.max(this.#clock.monotonicMs() + verdict.delayMs, behindMs);
    this.#waiting.push({ dueMs, peer, pass });
    if (this.#waiting.length === 1) this.#schedule();
  }

  /** Forgets what waits. */
  clearAll(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    this.#waiting = [];
  }

  #schedule(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    const [first] = this.#waiting;
    if (first === undefined) return;
    const delayMs = Math.max(0, first.dueMs - this.#clock.monotonicMs());
    this.#cancelTimer = this.#clock.after(delayMs, () => this.#release(this.#clock.monotonicMs()));
  }

  #release(untilMs: number): void {
    while (this.#waiting[0] !== undefined && this.#waiting[0].dueMs <= untilMs) {
      const first = this.#waiting.shift();
      // What was on its way when a cut came does not slip through it.
      if (first !== undefined && !this.#shim.isCut(first.peer, this.#direction)) first.pass();
    }
    this.#schedule();
  }
}
