/** For tests: virtual time, and what is to happen in it. */
export class Agenda {
  nowMs: number;
  #queue: { atMs: number; order: number; run: () => void }[] = [];
  #order = 0;

  constructor(nowMs: number) {
    this.nowMs = nowMs;
  }

  after(delayMs: number, run: () => void): void {
    const atMs = this.nowMs + delayMs;
    this.#order += 1;
    const item = { atMs, order: this.#order, run };
    let low = 0;
    let high = this.#queue.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = this.#queue[middle];
      if (other !== undefined && (other.atMs < atMs || (other.atMs === atMs && other.order < item.order)))
        low = middle + 1;
      else high = middle;
    }
    this.#queue.splice(low, 0, item);
  }

  run(forMs: number): void {
    const endMs = this.nowMs + forMs;
    for (let item = this.#queue[0]; item !== undefined && item.atMs <= endMs; item = this.#queue[0]) {
      this.#queue.shift();
      this.nowMs = item.atMs;
      item.run();
    }
    this.nowMs = endMs;
  }
}
