/** The streams that a client reads, across the connections that come and go beneath them. */
import { OrreryError } from '../../../containers/protocol/errors.ts';
import type { Channel } from './channel.ts';
import { encodeFrame } from './frames.ts';
import { createStreamReader, type StreamReader } from './stream-reader.ts';

/** `resume` gives the input with which the stream would go on after an item. */
type StreamRequest = { method: string; input: unknown; resume: (item: unknown, input: unknown) => unknown };

export type StreamTable = {
  /** Opens now or, without a channel, when there is one. Ends quietly when `signal` aborts. */
  read(request: StreamRequest, signal: AbortSignal): AsyncGenerator<unknown>;
  push(id: number, item: unknown): void;
  end(id: number): void;
  fail(id: number, error: OrreryError): void;
  /** A new connection stands: every stream is opened on it, from where it was. */
  reopen(channel: Channel): void;
  /** No connection will come any more. */
  close(): void;
};

type OpenStream = { id: number; input: unknown; request: StreamRequest; reader: StreamReader };

export function createStreamTable(ports: { nextId(): number; channel(): Channel | null }): StreamTable {
  const streams = new Map<number, OpenStream>();
  let closed = false;

  const send = (stream: OpenStream, channel: Channel) => {
    const { id, input, request, reader } = stream;
    channel.send(encodeFrame({ t: 'open', id, method: request.method, input, credits: reader.reopened() }));
  };

  const open = (request: StreamRequest): OpenStream => {
    if (closed) throw new OrreryError('disconnected');
    const reader = createStreamReader((credits) => {
      ports.channel()?.send(encodeFrame({ t: 'credit', id: stream.id, credits }));
    });
    const stream: OpenStream = { id: ports.nextId(), input: request.input, request, reader };
    streams.set(stream.id, stream);
    const channel = ports.channel();
    if (channel) send(stream, channel);
    return stream;
  };

  const take = (id: number) => {
    const stream = streams.get(id);
    streams.delete(id);
    return stream?.reader;
  };

  return {
    async *read(request, signal) {
      if (signal.aborted) return;
      const stream = open(request);
      const stop = () => {
        const reader = take(stream.id);
        if (!reader) return;
        reader.end();
        ports.channel()?.send(encodeFrame({ t: 'abort', id: stream.id }));
      };
      signal.addEventListener('abort', stop);
      try {
        for (let next = await stream.reader.next(); next && !signal.aborted; next = await stream.reader.next()) {
          yield next.item;
        }
      } finally {
        signal.removeEventListener('abort', stop);
        stop();
      }
    },
    push(id, item) {
      const stream = streams.get(id);
      if (!stream) return;
      stream.input = stream.request.resume(item, stream.input);
      stream.reader.push(item);
    },
    end: (id) => take(id)?.end(),
    fail: (id, error) => take(id)?.fail(error),
    reopen(channel) {
      // Under its old id: what was under way on the lost connection never arrives here.
      for (const stream of streams.values()) send(stream, channel);
    },
    close() {
      closed = true;
      for (const stream of streams.values()) stream.reader.fail(new OrreryError('disconnected'));
      streams.clear();
    },
  };
}
