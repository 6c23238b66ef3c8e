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
  readonly state: State;
  /** Ignores all further events and effects. */
  close(): void;
};

/** Starts driving. The core's `nowMs` looks like wall time and never goes back (see `steadyTime`). */
export function createDriver<State, Event, Effect extends { kind: string }, Entry>(
  options: DriverOptions<State, Event, Effect, Entry>,
): Driver<State, Event> {
  const { step, log, encode, random } = options;
  const nowMs = steadyTime(options.clock);
  let { state } = options;
  let queue: Event[] = [];
  let busy = false;
  let closed = false;

  function fail(thrown: unknown): void {
    if (closed) return;
    closed = true;
    options.onFatal(toOrreryError(thrown));
  }

  function persist({ entries, then }: PersistEffect<Entry, Effect>): void {
    if (log === null) {
      performAll(then);
      return;
    }
    // Appends resolve in order, so the effects that waited are performed in order too.
    log.append(entries.map(encode)).then(() => settle(() => performAll(then)), fail);
  }

  function performAll(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (closed) return;
      if (isPersist<Entry, Effect>(effect)) persist(effect);
      else if (isSelf<Event>(effect)) queue.push(effect.event);
      else options.perform(effect as Exclude<Effect, Shared<Event, Effect, Entry>>);
    }
  }

  /** Does `first`, then works off all events; calls from inside only add to the queue. */
  function settle(first: () => void): void {
    if (busy || closed) {
      if (!closed) first();
      return;
    }
    busy = true;
    try {
      first();
      while (queue.length > 0 && !closed) {
        const events = queue;
        queue = [];
        for (const event of events) {
          if (closed) return;
          const stepped = step(state, event, nowMs(), random);
          state = stepped.state;
          performAll(stepped.effects);
        }
      }
    } catch (error) {
      fail(error);
    } finally {
      busy = false;
    }
  }

  return {
    dispatch: (event) => settle(() => void queue.push(event)),
    get state() {
      return state;
    },
    close() {
      closed = true;
    },
  };
}

function isPersist<Entry, Effect>(effect: { kind: string }): effect is PersistEffect<Entry, Effect> {
  return effect.kind === 'persist';
}

function isSelf<Event>(effect: { kind: string }): effect is SelfEffect<Event> {
  return effect.kind === 'self';
}
