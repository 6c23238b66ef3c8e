/**
 * Master and worker cores under random schedules: lost links, kills of either side, wrong verdicts, old
 * frames, an unhurried disk. The numbers in the messages are those of the system-wide invariants.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRandom } from '../algorithms/seeded-random.ts';
import { ComputeWorld } from './compute-world.ts';

/** How often each is done, in proportion: enough harm to matter, enough quiet for tasks to get somewhere. */
const WEIGHTS = {
  submit: 8,
  'submit-wait': 6,
  'wait-ended': 2,
  'client-gone': 2,
  'to-master': 24,
  'to-worker': 20,
  finish: 18,
  beat: 10,
  connect: 18,
  disconnect: 4,
  'restart-worker': 4,
  'engine-word': 4,
  'probe-answered': 4,
  drain: 1,
  leave: 1,
  advance: 6,
  pause: 1,
  sync: 16,
  'crash-master': 2,
  replay: 10,
};

type Operation = keyof typeof WEIGHTS;

/** `a` chooses whom, `b` how. */
function perform(world: ComputeWorld, operation: Operation, a: number, b: number): void {
  const { rig, workers } = world;
  const worker = workers[a % workers.length] ?? expect.fail('there are workers');
  const { node } = worker;
  switch (operation) {
    case 'submit':
    case 'submit-wait': {
      const keyed = b % 2 === 0;
      const id = keyed ? `key-${a % 4}` : `task-${world.requests}`;
      return world.submit(id, keyed && b % 10 === 0 ? 'other' : 'body', operation === 'submit-wait', keyed);
    }
    case 'wait-ended':
    case 'client-gone': {
      const request = world.waiting[a % Math.max(1, world.waiting.length)];
      if (request !== undefined) rig.feed({ kind: operation, request });
      return undefined;
    }
    case 'to-master':
      for (let n = 0; n <= b % 5; n++) world.deliverToMaster(worker);
      return undefined;
    case 'to-worker':
      for (let n = 0; n <= b % 5; n++) world.deliverToWorker(worker);
      return undefined;
    case 'finish':
      return world.finish(
        worker,
        b % 4 === 0
          ? { ok: false, error: 'broke', retry: b % 8 === 0 }
          : { ok: true, result: `by ${node} ${worker.incarnation} ${b}` },
      );
    case 'beat':
      return world.beat(worker);
    case 'connect':
      return world.connect(worker);
    case 'disconnect':
      return world.disconnect(worker);
    case 'restart-worker':
      return world.restart(worker);
    case 'engine-word':
      return rig.feed({ kind: 'engine-word', node, type: b % 4 === 0 ? 'started' : 'exited', atMs: rig.nowMs });
    case 'probe-answered': {
      const probe = world.probes.shift();
      if (probe !== undefined) rig.feed({ kind: 'probe-answered', ...probe, alive: b % 3 === 0 });
      return undefined;
    }
    case 'drain':
      return rig.feed({ kind: 'drain', node });
    case 'leave':
      return world.leave(worker);
    case 'advance':
      return rig.advance((b % 20) * 250);
    case 'pause':
      rig.nowMs += 1_000 * b;
      return undefined;
    case 'sync':
      return rig.sync(1 + (b % 4));
    case 'crash-master':
      return world.crashMaster(b % 4);
    case 'replay':
      return world.replay(b);
  }
}

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

test('invariants 1, 5, 8 to 10, 12, 13 and 31 hold after every step, and all tasks end once everything heals', () => {
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
    { numRuns: 60 },
  );
}, 60_000);
