/** Connects the client's streams to the stores, for as long as the window lives. */
import { toOrreryError } from '../../../../containers/protocol/errors.ts';
import type { Client, ItemOf, StreamMethod, InputOf } from '../../../contract/contract.ts';
import type { JournalEvent } from '../../../core/journal.ts';
import { noteConnection } from './connection-store.ts';
import { createFrameBatcher } from './frame-batcher.ts';
import { applyEvents, loadPicture, pictureStore } from './picture-store.ts';
import { forgetSamples, takeSample, takeUsage } from './samples-store.ts';
import { keepSelected } from './selection-store.ts';
import { readSettings, settingsStore } from './settings-store.ts';

const PAST_EVENTS = 1_000;
const RETRY_MS = 1_000;

/** Reads a stream for ever: when it ends or fails, it is opened again after a pause. */
export async function keepReading<M extends StreamMethod>(
  client: Client,
  method: M,
  input: () => InputOf<M>,
  take: (item: ItemOf<M>) => void,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      for await (const item of client.stream(method, input(), signal)) take(item);
    } catch {
      // Shown by the connection's state; what matters here is to go on.
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

/** The picture as it is, with the newest events of its journal. Tries until it has them. */
async function loadPast(client: Client, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const picture = await client.call('cluster.picture', undefined);
      const page = await client.call('journal.page', { beforeSeq: picture.seq + 1, limit: PAST_EVENTS });
      loadPicture(picture, page.toReversed());
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

async function followJournal(client: Client, signal: AbortSignal): Promise<void> {
  await loadPast(client, signal);
  const add = createFrameBatcher<JournalEvent>((events) => {
    const { run } = pictureStore.getState().picture;
    applyEvents(events);
    const { picture } = pictureStore.getState();
    if (picture.run !== run) forgetSamples();
    keepSelected((id) => [...picture.nodes, ...picture.guests].some(({ node }) => node === id));
  });
  const from = (): { afterSeq: number } => ({ afterSeq: pictureStore.getState().picture.seq });
  await keepReading(client, 'journal.follow', from, add, signal);
}

async function followSettings(client: Client, signal: AbortSignal): Promise<void> {
  try {
    const kept = await client.call('settings.read', undefined);
    settingsStore.setState((state) => readSettings(kept, state));
  } catch {
    // The copy in this browser serves until the panel answers.
  }
  const stop = settingsStore.subscribe((settings, before) => {
    for (const name of ['language', 'theme', 'motion'] as const) {
      if (settings[name] === before[name]) continue;
      client.call('settings.write', { name, value: settings[name] }).catch((thrown: unknown) => {
        reportError(toOrreryError(thrown));
      });
    }
  });
  signal.addEventListener('abort', stop, { once: true });
}

let stopFeeds = (): void => {};

/** Feeds the stores from `client`, and from no other any more: what was shown before is forgotten. */
export function refeed(client: Client): void {
  stopFeeds();
  forgetSamples();
  stopFeeds = startFeeds(client);
}

/** Starts all feeds. Returns a disposer. */
function startFeeds(client: Client): () => void {
  const stopping = new AbortController();
  const { signal } = stopping;
  const nothing = (): undefined => undefined;
  const stopListening = client.onConnection(noteConnection);
  const feeds = [
    followJournal(client, signal),
    followSettings(client, signal),
    keepReading(client, 'samples.follow', nothing, (batch) => batch.forEach(takeSample), signal),
    keepReading(client, 'nodes.usage', nothing, takeUsage, signal),
    keepReading(client, 'cluster.progress', nothing, (progress) => pictureStore.setState({ progress }), signal),
  ];
  Promise.all(feeds).catch(reportError);
  return () => {
    stopping.abort();
    stopListening();
  };
}
