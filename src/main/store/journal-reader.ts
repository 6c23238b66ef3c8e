/** Reads the journal from the database and from the newest events in memory as if they were one. */
import type { JournalBody, JournalEvent } from '../../core/journal.ts';
import type { Store } from './store.ts';

const PAGE = 500;

export type JournalReader = {
  follow(afterSeq: number | null, signal: AbortSignal): AsyncIterable<JournalEvent[]>;
  page(beforeSeq: number | null, limit: number): Promise<JournalEvent[]>;
  /** Events of a span of time, oldest first; of more than `limit` the newest. */
  between(span: { fromMs: number; toMs: number; limit: number }): Promise<JournalEvent[]>;
  /** What the newest run has of a type until now, in pages, oldest first. */
  ofRun<Type extends JournalBody['type']>(type: Type): AsyncIterable<Extract<JournalBody, { type: Type }>[]>;
};

/**
 * `tail`: the newest events in memory, which include all that are not written yet. `onEvent` calls
 * back after each new one. A slow follower costs nothing: it holds a number, not a queue.
 */
export function createJournalReader(options: {
  store: Store;
  tail(): readonly JournalEvent[];
  settled(): Promise<void>;
  onEvent(listener: () => void): () => void;
}): JournalReader {
  const { store, tail } = options;

  async function after(seq: number): Promise<readonly JournalEvent[]> {
    const first = tail()[0]?.seq;
    if (first === undefined || seq + 1 < first) {
      const stored = await store.request('after', { seq, limit: PAGE });
      if (stored.length > 0) return stored;
    }
    const newest = tail();
    const start = newest.findIndex((event) => event.seq > seq);
    return start === -1 ? [] : newest.slice(start, start + PAGE);
  }

  async function runStart(): Promise<number> {
    await options.settled();
    return (await store.request('run-start', null)) ?? 1;
  }

  async function* follow(afterSeq: number | null, signal: AbortSignal): AsyncGenerator<JournalEvent[]> {
    const wake = createWaker(options.onEvent, signal);
    try {
      let seq = afterSeq ?? (await runStart()) - 1;
      while (!signal.aborted) {
        const events = await after(seq);
        const newest = events.at(-1);
        if (newest === undefined) await wake.next();
        else {
          seq = newest.seq;
          yield [...events];
        }
      }
    } finally {
      wake.dispose();
    }
  }

  async function page(beforeSeq: number | null, limit: number): Promise<JournalEvent[]> {
    const inMemory = tail().filter((event) => beforeSeq === null || event.seq < beforeSeq);
    const newest = inMemory.slice(-limit).reverse();
    if (newest.length === limit) return newest;
    const seq = newest.at(-1)?.seq ?? beforeSeq;
    return [...newest, ...(await store.request('before', { seq, limit: limit - newest.length }))];
  }

  async function between(span: { fromMs: number; toMs: number; limit: number }): Promise<JournalEvent[]> {
    await options.settled();
    return store.request('between', span);
  }

  async function* ofRun<Type extends JournalBody['type']>(type: Type) {
    let afterSeq = (await runStart()) - 1;
    for (;;) {
      const events = await store.request('of-type', { type, afterSeq, limit: PAGE });
      yield events.map(({ body }) => body as Extract<JournalBody, { type: Type }>);
      const last = events.at(-1);
      if (last === undefined || events.length < PAGE) return;
      afterSeq = last.seq;
    }
  }

  return { follow, page, between, ofRun };
}

/** Lets a follower sleep until the next event, or until it is no longer wanted. */
function createWaker(onEvent: (listener: () => void) => () => void, signal: AbortSignal) {
  let rung = false;
  let wake: (() => void) | null = null;
  const ring = () => {
    rung = true;
    wake?.();
  };
  const forget = onEvent(ring);
  signal.addEventListener('abort', ring);
  return {
    async next(): Promise<void> {
      if (!rung) await new Promise<void>((resolve) => (wake = resolve));
      rung = false;
      wake = null;
    },
    dispose() {
      forget();
      signal.removeEventListener('abort', ring);
    },
  };
}
