/** Puts over one connection, in batches: an id, an answer and a time limit for each, without a promise or a timer. */
import type { Clock, Connection } from '../kit/ports.ts';
import { OrreryError } from '../protocol/errors.ts';
import type { ClientAnswer, PutRequest } from '../protocol/store-messages.ts';
import { BatchSender, isBatch, readBatch } from './batch-frames.ts';
import type { BatchReader } from './batch-frames.ts';

/** How exactly time limits are kept. */
const CHECK_INTERVAL_MS = 50;

export type Answered = (answer: ClientAnswer | OrreryError) => void;

type Waiting = { answered: Answered; deadlineMs: number; timeoutMs: number };

export class PutLine {
  readonly #connection: Connection;
  readonly #clock: Clock;
  readonly #sender: BatchSender;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #cancelCheck: (() => void) | null = null;

  /** Listens to the connection from now on. */
  constructor(connection: Connection, clock: Clock) {
    this.#connection = connection;
    this.#clock = clock;
    this.#sender = new BatchSender(connection);
    const reader: BatchReader = { put: refuse, peer: refuse, answer: (id, answer) => this.#end(id, answer) };
    connection.onFrame((frame) => {
      if (isBatch(frame)) readBatch(frame, reader);
    });
    connection.onClose((reason) => this.#endAll(reason));
  }

  /** Calls `answered` once: with the answer, or with outcome-unknown on loss and after `timeoutMs`. */
  put(request: PutRequest, timeoutMs: number, answered: Answered): void {
    if (!this.#connection.open) {
      answered(new OrreryError('unreachable', { peer: this.#peer }));
      return;
    }
    this.#lastId += 1;
    this.#waiting.set(this.#lastId, { answered, deadlineMs: this.#clock.monotonicMs() + timeoutMs, timeoutMs });
    this.#cancelCheck ??= this.#clock.every(CHECK_INTERVAL_MS, () => this.#check());
    this.#sender.put(this.#lastId, request);
  }

  get #peer(): string {
    return this.#connection.peer ?? 'the peer';
  }

  #check(): void {
    const nowMs = this.#clock.monotonicMs();
    for (const [id, { deadlineMs, timeoutMs: ms }] of this.#waiting) {
      if (nowMs >= deadlineMs) this.#end(id, new OrreryError('outcome-unknown', { peer: this.#peer, ms }));
    }
    if (this.#waiting.size === 0) this.#stopChecking();
  }

  #end(id: number, answer: ClientAnswer | OrreryError): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    waiting?.answered(answer);
  }

  #endAll(reason: string): void {
    this.#stopChecking();
    for (const id of this.#waiting.keys())
      this.#end(id, new OrreryError('outcome-unknown', { peer: this.#peer, reason }));
  }

  #stopChecking(): void {
    this.#cancelCheck?.();
    this.#cancelCheck = null;
  }
}

function refuse(): void {
  throw new OrreryError('bad-request', { reason: 'a datanode sends a gateway nothing but answers' });
}
