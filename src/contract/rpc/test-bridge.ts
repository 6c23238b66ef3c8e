/** Set-up shared by the tests of the bridge. */
import type { Client, Handlers } from '../contract.ts';
import type { JournalEvent } from '../../core/journal.ts';
import { createClient } from './client.ts';
import { fakeHandlers } from './fake-handlers.ts';
import { createMemoryPair, type MemoryPair } from './memory-channel.ts';
import { serveChannel, type ServeOptions } from './server.ts';

/** Long enough for every microtask that is due, whatever their number. */
export const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

export async function flush(pair: MemoryPair): Promise<void> {
  for (;;) {
    await settled();
    if (!pair.step('toServer') && !pair.step('toClient')) return;
  }
}

/** A client and its server over memory channels; `auto` (the default) delivers by itself. */
export function setUp(own: Partial<Handlers>, options: { auto?: boolean; serve?: ServeOptions } = {}) {
  const pairs: MemoryPair[] = [];
  const sleeps: number[] = [];
  let refuse = 0;
  const client = createClient(
    () => {
      if (refuse-- > 0) return Promise.reject(new Error('refused'));
      const pair = createMemoryPair({ auto: options.auto ?? true });
      serveChannel(pair.server, fakeHandlers(own), options.serve);
      pairs.push(pair);
      return Promise.resolve(pair.client);
    },
    {
      random: () => 0,
      sleep: (ms) => {
        sleeps.push(ms);
        return settled();
      },
    },
  );
  const pair = () => {
    const last = pairs.at(-1);
    if (!last) throw new Error('not connected yet');
    return last;
  };
  return { client, pair, pairs, sleeps, refuseNext: (count: number) => (refuse = count) };
}

export const event = (seq: number): JournalEvent => ({
  seq,
  hlc: String(seq),
  atMs: seq,
  body: { type: 'engine-back' },
});
export const forever = new AbortController().signal;
/** What a promise rejects with, as a value. */
export const reason = (promise: Promise<unknown>) =>
  promise.then(
    () => 'resolved',
    (error: unknown) => error,
  );

/** The first `count` sequence numbers of the journal. */
export async function readSome(client: Client, count: number): Promise<number[]> {
  const seen: number[] = [];
  for await (const events of client.stream('journal.follow', { afterSeq: 0 }, forever)) {
    seen.push(...events.map(({ seq }) => seq));
    if (seen.length >= count) break;
  }
  return seen;
}
