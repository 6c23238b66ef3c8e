/** Keeps one channel standing: dials again, later and later, whenever it is lost. */
import { OrreryError, toOrreryError } from '../../../containers/protocol/errors.ts';
import type { Channel } from './channel.ts';

const BACKOFF_FIRST_MS = 50;
const BACKOFF_MAX_MS = 2_000;

export type ConnectionOptions = {
  connect: () => Promise<Channel>;
  /** In [0, 1): the jitter, so that many windows do not dial at the same instant. */
  random: () => number;
  /** Resolves after `ms`, or at once when `signal` aborts. */
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  onUp: (channel: Channel) => void;
  onDown: () => void;
  onMessage: (text: string, channel: Channel) => void;
};

export type Connection = {
  /** The channel that stands, or null. */
  channel(): Channel | null;
  /** The channel once it stands. Rejects with `disconnected` when the attempt under way, or the next one, fails. */
  ready(): Promise<Channel>;
  close(): void;
};

/** How long to wait before the next attempt, ms: exponential from 50 ms to 2 s, of which up to half is chance. */
function backoffMs(failures: number, random: () => number): number {
  const wholeMs = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** Math.max(0, failures - 1));
  return wholeMs * (0.5 + 0.5 * random());
}

/** Dials at once and keeps at it until closed. */
export function keepConnected(options: ConnectionOptions): Connection {
  let channel: Channel | null = null;
  const closing = new AbortController();
  let waiting: { resolve: (channel: Channel) => void; reject: (error: OrreryError) => void }[] = [];
  // Lost connections count until a message arrives: a host that accepts and hangs up is no success.
  let failures = 0;

  const settle = (act: (waiter: (typeof waiting)[number]) => void) => {
    const settled = waiting;
    waiting = [];
    settled.forEach(act);
  };

  const hold = (opened: Channel) =>
    new Promise<void>((resolve) => {
      opened.onMessage((text) => {
        failures = 0;
        if (opened === channel) options.onMessage(text, opened);
      });
      opened.onClose(() => {
        if (channel === opened) {
          channel = null;
          options.onDown();
        }
        resolve();
      });
      channel = opened;
      options.onUp(opened);
      settle((waiter) => waiter.resolve(opened));
    });

  const run = async () => {
    while (!closing.signal.aborted) {
      const opened = await options.connect().catch(() => null);
      if (closing.signal.aborted) {
        opened?.close();
        return;
      }
      if (opened) await hold(opened);
      else settle((waiter) => waiter.reject(new OrreryError('disconnected')));
      failures += 1;
      if (!closing.signal.aborted) await options.sleep(backoffMs(failures, options.random), closing.signal);
    }
  };
  run().catch((thrown: unknown) => settle((waiter) => waiter.reject(toOrreryError(thrown))));

  return {
    channel: () => channel,
    ready() {
      if (closing.signal.aborted) return Promise.reject(new OrreryError('disconnected'));
      if (channel) return Promise.resolve(channel);
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
    },
    close() {
      if (closing.signal.aborted) return;
      closing.abort();
      channel?.close();
      settle((waiter) => waiter.reject(new OrreryError('disconnected')));
    },
  };
}

/** Resolves after `ms`, or at once when `signal` aborts. */
export function sleepMs(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}
