/** The asking end of the bridge. Knows the contract by its types only: no schema is loaded with it. */
import { isErrorCode, OrreryError } from '../../../containers/protocol/errors.ts';
import type { CallMethod, Client, InputOf, ItemOf, OutputOf, StreamMethod, StreamOptions } from '../contract.ts';
import type { Channel } from './channel.ts';
import { createCallTable } from './client-calls.ts';
import { createStreamTable } from './client-streams.ts';
import { keepConnected, sleepMs, type ConnectionOptions } from './connection.ts';
import { parseReply, type ErrorFrame, type ReplyFrame } from './frames.ts';

/** How streams go on after a lost connection, where their items tell. */
const RESUME: { [M in StreamMethod]?: NonNullable<StreamOptions<M>['resume']> } = {
  'journal.follow': (events, input) => {
    const last = events.at(-1);
    return last ? { afterSeq: last.seq } : input;
  },
};

/**
 * A client over the channel that `connect` opens, now and whenever it is lost. Pending calls reject
 * with `disconnected` on a loss; streams are opened again and go on (StreamOptions.resume).
 */
export function createClient(
  connect: () => Promise<Channel>,
  options: Partial<Pick<ConnectionOptions, 'random' | 'sleep'>> = {},
): Client {
  const listeners = new Set<(connected: boolean) => void>();
  let lastId = 0;
  const nextId = () => (lastId += 1);
  const calls = createCallTable();
  const streams = createStreamTable({ nextId, channel: () => connection.channel() });

  const receive = (frame: ReplyFrame) => {
    if (frame.t === 'item') streams.push(frame.id, frame.item);
    else if (frame.t === 'end') streams.end(frame.id);
    else if (frame.t === 'result') calls.resolve(frame.id, frame.output);
    else {
      calls.reject(frame.id, errorOf(frame));
      streams.fail(frame.id, errorOf(frame));
    }
  };

  const connection = keepConnected({
    connect,
    random: options.random ?? Math.random,
    sleep: options.sleep ?? sleepMs,
    onUp(channel) {
      streams.reopen(channel);
      for (const listener of listeners) listener(true);
    },
    onDown() {
      calls.rejectAll();
      for (const listener of listeners) listener(false);
    },
    onMessage(text, channel) {
      const frame = parseReply(text);
      if (frame) receive(frame);
      else channel.close();
    },
  });

  return {
    // The handlers at the other end are typed by the same contract: hence the two casts.
    async call<M extends CallMethod>(method: M, input: InputOf<M>, { signal }: { signal?: AbortSignal } = {}) {
      signal?.throwIfAborted();
      const channel = await connection.ready();
      signal?.throwIfAborted();
      if (connection.channel() !== channel) throw new OrreryError('disconnected');
      return (await calls.send(channel, { id: nextId(), method, input }, signal)) as OutputOf<M>;
    },
    stream<M extends StreamMethod>(method: M, input: InputOf<M>, signal: AbortSignal, how: StreamOptions<M> = {}) {
      const resume = how.resume ?? RESUME[method];
      return streams.read(
        {
          method,
          input,
          resume: (item, last) => (resume ? resume(item as ItemOf<M>, last as InputOf<M>) : last),
        },
        signal,
      ) as AsyncIterable<ItemOf<M>>;
    },
    onConnection(listener) {
      listeners.add(listener);
      listener(connection.channel() !== null);
      return () => listeners.delete(listener);
    },
    close() {
      streams.close();
      connection.close();
    },
  };
}

function errorOf(frame: ErrorFrame): OrreryError {
  if (isErrorCode(frame.code)) return new OrreryError(frame.code, frame.details);
  // A panel newer than this window: the name of its error is all that can be shown.
  return new OrreryError('internal', { reason: frame.code, node: 'the panel' });
}
