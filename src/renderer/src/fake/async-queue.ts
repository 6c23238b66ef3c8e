/** A subscription as an async iterable: items wait until they are read; the signal ends it. */
export async function* subscribe<T>(
  attach: (push: (item: T) => void) => () => void,
  signal: AbortSignal,
): AsyncGenerator<T> {
  const waiting: T[] = [];
  let wake: () => void = () => undefined;
  const detach = attach((item) => {
    waiting.push(item);
    wake();
  });
  signal.addEventListener('abort', () => wake(), { once: true });
  try {
    while (!signal.aborted) {
      const item = waiting.shift();
      if (item !== undefined) yield item;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    detach();
  }
}
