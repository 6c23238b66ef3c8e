/** Runs a core in the simulated world as kit/core-driver.ts runs it in a container. */
import type { PersistEffect, SelfEffect, Step } from '../protocol/step.ts';
import type { Host } from './host.ts';

type Common<Entry, Effect, Event> = PersistEffect<Entry, Effect> | SelfEffect<Event>;

export type RunnerOptions<State, Event extends { kind: string }, Effect extends { kind: string }, Entry> = {
  host: Pick<Host<unknown>, 'isAlive' | 'random' | 'record'>;
  /** Writes to the log; a core that persists nothing never calls it. */
  append(entries: readonly Entry[], whenDurable: () => void): void;
  step: Step<State, Event, Effect>;
  state: State;
  nowMs(): number;
  perform(effect: Effect): void;
  /** Told of each step after it, before its effects are performed. */
  stepped(event: Event, effects: readonly Effect[], state: State): void;
  /** Told of each effect just before it is performed. */
  performing(effect: Effect, state: State): void;
  /** A deliberate fault: what to do instead of these effects. Identity in an honest world. */
  sabotage(effects: Effect[], event: Event, state: State): Effect[];
};

/** Returns `dispatch`: feeds an event to the core and performs what it asks, in order. */
export function runCore<State, Event extends { kind: string }, Effect extends { kind: string }, Entry>(
  options: RunnerOptions<State, Event, Effect, Entry>,
  asCommon: (effect: Effect) => Common<Entry, Effect, Event> | null,
): (event: Event) => void {
  const { host } = options;
  let state = options.state;
  const waiting: Event[] = [];
  let isRunning = false;

  const performAll = (effects: readonly Effect[]) => {
    for (const effect of effects) {
      if (!host.isAlive) return;
      const common = asCommon(effect);
      if (common === null) {
        options.performing(effect, state);
        options.perform(effect);
      } else if (common.kind === 'self') {
        waiting.push(common.event);
      } else {
        options.append(common.entries, () => {
          performAll(common.then);
          drain();
        });
      }
    }
  };

  const drain = () => {
    if (isRunning) return;
    isRunning = true;
    for (let event = waiting.shift(); event !== undefined && host.isAlive; event = waiting.shift()) {
      host.record(event.kind, () => JSON.stringify(event));
      const stepped = options.step(state, event, options.nowMs(), host.random);
      state = stepped.state;
      options.stepped(event, stepped.effects, state);
      performAll(options.sabotage(stepped.effects, event, state));
    }
    isRunning = false;
  };

  return (event) => {
    if (!host.isAlive) return;
    waiting.push(event);
    drain();
  };
}
