/** The reading end of one stream: holds what came and was not yet taken, and grants credits for what was. */
import type { OrreryError } from '../../../containers/protocol/errors.ts';
import { WINDOW } from './frames.ts';

export type StreamReader = {
  push(item: unknown): void;
  end(): void;
  fail(error: OrreryError): void;
  /** Counts anew after a reconnection; returns how many items the new stream may send at once. */
  reopened(): number;
  /** The next item, waiting for it; null at the end. Throws what the stream failed with. */
  next(): Promise<{ item: unknown } | null>;
};

/** `grant` is called when the sender may send so many items more. */
export function createStreamReader(grant: (credits: number) => void): StreamReader {
  const unread: unknown[] = [];
  let outcome: { error: OrreryError | null } | null = null;
  let wake: () => void = () => {};
  let owed = 0;

  const finish = (error: OrreryError | null) => {
    outcome ??= { error };
    wake();
  };

  return {
    push(item) {
      if (outcome) return;
      unread.push(item);
      wake();
    },
    end: () => finish(null),
    fail: finish,
    reopened() {
      owed = 0;
      return WINDOW - unread.length;
    },
    async next() {
      while (unread.length === 0 && !outcome) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      if (unread.length === 0) {
        if (outcome?.error) throw outcome.error;
        return null;
      }
      const item = unread.shift();
      owed += 1;
      // In portions: a credit for every item would double the messages.
      if (owed >= WINDOW / 2 && !outcome) {
        const credits = owed;
        owed = 0;
        grant(credits);
      }
      return { item };
    },
  };
}
