/** Runs a core: one event at a time, effects in order, durable before acknowledged. */
import { toOrreryError, type OrreryError } from '../protocol/errors.ts';
import type { PersistEffect, Random, SelfEffect, Step } from '../protocol/step.ts';
import { steadyTime } from './clock.ts';
import type { Clock, DurableLog } from './ports.ts';

type Shared<Event, Effect, Entry> = PersistEffect<Entry, Effect> | SelfEffect<Event>;

export type DriverOptions<State, Event, Effect extends { kind: string }, Entry> = {
  step: Step<State, Event, Effect>;
  /** Already rebuilt by replay. */
  state: State;
  clock: Clock;
  random: Random;
  /** Null for a core that keeps nothing: `then` is performed at once. */
  log: DurableLog | null;
  encode(entry: Entry): Uint8Array;
  /** Performs what only the shell of this role knows. */
  perform(effect: Exclude<Effect, Shared<Event, Effect, Entry>>): void;
  /** The log failed, or there is a bug. Nothing is performed after this. */
  onFatal(error: OrreryError): void;
};

export type Driver<State, Event> = {
  /** Feeds an event; it may be called from anywhere, also while effects are performed. */
  dispatch(event: Event): void;
  /**
   * Calls what dispatches events, and takes them then: what they want to be stored is appended together, behind the
   * last of them, since each append costs a promise. Not for events whose effects look at the log.
   */
  together(dispatching: () => void): void;
  readonly state: State;
  /** Ignores all further events and effects. */
  close(): void;
};

/** Starts driving. The core's `nowMs` looks like wall time and never goes back (see `steadyTime`). */
export function createDriver<State, Event, Effect extends { kind: string }, Entry>(
  options: DriverOptions<State, Event, Effect, Entry>,
): Driver<State, Event> {
  return new CoreDriver(options);
}

class CoreDriver<State, Event, Effect extends { kind: string }, Entry> implements Driver<State, Event> {
  state: State;
  readonly #options: DriverOptions<State, Event, Effect, Entry>;
  readonly #nowMs: () => number;
  #queue: Event[] = [];
  #busy = false;
  #closed = false;
  /** Inside `together`. */
  #gathers = false;
  /** What is still to be appended. */
  #unstored: Entry[] = [];
  #whenStored: Effect[] = [];

  constructor(options: DriverOptions<State, Event, Effect, Entry>) {
    this.#options = options;
    this.state = options.state;
    this.#nowMs = steadyTime(options.clock);
  }

  dispatch(event: Event): void {
    this.#settle(() => void this.#queue.push(event));
  }

  together(dispatching: () => void): void {
    if (this.#busy || this.#closed) {
      dispatching();
      return;
    }
    this.#busy = true;
    this.#gathers = true;
    try {
      dispatching();
    } finally {
      this.#busy = false;
      this.#settle(() => {});
      this.#gathers = false;
    }
  }

  close(): void {
    this.#closed = true;
  }

  readonly #fail = (thrown: unknown): void => {
    if (this.#closed) return;
    this.#closed = true;
    this.#options.onFatal(toOrreryError(thrown));
  };

  #performAll(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (this.#closed) return;
      if (isPersist<Entry, Effect>(effect)) this.#persist(effect);
      else if (isSelf<Event>(effect)) this.#queue.push(effect.event);
      else this.#options.perform(effect as Exclude<Effect, Shared<Event, Effect, Entry>>);
    }
  }

  #persist({ entries, then }: PersistEffect<Entry, Effect>): void {
    if (this.#options.log === null) {
      this.#performAll(then);
      return;
    }
    this.#unstored.push(...entries);
    this.#whenStored.push(...then);
    // An effect behind this one may take a snapshot: what the state holds must have its place in the log.
    if (!this.#gathers) this.#store();
  }

  #store(): void {
    const { log, encode } = this.#options;
    if (log === null || this.#unstored.length + this.#whenStored.length === 0 || this.#closed) return;
    const [entries, then] = [this.#unstored, this.#whenStored];
    this.#unstored = [];
    this.#whenStored = [];
    // Appends resolve in order, so the effects that waited are performed in order too.
    log.append(entries.map(encode)).then(() => this.#settle(() => this.#performAll(then)), this.#fail);
  }

  /** Does `first`, then works off all events; calls from inside only add to the queue. */
  #settle(first: () => void): void {
    if (this.#busy || this.#closed) {
      if (!this.#closed) first();
      return;
    }
    this.#busy = true;
    try {
      first();
      while (this.#queue.length > 0 && !this.#closed) {
        const events = this.#queue;
        this.#queue = [];
        for (const event of events) {
          if (this.#closed) return;
          const stepped = this.#options.step(this.state, event, this.#nowMs(), this.#options.random);
          this.state = stepped.state;
          this.#performAll(stepped.effects);
        }
      }
      if (this.#gathers) this.#store();
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#busy = false;
    }
  }
}

function isPersist<Entry, Effect>(effect: { kind: string }): effect is PersistEffect<Entry, Effect> {
  return effect.kind === 'persist';
}

function isSelf<Event>(effect: { kind: string }): effect is SelfEffect<Event> {
  return effect.kind === 'self';
}
