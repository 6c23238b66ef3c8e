/** A value that changes, for readers who need only its newest state. */
export class Latest<T> {
  readonly #wakers = new Set<() => void>();
  #value: T;
  #version = 0;

  constructor(value: T) {
    this.#value = value;
  }

  get value(): T {
    return this.#value;
  }

  set(value: T): void {
    this.#value = value;
    this.#version += 1;
    for (const wake of this.#wakers) wake();
  }

  /** The value now, then after changes; changes in between are skipped. */
  async *follow(signal: AbortSignal): AsyncGenerator<T> {
    let wake = (): void => undefined;
    let seen = -1;
    const ring = () => wake();
    this.#wakers.add(ring);
    signal.addEventListener('abort', ring);
    try {
      while (!signal.aborted) {
        if (seen !== this.#version) {
          seen = this.#version;
          yield this.#value;
        } else await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      this.#wakers.delete(ring);
      signal.removeEventListener('abort', ring);
    }
  }
}
