/** What the desktop asks its windows to show. The last ask waits for a window when there is none yet. */
import type { HostAsk } from '../contract/contract.ts';
import { EventQueue } from './engine/event-queue.ts';

export class HostAsks {
  readonly #windows = new Set<EventQueue<HostAsk>>();
  #waiting: HostAsk | null = null;

  ask(ask: HostAsk): void {
    for (const window of this.#windows) window.push(ask);
    if (this.#windows.size === 0) this.#waiting = ask;
  }

  async *follow(signal: AbortSignal): AsyncGenerator<HostAsk> {
    const queue = new EventQueue<HostAsk>();
    if (this.#waiting !== null) queue.push(this.#waiting);
    this.#waiting = null;
    this.#windows.add(queue);
    try {
      yield* queue.read(signal);
    } finally {
      this.#windows.delete(queue);
    }
  }
}
