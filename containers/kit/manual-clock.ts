import type { Clock } from './ports.ts';

/** A clock that stands still until it is told to move, for tests. */
export class ManualClock implements Clock {
  #nowMs: number;
  #timers: { dueMs: number; order: number; callback: () => void }[] = [];
  #order = 0;

  constructor(startMs = 0) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { dueMs: this.#nowMs + delayMs, order: ++this.#order, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  every(intervalMs: number, callback: (lateMs: number) => void): () => void {
    let cancel = (): void => {};
    const again = (): void => {
      cancel = this.after(intervalMs, () => {
        again();
        callback(0);
      });
    };
    again();
    return () => cancel();
  }

  /** Timers that wait; a test that ends with some has leaked them. */
  get waiting(): number {
    return this.#timers.length;
  }

  /** Moves on, firing what falls due in the order of its time. */
  advance(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (;;) {
      const [next] = this.#timers
        .filter((timer) => timer.dueMs <= endMs)
        .sort((a, b) => a.dueMs - b.dueMs || a.order - b.order);
      if (next === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      next.callback();
    }
    this.#nowMs = endMs;
  }
}
