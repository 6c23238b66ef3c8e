/**
 * The journal at run time: gives every event its number and its clock, folds it into the picture,
 * hands it to the database and to whoever follows. Recording is synchronous; writing is not.
 */
import { createHlc, type Hlc } from '../../../containers/algorithms/hlc.ts';
import { EMPTY_PICTURE, type ClusterPicture } from '../../core/cluster-picture.ts';
import { fold, foldAll } from '../../core/fold.ts';
import type { JournalBody, JournalEvent } from '../../core/journal.ts';
import { createJournalWriter } from './journal-writer.ts';
import type { Store } from './store.ts';

/** Events kept in memory, so that followers who keep up never read the database. */
const TAIL_KEPT = 2_000;
const PAGE = 500;
const SNAPSHOT_EVERY = 500;

export type Journal = {
  picture(): ClusterPicture;
  /** Records an event. `heardHlc`: the clock of the message that caused it. */
  record(body: JournalBody, heardHlc?: string): JournalEvent;
  /** Called synchronously for every event, after it was folded in. Returns a disposer. */
  onEvent(listener: (event: JournalEvent) => void): () => void;
  /** Batches of events after `afterSeq` (null: from the start of the newest run), then live ones. */
  follow(afterSeq: number | null, signal: AbortSignal): AsyncIterable<JournalEvent[]>;
  /** Newest first. */
  page(beforeSeq: number | null, limit: number): Promise<JournalEvent[]>;
  /** Resolves when everything recorded so far is in the database, or could not be written. */
  flush(): Promise<void>;
  close(): Promise<void>;
};

export function createJournal(store: Store, nowMs: () => number): Journal {
  const { opened } = store;
  // Continued from the newest event, the panel's clock strictly increases over restarts (invariant 30).
  const hlc = createHlc('panel', opened.lastHlc === null ? {} : { last: opened.lastHlc });
  let picture = foldAll(opened.events, opened.snapshot ?? EMPTY_PICTURE);
  let lastSeq = opened.lastSeq;
  let tail: JournalEvent[] = opened.events.slice(-TAIL_KEPT);
  const listeners = new Set<(event: JournalEvent) => void>();
  const writer = createJournalWriter({
    append: (events) => store.request('append', events),
    onTrouble: (reason) => void record({ type: 'journal-trouble', code: 'journal-failed', reason }),
    onBack: () => void record({ type: 'journal-back' }),
  });

  function record(body: JournalBody, heardHlc?: string): JournalEvent {
    const atMs = nowMs();
    const event: JournalEvent = { seq: ++lastSeq, hlc: stamp(hlc, heardHlc, atMs), atMs, body };
    picture = fold(picture, event);
    tail.push(event);
    if (tail.length > TAIL_KEPT * 2) tail = tail.slice(-TAIL_KEPT);
    writer.add(event);
    if (event.seq % SNAPSHOT_EVERY === 0 || body.type === 'cluster-stopped') snapshot();
    for (const listener of listeners) listener(event);
    return event;
  }

  /** Follows the appends in the thread's queue; failing to make one loses nothing. */
  function snapshot(): void {
    const taken = picture;
    writer.afterWritten(() => void store.request('snapshot', taken).catch(() => null));
  }

  async function after(seq: number): Promise<JournalEvent[]> {
    const first = tail[0]?.seq ?? lastSeq + 1;
    if (seq + 1 < first) {
      const stored = await store.request('after', { seq, limit: PAGE });
      if (stored.length > 0) return stored;
    }
    return tail.slice(Math.max(0, seq + 1 - first), Math.max(0, seq + 1 - first) + PAGE);
  }

  async function* follow(afterSeq: number | null, signal: AbortSignal): AsyncGenerator<JournalEvent[]> {
    const wake = waker(listeners, signal);
    try {
      if (afterSeq === null) await writer.settled();
      let seq = afterSeq ?? ((await store.request('run-start', null)) ?? 1) - 1;
      while (!signal.aborted) {
        const events = await after(seq);
        const newest = events.at(-1);
        if (newest === undefined) await wake.next();
        else {
          seq = newest.seq;
          yield events;
        }
      }
    } finally {
      wake.dispose();
    }
  }

  async function page(beforeSeq: number | null, limit: number): Promise<JournalEvent[]> {
    const inMemory = tail.filter((event) => beforeSeq === null || event.seq < beforeSeq);
    const newest = inMemory.slice(-limit).reverse();
    if (newest.length === limit) return newest;
    const first = newest.at(-1)?.seq ?? beforeSeq;
    return [...newest, ...(await store.request('before', { seq: first, limit: limit - newest.length }))];
  }

  if (opened.damaged !== null)
    record({ type: 'journal-trouble', code: 'journal-failed', reason: `the old one was damaged: ${opened.damaged}` });
  return {
    picture: () => picture,
    record,
    onEvent(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    follow,
    page,
    flush: () => writer.settled(),
    async close() {
      await writer.settled();
      await store.request('snapshot', picture).catch(() => null);
      writer.close();
    },
  };
}

/** Lets a follower sleep until the next event without queueing events for it. */
function waker(listeners: Set<(event: JournalEvent) => void>, signal: AbortSignal) {
  let pending = false;
  let wake: (() => void) | null = null;
  const ring = () => {
    pending = true;
    wake?.();
  };
  listeners.add(ring);
  signal.addEventListener('abort', ring);
  return {
    async next(): Promise<void> {
      if (!pending) await new Promise<void>((resolve) => (wake = resolve));
      pending = false;
      wake = null;
    },
    dispose() {
      listeners.delete(ring);
      signal.removeEventListener('abort', ring);
    },
  };
}

/** A clock that is refused (no clock, or too far ahead) is left out: the event keeps the panel's own. */
function stamp(hlc: Hlc, heard: string | undefined, nowMs: number): string {
  if (heard === undefined) return hlc.tick(nowMs);
  try {
    return hlc.receive(heard, nowMs);
  } catch {
    return hlc.tick(nowMs);
  }
}
