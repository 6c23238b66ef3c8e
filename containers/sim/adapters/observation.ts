/**
 * What watchers are told of a core: `step`, after it decided and before its effects are performed,
 * and `effect`, just before one is performed (those in a `persist` when they are due).
 */
export type CoreObservation<Role extends string, State, Event, Effect> = { role: Role; node: string; state: State } & (
  { at: 'step'; event: Event; effects: readonly Effect[] } | { at: 'effect'; effect: Effect }
);

/** A process of a node began; whatever its memory held before is gone. */
export type StartObservation = { role: 'process'; node: string; at: 'start' };
