/** Requests that wait for an answer of the core, and how long each may. */
import { ChurnMap } from '../algorithms/churn-map.ts';
import type { Clock } from '../kit/ports.ts';
import type { OrreryError } from '../protocol/errors.ts';
import type { Answer } from './core-types.ts';

export type Asker = {
  answered(answer: Answer): void;
  failed(error: OrreryError): void;
};

type Open = { asker: Asker; dueMs: number };

/**
 * One timer for all, set to the earliest limit there was: nearly every request is answered before its own, so
 * a timer for each would be set only to be taken back.
 */
export class OpenRequests {
  readonly #clock: Clock;
  readonly #onTimeUp: (request: number) => void;
  readonly #open = new ChurnMap<number, Open>();
  #last = 0;
  #wakeMs = Number.POSITIVE_INFINITY;
  #cancelTimer = (): void => {};

  constructor(clock: Clock, onTimeUp: (request: number) => void) {
    this.#clock = clock;
    this.#onTimeUp = onTimeUp;
  }

  /** The number of a new request. */
  open(asker: Asker): number {
    const request = ++this.#last;
    this.#open.set(request, { asker, dueMs: Number.POSITIVE_INFINITY });
    return request;
  }

  isOpen(request: number): boolean {
    return this.#open.has(request);
  }

  /** It is told by `onTimeUp` when the request is still open in so many ms. */
  limit(request: number, forMs: number): void {
    const open = this.#open.get(request);
    if (open === undefined) return;
    open.dueMs = this.#clock.monotonicMs() + forMs;
    if (open.dueMs < this.#wakeMs) this.#wakeAt(open.dueMs);
  }

  answer(request: number, answer: Answer): void {
    const open = this.#open.get(request);
    if (open === undefined) return;
    this.#open.delete(request);
    open.asker.answered(answer);
  }

  /** Nobody wants the answer any more; false when there was one already. */
  drop(request: number): boolean {
    return this.#open.delete(request);
  }

  failAll(error: OrreryError): void {
    this.#cancelTimer();
    for (const { asker } of this.#open.values()) asker.failed(error);
    this.#open.clear();
  }

  #wakeAt(atMs: number): void {
    this.#wakeMs = atMs;
    this.#cancelTimer();
    if (Number.isFinite(atMs)) this.#cancelTimer = this.#clock.after(atMs - this.#clock.monotonicMs(), this.#wake);
  }

  readonly #wake = (): void => {
    const nowMs = this.#clock.monotonicMs();
    const late: number[] = [];
    let nextMs = Number.POSITIVE_INFINITY;
    for (const [request, open] of this.#open) {
      if (open.dueMs > nowMs) nextMs = Math.min(nextMs, open.dueMs);
      else {
        open.dueMs = Number.POSITIVE_INFINITY;
        late.push(request);
      }
    }
    this.#wakeAt(nextMs);
    for (const request of late) this.#onTimeUp(request);
  };
}
