/**
 * The shape of every decision in Orrery's containers.
 *
 * A core is a function `step(state, event, nowMs, random)`. It owns `state` (it may update it in
 * place and must return it), reads no clock, no disk and no socket, and answers with effects: data
 * that says what the shell has to do, in order. The same core runs in a container and in the
 * simulator.
 *
 * Two effects mean the same for every core and are performed by the shell's driver itself:
 * - `persist`: append `entries` to the durable log; when they are synced to disk, perform `then`,
 *   in the order in which the entries were appended. Effects outside `then` do not wait.
 * - `self`: feed `event` back to the core, after the effects before it.
 */
export type PersistEffect<Entry, Effect> = { kind: 'persist'; entries: Entry[]; then: Effect[] };
export type SelfEffect<Event> = { kind: 'self'; event: Event };

export type Stepped<State, Effect> = { state: State; effects: Effect[] };

/** A number in [0, 1), from a seeded generator in the simulator. */
export type Random = () => number;

export type Step<State, Event, Effect> = (
  state: State,
  event: Event,
  nowMs: number,
  random: Random,
) => Stepped<State, Effect>;

/** Closes a `switch` over a union: the type checker is red when a case is missing. */
export function exhaustive(value: never): never {
  throw new Error(`unhandled case: ${JSON.stringify(value)}`);
}
