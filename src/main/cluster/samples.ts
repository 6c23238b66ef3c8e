/** The monitors' samples on their way to whoever looks: bounded, the newest win. */
import type { SamplePush } from '../../contract/contract.ts';

/** Ten seconds of two monitors; who is further behind misses the oldest. */
const WAITING_MAX = 80;

export class SampleHub {
  readonly #keep: (sample: SamplePush) => void;
  readonly #readers = new Set<{ waiting: SamplePush[]; wake(): void }>();

  /** `keep` takes all of every sample. */
  constructor(keep: (sample: SamplePush) => void = () => undefined) {
    this.#keep = keep;
  }

  /** What the panel keeps by node, and what is in the journal, is not sent to windows: they ask for what they show of it. */
  push(given: SamplePush): void {
    this.#keep(given);
    const { nodeLatencies: _nodes, kept: _kept, guestSteps: _steps, ...seen } = given.sample;
    const sample = { ...given, sample: seen };
    for (const reader of this.#readers) {
      reader.waiting.push(sample);
      if (reader.waiting.length > WAITING_MAX) reader.waiting.shift();
      reader.wake();
    }
  }

  async *follow(signal: AbortSignal): AsyncGenerator<SamplePush[]> {
    const reader = { waiting: [] as SamplePush[], wake: (): void => undefined };
    const stop = () => reader.wake();
    signal.addEventListener('abort', stop);
    this.#readers.add(reader);
    try {
      while (!signal.aborted) {
        if (reader.waiting.length > 0) yield reader.waiting.splice(0);
        else await new Promise<void>((resolve) => (reader.wake = resolve));
      }
    } finally {
      this.#readers.delete(reader);
      signal.removeEventListener('abort', stop);
    }
  }
}
