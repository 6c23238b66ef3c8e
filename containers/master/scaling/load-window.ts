/**
 * What the autoscaler knows of the last minute: arrivals, how long each request occupied a worker, and how
 * long clients waited. Counts in slots of a ring, so that a request costs a few additions.
 */
import type { ServiceShape } from '../../algorithms/erlang.ts';

/** Durations fall into 16 buckets an octave from here on (4.4 % wide). */
const LOWEST_MS = 0.05;
const PER_OCTAVE = 16;
const BUCKETS = 352;

const ARRIVAL_SLOT_MS = 100;
const ARRIVAL_SLOTS = 600;
const SERVICE_SPAN_S = 30;
const RESPONSE_SPAN_S = 10;

/** Sums by slot of time; slots are cleared when their time comes round again. */
class Ring {
  readonly #slotMs: number;
  readonly #width: number;
  readonly #values: Float64Array;
  readonly #slots: number;
  #newest = Number.NEGATIVE_INFINITY;

  constructor(slotMs: number, slots: number, width = 1) {
    this.#slotMs = slotMs;
    this.#slots = slots;
    this.#width = width;
    this.#values = new Float64Array(slots * width);
  }

  add(nowMs: number, at: number, value: number): void {
    const slot = this.#moveTo(nowMs);
    const index = (slot % this.#slots) * this.#width + at;
    this.#values[index] = (this.#values[index] ?? 0) + value;
  }

  /** What came in at `at` in the last `spanMs`, the running slot included. */
  sum(nowMs: number, spanMs: number, at = 0): number {
    let sum = 0;
    this.#eachSlot(nowMs, spanMs, (offset) => (sum += this.#values[offset + at] ?? 0));
    return sum;
  }

  sums(nowMs: number, spanMs: number): Float64Array {
    const sums = new Float64Array(this.#width);
    this.#eachSlot(nowMs, spanMs, (offset) => {
      for (let at = 0; at < this.#width; at++) sums[at] = (sums[at] ?? 0) + (this.#values[offset + at] ?? 0);
    });
    return sums;
  }

  #eachSlot(nowMs: number, spanMs: number, visit: (offset: number) => void): void {
    const newest = this.#moveTo(nowMs);
    const slots = Math.min(this.#slots, Math.ceil(spanMs / this.#slotMs));
    for (let back = 0; back < slots; back++) {
      if (newest - back >= 0) visit(((newest - back) % this.#slots) * this.#width);
    }
  }

  #moveTo(nowMs: number): number {
    const slot = Math.max(0, Math.floor(nowMs / this.#slotMs));
    // A step back of the clock goes into the newest slot.
    if (slot <= this.#newest) return this.#newest;
    const from = Math.max(this.#newest + 1, slot - this.#slots + 1);
    for (let passed = from; passed <= slot; passed++) {
      const offset = (passed % this.#slots) * this.#width;
      this.#values.fill(0, offset, offset + this.#width);
    }
    this.#newest = slot;
    return slot;
  }
}

const COUNT = 0;
const SUM = 1;
const SQUARES = 2;

export type Mean = { count: number; meanMs: number; cv2: number };

export class LoadWindow {
  readonly sinceMs: number;
  readonly #arrivals = new Ring(ARRIVAL_SLOT_MS, ARRIVAL_SLOTS);
  readonly #services = new Ring(1_000, SERVICE_SPAN_S, 3);
  readonly #serviceBuckets = new Ring(1_000, SERVICE_SPAN_S, BUCKETS);
  readonly #responseBuckets = new Ring(1_000, RESPONSE_SPAN_S, BUCKETS);

  constructor(sinceMs: number) {
    this.sinceMs = sinceMs;
  }

  arrived(nowMs: number): void {
    this.#arrivals.add(nowMs, 0, 1);
  }

  /** A request occupied a worker for so long. */
  served(nowMs: number, tookMs: number): void {
    this.#services.add(nowMs, COUNT, 1);
    this.#services.add(nowMs, SUM, tookMs);
    this.#services.add(nowMs, SQUARES, tookMs * tookMs);
    this.#serviceBuckets.add(nowMs, bucketOf(tookMs), 1);
  }

  /** A client was answered after so long. */
  answered(nowMs: number, tookMs: number): void {
    this.#responseBuckets.add(nowMs, bucketOf(tookMs), 1);
  }

  arrivals(nowMs: number, spanMs: number): number {
    return this.#arrivals.sum(nowMs, spanMs);
  }

  /** Arrivals/s over the span, or over the time since the window was opened if that is shorter. */
  rate(nowMs: number, spanMs: number): number {
    const knownMs = Math.max(1_000, Math.min(spanMs, nowMs - this.sinceMs));
    return (this.arrivals(nowMs, knownMs) * 1_000) / knownMs;
  }

  /** Of the last `spanMs`, at most 30 s. */
  service(nowMs: number, spanMs: number): Mean {
    const [count = 0, sum = 0, squares = 0] = this.#services.sums(nowMs, spanMs);
    if (count === 0 || sum === 0) return { count, meanMs: 0, cv2: 0 };
    const meanMs = sum / count;
    return { count, meanMs, cv2: Math.max(0, squares / count - meanMs * meanMs) / (meanMs * meanMs) };
  }

  /** How service times of the last 30 s lie. */
  shape(nowMs: number): ServiceShape {
    const { count, meanMs, cv2 } = this.service(nowMs, SERVICE_SPAN_S * 1_000);
    const parts: [number, number][] = [];
    this.#serviceBuckets.sums(nowMs, SERVICE_SPAN_S * 1_000).forEach((held, bucket) => {
      if (held > 0) parts.push([middleMs(bucket), held / count]);
    });
    return { meanMs: Math.max(meanMs, LOWEST_MS), cv2, parts };
  }

  /** Of the last `spanMs` (at most 10 s), ms; null without answers. */
  p95Ms(nowMs: number, spanMs: number): number | null {
    const sums = this.#responseBuckets.sums(nowMs, spanMs);
    let total = 0;
    for (const count of sums) total += count;
    if (total === 0) return null;
    let seen = 0;
    for (const [bucket, count] of sums.entries()) {
      seen += count;
      if (seen >= total * 0.95) return middleMs(bucket);
    }
    return null;
  }
}

function bucketOf(ms: number): number {
  if (!(ms > LOWEST_MS)) return 0;
  return Math.min(BUCKETS - 1, 1 + Math.floor(Math.log2(ms / LOWEST_MS) * PER_OCTAVE));
}

function middleMs(bucket: number): number {
  return bucket === 0 ? LOWEST_MS : LOWEST_MS * 2 ** ((bucket - 0.5) / PER_OCTAVE);
}
