/** Two channels joined in memory, which hold every message until it is flushed: a network for tests. */
import { closeOnce, type Channel } from './channel.ts';

export type MemoryPair = {
  client: Channel;
  server: Channel;
  /** Messages under way in each direction. */
  queued: { toServer: string[]; toClient: string[] };
  /** Delivers the oldest message of a direction; false when there is none. */
  step(direction: 'toServer' | 'toClient'): boolean;
  /** Cuts the line: what is under way is lost, both ends are told. */
  cut(): void;
};

/** `auto` delivers each message in a microtask of its own instead of holding it. */
export function createMemoryPair(options: { auto?: boolean } = {}): MemoryPair {
  const queued = { toServer: [] as string[], toClient: [] as string[] };
  const listeners: Record<keyof typeof queued, (text: string) => void> = { toServer: () => {}, toClient: () => {} };
  const ends = { client: closeOnce(), server: closeOnce() };

  const step = (direction: keyof typeof queued) => {
    const text = queued[direction].shift();
    if (text === undefined) return false;
    listeners[direction](text);
    return true;
  };
  const cut = () => {
    queued.toServer.length = 0;
    queued.toClient.length = 0;
    ends.client.fire();
    ends.server.fire();
  };
  const end = (side: keyof typeof ends, out: keyof typeof queued, into: keyof typeof queued): Channel => ({
    send(text) {
      if (ends[side].fired()) return;
      queued[out].push(text);
      if (options.auto) queueMicrotask(() => step(out));
    },
    onMessage(listener) {
      listeners[into] = listener;
    },
    onClose: ends[side].listen,
    close: cut,
  });
  return {
    client: end('client', 'toServer', 'toClient'),
    server: end('server', 'toClient', 'toServer'),
    queued,
    step,
    cut,
  };
}
