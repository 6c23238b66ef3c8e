/** A node's own clock: the world's true time, seen with an offset and running a little fast or slow. */
const WORLD_EPOCH_MS = 1_800_000_000_000;

export class VirtualClock {
  readonly #trueNowMs: () => number;
  readonly #skewMs: number;
  /** Local milliseconds per true millisecond; 1.0001 gains 0.1 ms a second. */
  readonly #rate: number;

  constructor(trueNowMs: () => number, options: { skewMs: number; driftPpm: number }) {
    this.#trueNowMs = trueNowMs;
    this.#skewMs = options.skewMs;
    this.#rate = 1 + options.driftPpm / 1_000_000;
  }

  /** Wall time: an epoch, whole milliseconds as nodes write them down. */
  wallMs(): number {
    return Math.floor(WORLD_EPOCH_MS + this.#skewMs + this.#trueNowMs() * this.#rate);
  }

  /** Never goes back; counts from the start of the world. */
  monotonicMs(): number {
    return this.#trueNowMs() * this.#rate;
  }

  /** How long a local delay takes in true time. */
  toTrueMs(localMs: number): number {
    return localMs / this.#rate;
  }
}
