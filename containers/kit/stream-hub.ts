/** `GET /stream`: everything that the panel knows of a monitor; the lines are described in protocol/stream.ts. */
import type { Hlc } from '../algorithms/hlc.ts';
import { OrreryError } from '../protocol/errors.ts';
import type { Role } from '../protocol/roles.ts';
import { SAMPLE_INTERVAL_MS, type MonitorEvent, type Sample, type StreamLine } from '../protocol/stream.ts';
import { PROTOCOL_VERSION } from '../protocol/version.ts';
import type { HttpAnswer, Route, StreamWrite } from './http-types.ts';
import type { Clock } from './ports.ts';

/** A consumer that leaves more than this unread is cut; it reconnects and gets a new picture. */
const BUFFERED_BYTES_MAX = 4 * 1024 * 1024;

export type StreamHubOptions = {
  self: { node: string; role: Role; incarnation: number };
  clock: Clock;
  hlc: Hlc;
  /** Everything as it is now. */
  picture(): Extract<StreamLine, { kind: 'picture' }>;
  /** What happened since the last call. Also called, and its result dropped, when the first consumer comes. */
  sample(): Sample;
};

export type StreamHub = { route: Route; readonly watched: boolean; publish(event: MonitorEvent): void; close(): void };

type Consumer = { write: StreamWrite; bufferedBytes: () => number; end(error?: OrreryError): void };

/** A hub without consumers; its route is to be served. */
export function createStreamHub(options: StreamHubOptions): StreamHub {
  const { self, clock, hlc } = options;
  const consumers = new Set<Consumer>();
  let stopSampling: (() => void) | null = null;

  function send(line: StreamLine): void {
    if (consumers.size === 0) return;
    const text = `${JSON.stringify(line)}\n`;
    for (const consumer of consumers) {
      consumer.write(text);
      if (consumer.bufferedBytes() > BUFFERED_BYTES_MAX) {
        consumer.end(new OrreryError('too-many', { what: 'The buffer of the stream', limit: BUFFERED_BYTES_MAX }));
      }
    }
  }

  function join(consumer: Consumer): void {
    const { node, role, incarnation } = self;
    const hello: StreamLine = {
      kind: 'hello',
      node,
      role,
      incarnation,
      protocol: PROTOCOL_VERSION,
      atMs: clock.nowMs(),
    };
    consumer.write(`${JSON.stringify(hello)}\n${JSON.stringify(options.picture())}\n`);
    consumers.add(consumer);
    if (stopSampling !== null) return;
    options.sample();
    stopSampling = clock.every(SAMPLE_INTERVAL_MS, () => send({ kind: 'sample', sample: options.sample() }));
  }

  function leave(consumer: Consumer): void {
    consumers.delete(consumer);
    if (consumers.size > 0) return;
    stopSampling?.();
    stopSampling = null;
  }

  const handle = (): HttpAnswer => ({
    status: 200,
    headers: { 'Content-Type': 'application/x-ndjson' },
    stream: (write, signal, bufferedBytes) =>
      new Promise((resolve, reject) => {
        const consumer: Consumer = {
          write,
          bufferedBytes,
          end(error) {
            leave(consumer);
            if (error === undefined) resolve();
            else reject(error);
          },
        };
        signal.addEventListener('abort', () => consumer.end(), { once: true });
        join(consumer);
      }),
  });

  return {
    route: { method: 'GET', path: '/stream', summary: 'Live events and samples for the panel', control: true, handle },
    /** Whether anybody listens. */
    get watched() {
      return consumers.size > 0;
    },
    publish(event) {
      const atMs = clock.nowMs();
      send({ kind: 'event', hlc: hlc.tick(atMs), atMs, event });
    },
    close() {
      for (const consumer of consumers) consumer.end();
    },
  };
}
