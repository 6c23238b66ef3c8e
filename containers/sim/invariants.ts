/**
 * Invariants are asked after every step of a core and before every effect. Each is a fold: it is
 * created fresh for a run, sees the observations in order, and says what is wrong or null.
 */
import { Violation } from './world.ts';
import type { World } from './world.ts';

export type Invariant<Observation> = {
  /** Number and name as in ALGORITHMS.md. */
  name: string;
  create(): (observation: Observation) => string | null;
};

/** Has a world checked from now on; the first violation throws out of `runUntil`. */
export function watchInvariants<Observation>(
  world: World<Observation>,
  invariants: readonly Invariant<Observation>[],
): void {
  const checks = invariants.map(({ name, create }) => ({ name, check: create() }));
  world.watch((observation) => {
    for (const { name, check } of checks) {
      const wrong = check(observation);
      if (wrong !== null) throw new Violation(name, world.nowMs, wrong);
    }
  });
}
