/**
 * The journal at run time: gives every event its number and its clock, folds it into the picture,
 * hands it to the database and to whoever follows. Recording is synchronous; writing is not.
 */
import { createHlc, type Hlc } from '../../../containers/algorithms/hlc.ts';
import { EMPTY_PICTURE, type ClusterPicture } from '../../core/cluster-picture.ts';
import { fold, foldAll } from '../../core/fold.ts';
import type { JournalBody, JournalEvent } from '../../core/journal.ts';
import { createJournalReader, type JournalReader } from './journal-reader.ts';
import { JournalWriter } from './journal-writer.ts';
import type { Store } from './store.ts';

/** Events kept in memory, so that followers who keep up never read the database. */
const TAIL_KEPT = 2_000;
const SNAPSHOT_EVERY = 500;

/** `follow`: batches after `afterSeq` (null: from the start of the newest run), then live ones. `page`: newest first. */
export type Journal = JournalReader & {
  picture(): ClusterPicture;
  /** Records an event. `heardHlc`: the clock of the message that caused it. */
  record(body: JournalBody, heardHlc?: string): JournalEvent;
  /** Called synchronously for every event, after it was folded in. Returns a disposer. */
  onEvent(listener: (event: JournalEvent) => void): () => void;
  /** Resolves when everything recorded so far is in the database, or could not be written. */
  flush(): Promise<void>;
  /** Writes what is left and a last snapshot; the store stays open. */
  close(): Promise<void>;
};

/** A journal that goes on where `store` ends. `nowMs`: wall clock. */
export function createJournal(store: Store, nowMs: () => number): Journal {
  const { opened } = store;
  // Continued from the newest event, the panel's clock strictly increases over restarts (invariant 30).
  const hlc = createHlc('panel', opened.lastHlc === null ? {} : { last: opened.lastHlc });
  let picture = foldAll(opened.events, opened.snapshot ?? EMPTY_PICTURE);
  let lastSeq = opened.lastSeq;
  let tail: JournalEvent[] = opened.events.slice(-TAIL_KEPT);
  const listeners = new Set<(event: JournalEvent) => void>();
  const writer = new JournalWriter({
    append: (events) => store.request('append', events),
    onTrouble: (reason) => record({ type: 'journal-trouble', code: 'journal-failed', reason }),
    onBack: () => record({ type: 'journal-back' }),
  });
  const onEvent = (listener: (event: JournalEvent) => void) => {
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  };

  function record(body: JournalBody, heardHlc?: string): JournalEvent {
    const atMs = nowMs();
    const event: JournalEvent = { seq: ++lastSeq, hlc: stamp(hlc, heardHlc, atMs), atMs, body };
    picture = fold(picture, event);
    tail.push(event);
    if (tail.length > TAIL_KEPT * 2) tail = tail.slice(-TAIL_KEPT);
    writer.add(event);
    if (event.seq % SNAPSHOT_EVERY === 0 || body.type === 'cluster-stopped') {
      const taken = picture;
      writer.afterWritten(() => saveSnapshot(store, taken));
    }
    for (const listener of listeners) listener(event);
    return event;
  }

  if (opened.damaged !== null) {
    const reason = `the old one was damaged and put aside as ${opened.damaged}`;
    record({ type: 'journal-trouble', code: 'journal-failed', reason });
    record({ type: 'journal-back' });
  }
  const reader = createJournalReader({ store, tail: () => tail, settled: () => writer.settled(), onEvent });
  return {
    ...reader,
    picture: () => picture,
    record,
    onEvent,
    flush: () => writer.settled(),
    async close() {
      await writer.settled();
      saveSnapshot(store, picture);
      writer.close();
    },
  };
}

/** A snapshot that cannot be saved loses nothing: the next start folds more events. */
function saveSnapshot(store: Store, picture: ClusterPicture): void {
  store.request('snapshot', picture).catch(() => null);
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
