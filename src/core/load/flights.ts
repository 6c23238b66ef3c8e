/** Requests under way: their stamps, how many there are at every moment, and what one patient tester sees. */
import type { SecondRecorder } from './second-recorder.ts';

/**
 * Time of a run on a monotonic clock: it stands still in a pause, and `offsetMs` after the clock's
 * zero lies the start of the measured part.
 */
export class RunClock {
  offsetMs: number;
  #pausedAtMs: number | null = null;

  constructor(startMs: number, warmupMs: number) {
    this.offsetMs = startMs + warmupMs;
  }

  get paused(): boolean {
    return this.#pausedAtMs !== null;
  }

  runMs(nowMs: number): number {
    return (this.#pausedAtMs ?? nowMs) - this.offsetMs;
  }

  second(nowMs: number): number {
    return Math.floor(this.runMs(nowMs) / 1_000);
  }

  pause(nowMs: number): void {
    this.#pausedAtMs ??= nowMs;
  }

  resume(nowMs: number): void {
    if (this.#pausedAtMs !== null) this.offsetMs += nowMs - this.#pausedAtMs;
    this.#pausedAtMs = null;
  }
}

export class Flights {
  readonly #dueMs: Float64Array;
  readonly #sentMs: Float64Array;
  readonly #second: Int32Array;
  readonly #free: Int32Array;
  readonly #recorder: SecondRecorder;
  readonly #clock: RunClock;
  #count = 0;
  #watchedAtMs: number;
  /** The request that the patient tester waits for; −1 while it waits for none. */
  #observed = -1;

  constructor(options: { max: number; recorder: SecondRecorder; clock: RunClock; nowMs: number }) {
    this.#dueMs = new Float64Array(options.max);
    this.#sentMs = new Float64Array(options.max);
    this.#second = new Int32Array(options.max);
    this.#free = Int32Array.from({ length: options.max }, (_, index) => options.max - 1 - index);
    this.#recorder = options.recorder;
    this.#clock = options.clock;
    this.#watchedAtMs = options.nowMs;
  }

  get count(): number {
    return this.#count;
  }

  get full(): boolean {
    return this.#count === this.#free.length;
  }

  /** Notes a request sent now; returns the slot under which it ends. */
  begin(dueMs: number, second: number, nowMs: number): number {
    this.watch(nowMs);
    const slot = this.#free[this.#free.length - 1 - this.#count] ?? 0;
    this.#count += 1;
    this.#dueMs[slot] = dueMs;
    this.#sentMs[slot] = nowMs;
    this.#second[slot] = second;
    if (this.#observed === -1) this.#observed = slot;
    this.#recorder.at(this.#clock.second(nowMs)).sent += 1;
    this.#recorder.at(second).lag.add((nowMs - dueMs) * 1_000);
    return slot;
  }

  /** Notes how a request ended: `error` null when it was answered well. */
  end(slot: number, nowMs: number, error: string | null, worker: string | null): void {
    this.watch(nowMs);
    this.#count -= 1;
    this.#free[this.#free.length - 1 - this.#count] = slot;
    const serviceMs = nowMs - (this.#sentMs[slot] ?? nowMs);
    const intendedUs = (nowMs - (this.#dueMs[slot] ?? nowMs)) * 1_000;
    const observed = this.#observed === slot;
    if (observed) this.#observed = -1;
    const ended = this.#recorder.at(this.#clock.second(nowMs));
    ended.serviceMs += serviceMs;
    if (error === null) ended.ok += 1;
    else ended.error(error);
    const due = this.#recorder.at(this.#second[slot] ?? 0);
    if (error === null) {
      due.intended.add(intendedUs);
      due.service.add(serviceMs * 1_000);
      if (observed) due.naive.add(serviceMs * 1_000);
      if (worker !== null) due.worker(worker, intendedUs);
    } else due.failed += 1;
  }

  /** Adds up the time that requests have been under way until now. */
  watch(nowMs: number): void {
    const elapsedMs = nowMs - this.#watchedAtMs;
    if (elapsedMs <= 0) return;
    const second = this.#recorder.at(this.#clock.second(nowMs));
    second.inFlightMs += this.#count * elapsedMs;
    second.watchedMs += elapsedMs;
    second.inFlight = this.#count;
    this.#watchedAtMs = nowMs;
  }
}
