/** The sending end of one stream: asks for the next item only when the reader has room for it. */
import { WINDOW } from './frames.ts';

export type SendCredits = {
  add(credits: number): void;
  /** Uses one credit, waiting for it; false once the signal has aborted. */
  take(): Promise<boolean>;
};

export function createSendCredits(first: number, signal: AbortSignal): SendCredits {
  let left = first;
  let wake: () => void = () => {};
  signal.addEventListener('abort', () => wake(), { once: true });
  return {
    add(credits) {
      left = Math.min(WINDOW, left + credits);
      wake();
    },
    async take() {
      while (left <= 0 && !signal.aborted) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      left -= 1;
      return !signal.aborted;
    },
  };
}

/**
 * Sends the items until they end or `signal` aborts. Nothing is produced ahead of a credit, so what
 * a reader that stands still costs is its window. Throws what the items throw.
 */
export async function pumpStream(
  items: AsyncIterable<unknown>,
  credits: SendCredits,
  signal: AbortSignal,
  send: (item: unknown) => void,
): Promise<void> {
  const iterator = items[Symbol.asyncIterator]();
  let stop: () => void = () => {};
  signal.addEventListener('abort', () => stop(), { once: true });
  // One promise an item: racing against one promise for the whole stream would keep every item's reaction.
  const next = () =>
    new Promise<IteratorResult<unknown>>((resolve, reject) => {
      stop = () => resolve({ done: true, value: undefined });
      iterator.next().then(resolve, reject);
    });
  try {
    while (await credits.take()) {
      const result = await next();
      if (result.done || signal.aborted) return;
      send(result.value);
    }
  } finally {
    // Not awaited: a generator that waits for something else than `signal` would hold the stream's place.
    iterator.return?.()?.catch(() => {});
  }
}
