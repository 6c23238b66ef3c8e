/** Counts what happens by second of run time. Built for tens of thousands of requests a second. */
import { bucketOf } from '../../../containers/algorithms/histogram.ts';
import { BUCKET_COUNT, type Counts } from './latency-counts.ts';
import type { LoadSecond } from './load-second.ts';

/** A second as the recorder hands it over: the wall clock and the workers are its owner's to add. */
export type RecordedSecond = Omit<LoadSecond, 'atMs' | 'ready'>;

/** A histogram with fast additions. */
class Tally {
  readonly #counts = new Uint32Array(BUCKET_COUNT);
  readonly #touched: number[] = [];

  add(us: number): void {
    const bucket = bucketOf(us);
    const before = this.#counts[bucket] ?? 0;
    if (before === 0) this.#touched.push(bucket);
    this.#counts[bucket] = before + 1;
  }

  counts(): Counts {
    return this.#touched.sort((a, b) => a - b).map((bucket) => [bucket, this.#counts[bucket] ?? 0]);
  }
}

/** A second in the making. Fields as in LoadSecond. */
export class OpenSecond {
  offered = 0;
  sent = 0;
  notSent = 0;
  ok = 0;
  failed = 0;
  inFlight = 0;
  inFlightMs = 0;
  watchedMs = 0;
  serviceMs = 0;
  changed = true;
  readonly errors = new Map<string, number>();
  readonly intended = new Tally();
  readonly service = new Tally();
  readonly naive = new Tally();
  readonly lag = new Tally();
  readonly wake = new Tally();
  readonly workers = new Map<string, Map<number, number>>();
  readonly second: number;

  constructor(second: number) {
    this.second = second;
  }

  error(kind: string): void {
    this.errors.set(kind, (this.errors.get(kind) ?? 0) + 1);
  }

  worker(name: string, us: number): void {
    let counts = this.workers.get(name);
    if (counts === undefined) {
      counts = new Map();
      this.workers.set(name, counts);
    }
    const bucket = bucketOf(us);
    counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
  }

  recorded(): RecordedSecond {
    const { second, offered, sent, notSent, ok, failed, inFlight, inFlightMs, watchedMs, serviceMs } = this;
    return {
      second,
      offered,
      sent,
      notSent,
      ok,
      failed,
      inFlight,
      inFlightMs,
      watchedMs,
      serviceMs,
      errors: Object.fromEntries(this.errors),
      intended: this.intended.counts(),
      service: this.service.counts(),
      naive: this.naive.counts(),
      lag: this.lag.counts(),
      wake: this.wake.counts(),
      workers: Object.fromEntries(
        [...this.workers].map(([name, counts]) => [name, [...counts].sort((a, b) => a[0] - b[0])]),
      ),
    };
  }
}

export class SecondRecorder {
  readonly #open = new Map<number, OpenSecond>();
  readonly #keptSeconds: number;
  #last: OpenSecond | null = null;

  /** `timeoutMs`: how long after its second a request may still end. */
  constructor(timeoutMs: number) {
    this.#keptSeconds = Math.ceil(timeoutMs / 1_000) + 3;
  }

  /** The second to count in; whoever asks is about to change it. */
  at(second: number): OpenSecond {
    const last = this.#last;
    if (last !== null && last.second === second) {
      last.changed = true;
      return last;
    }
    let open = this.#open.get(second);
    if (open === undefined) {
      open = new OpenSecond(second);
      this.#open.set(second, open);
    }
    open.changed = true;
    this.#last = open;
    return open;
  }

  /** Every second that changed since the last call, whole. Forgets those that cannot change any more. */
  take(nowSecond: number): RecordedSecond[] {
    const changed: RecordedSecond[] = [];
    for (const [second, open] of this.#open) {
      if (open.changed) changed.push(open.recorded());
      open.changed = false;
      if (second < nowSecond - this.#keptSeconds) this.#open.delete(second);
    }
    this.#last = null;
    return changed.sort((a, b) => a.second - b.second);
  }
}
