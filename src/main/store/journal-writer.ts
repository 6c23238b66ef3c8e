/** Hands events to the database: at once when it is idle, in one batch what came while it was busy. */
import { toOrreryError } from '../../../containers/protocol/errors.ts';
import type { JournalEvent } from '../../core/journal.ts';

const BATCH_MAX = 1_000;
const RETRY_MS = 1_000;
/** Kept while the database cannot be written; the oldest go when there are more. */
const UNWRITTEN_MAX = 50_000;

export type JournalWriter = {
  add(event: JournalEvent): void;
  /** Calls back when what was added so far is written; never, if it cannot be. */
  afterWritten(callback: () => void): void;
  /** Resolves when all is written, or when writing has failed. */
  settled(): Promise<void>;
  close(): void;
};

/** `onTrouble` once when writing begins to fail, `onBack` once when it works again. */
export function createJournalWriter(options: {
  append(events: readonly JournalEvent[]): Promise<unknown>;
  onTrouble(reason: string): void;
  onBack(): void;
}): JournalWriter {
  let unwritten: JournalEvent[] = [];
  let callbacks: { seq: number; callback: () => void }[] = [];
  let settlers: (() => void)[] = [];
  let state: 'idle' | 'writing' | 'failing' | 'closed' = 'idle';
  let trouble = false;
  let retry: NodeJS.Timeout | undefined;

  async function write(): Promise<void> {
    for (let batch = unwritten.slice(0, BATCH_MAX); batch.length > 0; batch = unwritten.slice(0, BATCH_MAX)) {
      const lastSeq = batch.at(-1)?.seq ?? 0;
      try {
        await options.append(batch);
      } catch (error) {
        return failed(String(toOrreryError(error).details['reason']));
      }
      unwritten = unwritten.filter((event) => event.seq > lastSeq);
      written(lastSeq);
      if (trouble) {
        trouble = false;
        options.onBack();
      }
    }
    idle();
  }

  function written(seq: number): void {
    const due = callbacks.filter((waiting) => waiting.seq <= seq);
    callbacks = callbacks.filter((waiting) => waiting.seq > seq);
    for (const { callback } of due) callback();
  }

  function idle(): void {
    if (state === 'writing') state = 'idle';
    for (const settle of settlers) settle();
    settlers = [];
  }

  function failed(reason: string): void {
    if (state === 'closed') return idle();
    state = 'failing';
    if (!trouble) {
      trouble = true;
      options.onTrouble(reason);
    }
    idle();
    retry = setTimeout(begin, RETRY_MS);
  }

  function begin(): void {
    if (state === 'closed') return;
    state = 'writing';
    void write();
  }

  return {
    add(event) {
      unwritten.push(event);
      if (unwritten.length > UNWRITTEN_MAX) unwritten = unwritten.slice(-UNWRITTEN_MAX);
      if (state !== 'idle') return;
      state = 'writing';
      // What is recorded in the same turn goes into the same transaction.
      queueMicrotask(() => void write());
    },
    afterWritten(callback) {
      const last = unwritten.at(-1);
      if (last === undefined) callback();
      else callbacks.push({ seq: last.seq, callback });
    },
    settled: () =>
      new Promise<void>((resolve) => {
        if (state === 'writing') settlers.push(resolve);
        else resolve();
      }),
    close() {
      state = 'closed';
      clearTimeout(retry);
    },
  };
}
