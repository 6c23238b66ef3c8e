/** A client whose panel is a recording: it streams what was told then, at the pace of then. */
import { OrreryError } from '../../../../containers/protocol/errors.ts';
import type {
  CallMethod,
  Client,
  InputOf,
  ItemOf,
  NodeUsage,
  OutputOf,
  SamplePush,
  StreamMethod,
} from '../../../contract/contract.ts';
import { eventsUntil, type RecordedItem, type Recording } from '../../../contract/recording.ts';
import { foldAll } from '../../../core/fold.ts';
import type { JournalEvent } from '../../../core/journal.ts';

export type Player = {
  client: Client;
  /** Where it stands, in the time of the recording, ms. */
  atMs(): number;
  /** Moves on by so much; what lies between is told. Returns false at the end. */
  advance(ms: number): boolean;
  /** Jumps; whoever follows has to ask anew (client.call of the picture) and follow again. */
  seek(atMs: number): void;
};

type Listener = (item: RecordedItem) => void;

export function createPlayer(recording: Recording): Player {
  const listeners = new Set<Listener>();
  let atMs = recording.startedAtMs;
  const past = (): JournalEvent[] => eventsUntil(recording, atMs);

  const answer = (method: CallMethod, input: unknown): unknown => {
    switch (method) {
      case 'cluster.picture':
        return foldAll(past());
      case 'journal.page': {
        const { beforeSeq, limit } = input as InputOf<'journal.page'>;
        const events = past().filter(({ seq }) => beforeSeq === null || seq < beforeSeq);
        return events.slice(-limit).reverse();
      }
      case 'journal.between': {
        const { fromMs, toMs, limit } = input as InputOf<'journal.between'>;
        return past()
          .filter((event) => event.atMs >= fromMs && event.atMs <= toMs)
          .slice(0, limit);
      }
      case 'cluster.kept':
      case 'load.list':
      case 'host.doctor':
        return [];
      case 'host.info':
        return { host: 'web', version: recording.name, platform: '–', dataFolder: '–' };
      case 'updates.check':
        return { possible: false, available: null };
      case 'settings.read':
        return {};
      case 'settings.write':
        return null;
      default:
        if (method in recording.answers) return recording.answers[method];
        throw new OrreryError('recorded');
    }
  };

  return {
    atMs: () => atMs,
    advance(ms) {
      const before = atMs;
      atMs = Math.min(recording.endedAtMs, atMs + ms);
      for (const item of recording.items)
        if (item.atMs > before && item.atMs <= atMs) for (const listener of listeners) listener(item);
      return atMs < recording.endedAtMs;
    },
    seek(to) {
      atMs = Math.max(recording.startedAtMs, Math.min(recording.endedAtMs, to));
    },
    client: {
      async call<M extends CallMethod>(method: M, input: InputOf<M>): Promise<OutputOf<M>> {
        return structuredClone(answer(method, input)) as OutputOf<M>;
      },
      stream<M extends StreamMethod>(method: M, _: InputOf<M>, signal: AbortSignal): AsyncIterable<ItemOf<M>> {
        return follow(listeners, partOf(method), signal) as AsyncIterable<ItemOf<M>>;
      },
      onConnection(listener) {
        listener(true);
        return () => {};
      },
      close: () => listeners.clear(),
    },
  };
}

type Part = JournalEvent[] | SamplePush[] | NodeUsage[];

/** What of an item belongs to a stream; all other streams say nothing. */
function partOf(method: StreamMethod): (item: RecordedItem) => Part | null {
  return (item) => {
    if (method === 'journal.follow') return 'events' in item ? item.events : null;
    if (method === 'samples.follow') return 'samples' in item ? item.samples : null;
    if (method === 'nodes.usage') return 'usage' in item ? item.usage : null;
    return null;
  };
}

async function* follow(
  listeners: Set<Listener>,
  part: (item: RecordedItem) => Part | null,
  signal: AbortSignal,
): AsyncGenerator<Part> {
  const waiting: Part[] = [];
  let wake = (): void => {};
  const listener: Listener = (item) => {
    const found = part(item);
    if (found === null) return;
    waiting.push(found);
    wake();
  };
  listeners.add(listener);
  const stop = (): void => wake();
  signal.addEventListener('abort', stop);
  try {
    while (!signal.aborted) {
      const next = waiting.shift();
      if (next) yield next;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    listeners.delete(listener);
    signal.removeEventListener('abort', stop);
  }
}
