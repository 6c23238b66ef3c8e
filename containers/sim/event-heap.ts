/** What is still to happen: a binary heap ordered by time, then by the order of scheduling. */
export type Happening = {
  readonly atMs: number;
  readonly order: number;
  run(): void;
  cancelled: boolean;
};

export class EventHeap {
  readonly #heap: Happening[] = [];
  #order = 0;

  get size(): number {
    return this.#heap.length;
  }

  /** Adds a happening; two at the same time run in the order in which they were added. */
  add(atMs: number, run: () => void): Happening {
    const happening: Happening = { atMs, order: this.#order, run, cancelled: false };
    this.#order += 1;
    const heap = this.#heap;
    let at = heap.length;
    heap.push(happening);
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || !isBefore(happening, parent)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = happening;
    return happening;
  }

  /** The time of the next happening that was not cancelled; undefined when there is none. */
  peekMs(): number | undefined {
    while (this.#heap[0]?.cancelled === true) this.#removeFirst();
    return this.#heap[0]?.atMs;
  }

  /** Takes out the next happening that was not cancelled. */
  take(): Happening | undefined {
    for (;;) {
      const first = this.#removeFirst();
      if (first === undefined || !first.cancelled) return first;
    }
  }

  #removeFirst(): Happening | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      let smaller = heap[child];
      if (smaller === undefined) break;
      const right = heap[child + 1];
      if (right !== undefined && isBefore(right, smaller)) {
        child += 1;
        smaller = right;
      }
      if (!isBefore(smaller, last)) break;
      heap[at] = smaller;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

function isBefore(a: Happening, b: Happening): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
