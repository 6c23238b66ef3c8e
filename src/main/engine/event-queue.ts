/**
 * What one listener of events has not yet read. Bounded: a listener that falls behind is cut off with
 * engine-unavailable, which it answers as it answers a lost engine: listen anew, then list().
 */
import { OrreryError } from '../../../containers/protocol/errors.ts';

const WAITING_MAX = 10_000;

export class EventQueue<T> {
  #waiting: T[] = [];
  #wake: (() => void) | null = null;
  #failure: OrreryError | null = null;
  #ended = false;

  push(item: T): void {
    if (this.#waiting.length >= WAITING_MAX) {
      this.fail(new OrreryError('engine-unavailable', { reason: 'events were not read in time' }));
      return;
    }
    this.#waiting.push(item);
    this.#wake?.();
  }

  /** The reader gets what waits, then the error. */
  fail(error: OrreryError): void {
    this.#failure ??= error;
    this.#wake?.();
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  /** Reads until end() (what waits is given first), fail() or an abort (at once). */
  async *read(signal: AbortSignal): AsyncGenerator<T> {
    const stop = () => this.#wake?.();
    signal.addEventListener('abort', stop);
    try {
      while (!signal.aborted) {
        const item = this.#waiting.shift();
        if (item !== undefined) {
          yield item;
          continue;
        }
        if (this.#failure) throw this.#failure;
        if (this.#ended) return;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        this.#wake = null;
      }
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }
}

/** Hands every event to all that listen at that moment. */
export class EventHub<T> {
  #queues = new Set<EventQueue<T>>();

  publish(item: T): void {
    for (const queue of this.#queues) queue.push(item);
  }

  fail(error: OrreryError): void {
    for (const queue of this.#queues) queue.fail(error);
  }

  /** Listens as soon as it is read from; `onListening` is called then. */
  async *listen(signal: AbortSignal, onListening?: () => void): AsyncGenerator<T> {
    const queue = new EventQueue<T>();
    this.#queues.add(queue);
    try {
      onListening?.();
      yield* queue.read(signal);
    } finally {
      this.#queues.delete(queue);
    }
  }
}
