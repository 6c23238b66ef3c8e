/** Hands events to the database: at once when it is idle, in one batch what came while it was busy. */
import { toOrreryError } from '../../../containers/protocol/errors.ts';
import type { JournalEvent } from '../../core/journal.ts';

const BATCH_MAX = 1_000;
const RETRY_MS = 1_000;
/** Kept while the database cannot be written; the oldest go when there are more. */
const UNWRITTEN_MAX = 50_000;

/** `onTrouble` is called once when writing begins to fail, `onBack` once when it works again. */
export type JournalWriterOptions = {
  append(events: readonly JournalEvent[]): Promise<unknown>;
  onTrouble(reason: string): unknown;
  onBack(): unknown;
  retryMs?: number;
};

export class JournalWriter {
  readonly #options: JournalWriterOptions;
  #unwritten: JournalEvent[] = [];
  #callbacks: { seq: number; callback: () => void }[] = [];
  #settlers: (() => void)[] = [];
  #state: 'idle' | 'writing' | 'failing' | 'closed' = 'idle';
  #trouble = false;
  #retry: NodeJS.Timeout | undefined;

  constructor(options: JournalWriterOptions) {
    this.#options = options;
  }

  add(event: JournalEvent): void {
    this.#unwritten.push(event);
    if (this.#unwritten.length > UNWRITTEN_MAX) this.#unwritten = this.#unwritten.slice(-UNWRITTEN_MAX);
    if (this.#state === 'idle') this.#begin();
  }

  /** Calls back when what was added so far is written; never, if it cannot be. */
  afterWritten(callback: () => void): void {
    const last = this.#unwritten.at(-1);
    if (last === undefined) callback();
    else this.#callbacks.push({ seq: last.seq, callback });
  }

  /** Resolves when all is written, or when writing has failed. */
  settled(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#state === 'writing') this.#settlers.push(resolve);
      else resolve();
    });
  }

  close(): void {
    this.#state = 'closed';
    clearTimeout(this.#retry);
  }

  #begin(): void {
    if (this.#state === 'closed') return;
    this.#state = 'writing';
    // What is recorded in the same turn goes into the same transaction.
    queueMicrotask(() => {
      this.#write().catch((error: unknown) => this.#failed(String(error)));
    });
  }

  async #write(): Promise<void> {
    for (let batch = this.#next(); batch.length > 0; batch = this.#next()) {
      const lastSeq = batch.at(-1)?.seq ?? 0;
      try {
        await this.#options.append(batch);
      } catch (error) {
        return this.#failed(String(toOrreryError(error).details['reason']));
      }
      this.#unwritten = this.#unwritten.filter((event) => event.seq > lastSeq);
      this.#written(lastSeq);
      if (this.#trouble) {
        this.#trouble = false;
        this.#options.onBack();
      }
    }
    if (this.#state === 'writing') this.#state = 'idle';
    this.#settle();
  }

  #next(): JournalEvent[] {
    return this.#unwritten.slice(0, BATCH_MAX);
  }

  #written(seq: number): void {
    const due = this.#callbacks.filter((waiting) => waiting.seq <= seq);
    this.#callbacks = this.#callbacks.filter((waiting) => waiting.seq > seq);
    for (const { callback } of due) callback();
  }

  #failed(reason: string): void {
    if (this.#state !== 'closed') {
      this.#state = 'failing';
      this.#retry = setTimeout(() => this.#begin(), this.#options.retryMs ?? RETRY_MS);
      if (!this.#trouble) {
        this.#trouble = true;
        this.#options.onTrouble(reason);
      }
    }
    this.#settle();
  }

  #settle(): void {
    const settlers = this.#settlers;
    this.#settlers = [];
    for (const settle of settlers) settle();
  }
}
