/** For tests: what may happen in a ComputeWorld, and schedules drawn from a seed. */
import { expect } from 'vitest';
import { createRandom } from '../algorithms/seeded-random.ts';
import { TENANTS } from './batch-world.ts';
import { ComputeWorld } from './compute-world.ts';
import type { Mutation } from './test-rig.ts';

/** How often each is done, in proportion: enough harm to matter, enough quiet for tasks to get somewhere. */
export const WEIGHTS = {
  submit: 8,
  'submit-wait': 6,
  'submit-deadline': 5,
  'deadlines-pass': 6,
  'set-balancer': 1,
  'submit-batch': 4,
  'add-to-batch': 1,
  'seal-batch': 2,
  redrive: 2,
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

export type Operation = keyof typeof WEIGHTS;

/** `a` chooses whom, `b` how. */
export function perform(world: ComputeWorld, operation: Operation, a: number, b: number): void {
  const { rig, workers } = world;
  const worker = workers[a % workers.length] ?? expect.fail('there are workers');
  const { node } = worker;
  switch (operation) {
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
    default:
      return performAsClient(world, operation, a, b);
  }
}

type ClientOperation = Extract<
  Operation,
  | `submit${'' | '-wait' | '-deadline' | '-batch'}`
  | 'add-to-batch'
  | 'seal-batch'
  | 'redrive'
  | 'wait-ended'
  | 'client-gone'
  | 'deadlines-pass'
  | 'set-balancer'
>;

function performAsClient(world: ComputeWorld, operation: ClientOperation, a: number, b: number): void {
  switch (operation) {
    case 'submit':
    case 'submit-wait': {
      const keyed = b % 2 === 0;
      const id = keyed ? `key-${a % 4}` : `task-${world.requests}`;
      const payload = keyed && b % 10 === 0 ? 'other' : 'body';
      return world.submit(id, payload, operation === 'submit-wait', keyed, TENANTS[a % TENANTS.length]);
    }
    case 'submit-deadline': {
      const keyed = b % 3 === 0;
      const id = keyed ? `key-${a % 4}` : `task-${world.requests + 1}`;
      // Kinds differ, so what a client chose again under its own id is refused now and then.
      const kind = a % 3 === 0 ? 'fruit' : 'echo';
      return world.clients.submit(++world.requests, { id, kind, keyed, deadlineMs: (b % 10) * 100 });
    }
    case 'deadlines-pass':
      return world.clients.passDeadlines();
    case 'set-balancer':
      return world.clients.setBalancer(++world.requests, a, b);
    case 'submit-batch': {
      const tenant = TENANTS[b % TENANTS.length] ?? 'default';
      const options = { sealed: b % 4 !== 0, tenant, key: b % 5 === 0 ? `key-${a % 3}` : null };
      return world.batches.submit(++world.requests, 1 + (a % 4), options);
    }
    case 'add-to-batch':
      return world.batches.add(++world.requests, a, 1 + (b % 3));
    case 'seal-batch':
      return world.batches.seal(++world.requests, a);
    case 'redrive':
      return world.redrive(b, b % 3 === 0);
    case 'wait-ended':
    case 'client-gone': {
      const request = world.waiting[a % Math.max(1, world.waiting.length)];
      if (request !== undefined) world.rig.feed({ kind: operation, request });
      const late = world.clients.open()[b % 8];
      if (operation === 'client-gone' && late !== undefined) {
        world.clients.forget(late);
        world.rig.feed({ kind: operation, request: late });
      }
      return undefined;
    }
  }
}

/** A schedule of its own for every seed; throws at the first invariant that does not hold. */
export function playSeed(seed: number, steps: number, mutation: Mutation | null = null): void {
  const random = createRandom(seed);
  const bag = Object.entries(WEIGHTS).flatMap(([name, weight]) => Array<Operation>(weight).fill(name as Operation));
  const world = new ComputeWorld(random.split('world').next, 2, 1 + random.integer(3), mutation);
  for (let step = 0; step < steps; step++) {
    const operation = random.pick(bag) ?? expect.fail('the bag is empty');
    perform(world, operation, random.integer(31), random.integer(61));
    world.checkInvariants();
  }
  world.settle();
  world.checkInvariants();
}
