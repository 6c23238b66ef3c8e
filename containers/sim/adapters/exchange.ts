/** Requests and replies over one side of a simulated connection, as kit/connection.ts has them. */
import type { FrameHead } from '../../kit/ports.ts';
import type { Host } from '../host.ts';
import type { End } from '../network.ts';

type Pending = { replied(head: FrameHead): void; failed(): void; cancelTimer(): void };

export class Exchange {
  readonly peer: string;
  readonly #end: End;
  readonly #after: Host<never>['after'];
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;
  /** Frames that are not replies. */
  onFrame: (head: FrameHead) => void = () => undefined;
  onClose: () => void = () => undefined;

  constructor(end: End, after: Host<never>['after']) {
    this.peer = end.peer;
    this.#end = end;
    this.#after = after;
    end.onMessage = (message) => this.#take(message as FrameHead);
    end.onClose = () => this.#closed();
  }

  get isOpen(): boolean {
    return this.#end.isOpen;
  }

  send(head: FrameHead): void {
    this.#end.send(head);
  }

  /** `failed` is called when no reply came in time or the connection was lost. */
  request(head: FrameHead, timeoutMs: number, replied: (head: FrameHead) => void, failed: () => void): void {
    this.#lastId += 1;
    const id = this.#lastId;
    const cancelTimer = this.#after(timeoutMs, () => {
      if (this.#pending.delete(id)) failed();
    });
    this.#pending.set(id, { replied, failed, cancelTimer });
    this.#end.send({ ...head, id });
  }

  reply(to: FrameHead, head: FrameHead): void {
    if (to.id !== undefined) this.#end.send({ ...head, re: to.id });
  }

  /** Closes from this side: requests under way fail, `onClose` is called, a dialler dials again. */
  close(): void {
    if (!this.#end.isOpen) return;
    this.#end.close();
    this.#end.onClose();
  }

  #take(head: FrameHead): void {
    if (head.re === undefined) {
      this.onFrame(head);
      return;
    }
    const pending = this.#pending.get(head.re);
    this.#pending.delete(head.re);
    pending?.cancelTimer();
    pending?.replied(head);
  }

  #closed(): void {
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const { cancelTimer, failed } of pending) {
      cancelTimer();
      failed();
    }
    this.onClose();
  }
}
