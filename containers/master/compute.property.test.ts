/**
 * Master and worker cores under random schedules: lost links, kills of either side, wrong verdicts, old
 * frames, an unhurried disk. The numbers in the messages are those of the system-wide invariants.
 */
import fc from 'fast-check';
import { test } from 'vitest';
import { createRandom } from '../algorithms/seeded-random.ts';
import { perform, WEIGHTS } from './compute-schedule.ts';
import type { Operation } from './compute-schedule.ts';
import { ComputeWorld } from './compute-world.ts';

const weighted = Object.entries(WEIGHTS).map(([operation, weight]) => ({
  weight,
  arbitrary: fc.constant(operation as Operation),
}));
const schedule = fc.array(
  fc.record({
    operation: fc.oneof(...weighted),
    a: fc.nat({ max: 30 }),
    b: fc.nat({ max: 60 }),
  }),
  { minLength: 100, maxLength: 500, size: 'max' },
);

test('invariants 1, 4 to 13 and 31 hold after every step, and all tasks end once everything heals', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 3 }), schedule, (seed, capacity, operations) => {
      const world = new ComputeWorld(createRandom(seed).next, 2, capacity);
      for (const { operation, a, b } of operations) {
        perform(world, operation, a, b);
        world.checkInvariants();
      }
      world.settle();
      world.checkInvariants();
    }),
    // A schedule of hundreds of steps takes minutes to be made the shortest: what was found by then is shown.
    { numRuns: 60, interruptAfterTimeLimit: 45_000 },
  );
}, 60_000);
