import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Role } from '../../containers/protocol/roles.ts';
import {
  afterExit,
  desiredNode,
  forgotten,
  initialDesired,
  refusal,
  resumed,
  spawned,
  withHeldDown,
  withIntent,
  type DesiredCluster,
  type Intent,
} from './desired.ts';
import { exitCause } from './exit-cause.ts';
import { monitorOf } from './node-names.ts';
import {
  PLAN_TIMINGS,
  failuresAfterExit,
  plan,
  restartWaitMs,
  unseen,
  type Action,
  type Observed,
  type ObservedNode,
} from './plan.ts';

const NOW = 1_000_000;
const desired = initialDesired({ worker: 1, datanode: 1 });

function observed(nodes: (Partial<ObservedNode> & { node: string })[], more: Partial<Observed> = {}): Observed {
  return {
    engineLost: false,
    stopping: false,
    monitors: { master: true, headnode: true },
    nodes: new Map(nodes.map((node) => [node.node, { ...unseen(node.node), ...node }])),
    strays: [],
    ...more,
  };
}

const up = (node: string): ObservedNode => ({
  ...unseen(node),
  engineWord: 'running',
  monitorWord: 'ready',
  wasReady: true,
  launchedAtMs: NOW - 100_000,
});
const allUp = (...changes: (Partial<ObservedNode> & { node: string })[]) =>
  observed(
    ['master', 'headnode', 'worker-1', 'datanode-1'].map((node) => ({
      ...up(node),
      ...changes.find((change) => change.node === node),
    })),
  );
const actionsOf = (wanted: DesiredCluster, seen: Observed, nowMs = NOW) => plan(wanted, seen, nowMs).actions;

describe('plan', () => {
  test('launches all that is wanted and not there, at once', () => {
    expect(actionsOf(desired, observed([]))).toEqual(
      ['master', 'headnode', 'worker-1', 'datanode-1'].map((node) => ({ kind: 'launch', node })),
    );
  });

  test('does nothing when all is as wanted', () => {
    expect(plan(desired, allUp(), NOW)).toEqual({ actions: [], wakeAtMs: null });
  });

  test('does nothing while the engine is lost, or while the cluster stops', () => {
    expect(plan(desired, observed([], { engineLost: true }), NOW)).toEqual({ actions: [], wakeAtMs: null });
    expect(plan(desired, observed([], { stopping: true }), NOW)).toEqual({ actions: [], wakeAtMs: null });
  });

  test.each<[string, Intent, Partial<ObservedNode>, Action['kind'][]]>([
    ['kills what shall be dead and lives', 'killed', {}, ['kill']],
    ['kills what is paused', 'killed', { engineWord: 'paused' }, ['kill']],
    ['leaves a tombstone alone', 'killed', { engineWord: 'exited', exitedAtMs: NOW }, []],
    ['respawns at once what is wanted again', 'running', { engineWord: 'exited', exitedAtMs: NOW }, ['launch']],
    ['drains first', 'draining', {}, ['drain']],
    ['does not drain twice', 'draining', { drain: { firstAskedAtMs: NOW, accepted: true, retryAtMs: 0 } }, []],
    [
      'waits before it asks again for a drain',
      'draining',
      { drain: { firstAskedAtMs: NOW, accepted: false, retryAtMs: NOW + 9 } },
      [],
    ],
    ['asks again then', 'draining', { drain: { firstAskedAtMs: NOW - 9, accepted: false, retryAtMs: NOW } }, ['drain']],
    ['removes what has left', 'draining', { monitorWord: 'left' }, ['remove']],
    ['removes what its monitor does not know', 'draining', { monitorWord: null }, ['remove']],
    ['removes a tombstone without draining', 'draining', { engineWord: 'exited' }, ['remove']],
    [
      'removes when draining took too long',
      'draining',
      { drain: { firstAskedAtMs: NOW - 35_000, accepted: true, retryAtMs: 0 } },
      ['remove'],
    ],
    ['removes', 'removed', {}, ['remove']],
    ['keeps its hands off while an action is under way', 'removed', { busy: true }, []],
    ['waits after a failure', 'removed', { notBeforeMs: NOW + 1 }, []],
  ])('%s', (_, intent, change, kinds) => {
    const actions = actionsOf(withIntent(desired, 'worker-1', intent), allUp({ node: 'worker-1', ...change }));
    expect(actions.map((action) => action.kind)).toEqual(kinds);
  });

  test('restarts the master a moment after its end, unless it is held down', () => {
    const dead = allUp({ node: 'master', engineWord: 'exited', exitedAtMs: NOW });
    expect(plan(desired, dead, NOW)).toEqual({ actions: [], wakeAtMs: NOW + PLAN_TIMINGS.restartDelayMs });
    expect(actionsOf(desired, dead, NOW + PLAN_TIMINGS.restartDelayMs)).toEqual([{ kind: 'launch', node: 'master' }]);
    expect(plan(withHeldDown(desired, 'master', true), dead, NOW + 1e9)).toEqual({ actions: [], wakeAtMs: null });
  });

  test('backs off from a master that crashes again and again', () => {
    const waits = [0, 1, 2, 3, 20].map((failures) => restartWaitMs(failures, PLAN_TIMINGS));
    expect(waits).toEqual([250, 500, 1_000, 2_000, 30_000]);
    const dead = allUp({ node: 'master', engineWord: 'exited', exitedAtMs: NOW, failures: 3 });
    expect(plan(desired, dead, NOW).wakeAtMs).toBe(NOW + 2_000);
  });

  test('forgives failures when somebody asked, or when it had lived well', () => {
    expect([
      failuresAfterExit(5, true, 0),
      failuresAfterExit(5, false, 60_000),
      failuresAfterExit(5, false, 10),
    ]).toEqual([0, 1, 6]);
  });

  test('backs off from a launch that fails', () => {
    const failed = allUp({ node: 'worker-1', engineWord: 'none', failures: 2, failedAtMs: NOW });
    expect(plan(desired, failed, NOW)).toEqual({ actions: [], wakeAtMs: NOW + 1_000 });
  });

  test('tells the monitor of an end before it respawns, but not for ever', () => {
    const dead = { node: 'worker-1', engineWord: 'exited', exitedAtMs: NOW, told: false } as const;
    expect(actionsOf(desired, allUp(dead))).toEqual([
      { kind: 'tell', monitor: 'master', node: 'worker-1', type: 'exited', atMs: NOW },
    ]);
    expect(actionsOf(desired, allUp({ ...dead, told: true, telling: true }))).toEqual([]);
    expect(actionsOf(desired, allUp({ ...dead, told: true }))).toEqual([{ kind: 'launch', node: 'worker-1' }]);
    expect(actionsOf(desired, allUp({ ...dead, told: true, telling: true }), NOW + 1_000)).toEqual([
      { kind: 'launch', node: 'worker-1' },
    ]);
    const deaf = { ...allUp(dead), monitors: { master: false, headnode: true } };
    expect(actionsOf(desired, deaf)).toEqual([{ kind: 'launch', node: 'worker-1' }]);
  });

  test.each<[string, Partial<ObservedNode>, boolean, string]>([
    ['worker-1', { engineWord: 'launched', monitorWord: null }, true, 'its container to start'],
    ['worker-1', { monitorWord: null }, true, 'its registration with the master'],
    ['worker-1', { monitorWord: 'joining' }, true, 'the master to call it ready'],
    ['worker-1', { monitorWord: null }, false, 'the master, which does not answer either'],
    ['master', { monitorWord: null }, false, 'the master to answer the panel'],
  ])('reports %s as not ready, %o', (node, change, monitor, awaited) => {
    const late = { node, wasReady: false, launchedAtMs: NOW - 30_000, ...change };
    const seen = { ...allUp(late), monitors: { master: monitor, headnode: true } };
    const report = { kind: 'report-not-ready', node, awaited, waitedMs: 30_000 };
    expect(actionsOf(desired, seen)).toEqual([report]);
    expect(plan(desired, seen, NOW - 1).wakeAtMs).toBe(NOW);
    const told = { ...allUp({ ...late, notReadyReported: true }), monitors: seen.monitors };
    expect(actionsOf(desired, told)).toEqual([]);
  });

  test('removes what nobody wants', () => {
    expect(actionsOf(desired, { ...allUp(), strays: ['worker-7'] })).toEqual([
      { kind: 'remove-stray', node: 'worker-7' },
    ]);
  });
});

describe('what is wanted', () => {
  test('numbers are never used again', () => {
    const more = spawned(desired, 'worker', 2);
    expect(more.nodes).toEqual(['worker-2', 'worker-3']);
    expect(spawned(forgotten(more.desired, 'worker-3'), 'worker', 1).nodes).toEqual(['worker-4']);
  });

  test('after an end a worker stays down, the master comes back, a leaving one goes on leaving', () => {
    expect(desiredNode(afterExit(desired, 'worker-1'), 'worker-1')?.intent).toBe('killed');
    expect(desiredNode(afterExit(withIntent(desired, 'master', 'killed'), 'master'), 'master')?.intent).toBe('running');
    expect(desiredNode(afterExit(withIntent(desired, 'worker-1', 'draining'), 'worker-1'), 'worker-1')?.intent).toBe(
      'draining',
    );
  });

  test('a kept cluster comes back with all datanodes and as many workers as asked', () => {
    const kept = withIntent(initialDesired({ worker: 3, datanode: 3 }), 'datanode-2', 'killed');
    const names = (cluster: DesiredCluster) => cluster.nodes.map((node) => node.node).sort();
    expect(names(resumed(kept, { worker: 1, datanode: 1 }))).toEqual([
      'datanode-1',
      'datanode-2',
      'datanode-3',
      'headnode',
      'master',
      'worker-1',
    ]);
    expect(names(resumed(kept, { worker: 4, datanode: 4 }))).toContain('worker-4');
    expect(names(resumed(kept, { worker: 4, datanode: 4 }))).toContain('datanode-4');
    expect(resumed(kept, { worker: 0, datanode: 0 }).nodes.every((node) => node.intent === 'running')).toBe(true);
  });

  test('refuses by code what cannot be', () => {
    expect(refusal(desired, 'worker-9', 'kill', false)).toEqual({
      code: 'unknown-node',
      details: { node: 'worker-9' },
    });
    expect(refusal(desired, 'master', 'remove', false)?.code).toBe('node-busy');
    expect(refusal(withIntent(desired, 'worker-1', 'killed'), 'worker-1', 'respawn', false)?.code).toBe('node-busy');
    expect(refusal(withIntent(desired, 'worker-1', 'killed'), 'worker-1', 'respawn', true)).toBeNull();
    expect(refusal(withIntent(desired, 'worker-1', 'draining'), 'worker-1', 'respawn', true)?.code).toBe('node-busy');
    expect(refusal(desired, 'worker-1', 'hold-down', false)?.code).toBe('node-busy');
    expect(refusal(desired, 'master', 'hold-down', false)).toBeNull();
  });
});

test.each<[Parameters<typeof exitCause>[0], string]>([
  [{ asked: 'stop', exitCode: 137, outOfMemory: false }, 'stopped'],
  [{ asked: 'remove', exitCode: 137, outOfMemory: false }, 'removed'],
  [{ asked: 'kill', exitCode: 137, outOfMemory: true }, 'killed'],
  [{ asked: null, exitCode: 137, outOfMemory: true }, 'out-of-memory'],
  [{ asked: null, exitCode: 137, outOfMemory: false }, 'killed'],
  [{ asked: null, exitCode: 143, outOfMemory: false }, 'stopped'],
  [{ asked: null, exitCode: 1, outOfMemory: false }, 'crashed'],
])('an exit %o was %s', (exit, cause) => {
  expect(exitCause(exit)).toBe(cause);
});

describe('the control loop, on a world that obeys', () => {
  const roleOf = (node: string): Role =>
    node === 'master' || node === 'headnode' ? node : node.startsWith('worker') ? 'worker' : 'datanode';
  const names = ['master', 'headnode', 'worker-1', 'worker-2', 'datanode-1'];
  const intentFor = (node: string) =>
    monitorOf(roleOf(node)) === null
      ? fc.constantFrom<Intent>('running')
      : fc.constantFrom<Intent>('running', 'killed', 'draining', 'removed');
  const world = fc.record({
    intents: fc.tuple(...names.map(intentFor)),
    held: fc.tuple(fc.boolean(), fc.boolean()),
    nodes: fc.tuple(
      ...names.map((node) =>
        fc.record({
          node: fc.constant(node),
          engineWord: fc.constantFrom('none', 'launched', 'running', 'paused', 'exited'),
          monitorWord: fc.constantFrom('ready', 'suspect', 'dead', 'left', null),
          wasReady: fc.boolean(),
          launchedAtMs: fc.constant(NOW - 5_000),
          exitedAtMs: fc.constantFrom(null, NOW - 10),
          failures: fc.nat(6),
          failedAtMs: fc.constantFrom(null, NOW - 10),
          told: fc.boolean(),
        }),
      ),
    ),
    monitors: fc.record({ master: fc.boolean(), headnode: fc.boolean() }),
    strays: fc.constantFrom<string[]>([], ['worker-9']),
  });
  type World = typeof world extends fc.Arbitrary<infer W> ? W : never;

  function build({ intents, held, nodes, monitors, strays }: World) {
    let wanted = initialDesired({ worker: 2, datanode: 1 });
    names.forEach((node, index) => (wanted = withIntent(wanted, node, intents[index] ?? 'running')));
    wanted = withHeldDown(withHeldDown(wanted, 'master', held[0]), 'headnode', held[1]);
    return { wanted, seen: observed(nodes as ObservedNode[], { monitors, strays }) };
  }

  /** Performs an action as a faithful engine and monitors would. */
  function obey(wanted: DesiredCluster, seen: Observed, action: Action, nowMs: number) {
    const nodes = new Map(seen.nodes);
    const set = (change: Partial<ObservedNode>) =>
      nodes.set(action.node, { ...(nodes.get(action.node) ?? unseen(action.node)), ...change });
    let next = wanted;
    let { strays } = seen;
    switch (action.kind) {
      case 'launch':
        set({
          engineWord: 'running',
          monitorWord: 'ready',
          wasReady: true,
          launchedAtMs: nowMs,
          exitedAtMs: null,
          told: true,
        });
        break;
      case 'kill':
        set({ engineWord: 'exited', exitedAtMs: nowMs, told: false });
        next = afterExit(wanted, action.node);
        break;
      case 'remove':
        nodes.delete(action.node);
        next = forgotten(wanted, action.node);
        break;
      case 'drain':
        set({ monitorWord: 'left' });
        break;
      case 'remove-stray':
        strays = strays.filter((node) => node !== action.node);
        break;
      case 'tell':
        set({ told: true });
        break;
      case 'report-not-ready':
        set({ notReadyReported: true });
        break;
    }
    return { wanted: next, seen: { ...seen, nodes, strays } };
  }

  test('the same question gets the same answer, and changes nothing', () => {
    fc.assert(
      fc.property(world, (any) => {
        const { wanted, seen } = build(any);
        const before = structuredClone({ wanted, seen });
        const first = plan(wanted, seen, NOW);
        expect(plan(wanted, seen, NOW)).toEqual(first);
        expect({ wanted, seen }).toEqual(before);
      }),
    );
  });

  test('no node gets two actions on its container at once, and a busy one none', () => {
    const onContainer = new Set<Action['kind']>(['launch', 'kill', 'remove', 'drain']);
    fc.assert(
      fc.property(world, (any) => {
        const { wanted, seen } = build(any);
        const touched = plan(wanted, seen, NOW).actions.filter((action) => onContainer.has(action.kind));
        expect(new Set(touched.map((action) => action.node)).size).toBe(touched.length);
        const busy = new Map([...seen.nodes].map(([name, node]) => [name, { ...node, busy: true }]));
        const then = plan(wanted, { ...seen, nodes: busy }, NOW).actions;
        expect(then.filter((action) => onContainer.has(action.kind))).toEqual([]);
      }),
    );
  });

  test('it comes to rest, and what is wanted is then so', () => {
    fc.assert(
      fc.property(world, (any) => {
        let { wanted, seen } = build(any);
        let nowMs = NOW;
        for (let round = 0; ; round++) {
          expect(round).toBeLessThan(30);
          const { actions, wakeAtMs } = plan(wanted, seen, nowMs);
          for (const action of actions) ({ wanted, seen } = obey(wanted, seen, action, nowMs));
          if (actions.length > 0) continue;
          if (wakeAtMs === null) break;
          expect(wakeAtMs).toBeGreaterThan(nowMs);
          nowMs = wakeAtMs;
        }
        for (const node of wanted.nodes) {
          const word = seen.nodes.get(node.node)?.engineWord ?? 'none';
          const lives = word !== 'none' && word !== 'exited';
          expect([node.node, node.intent, lives || node.heldDown]).toEqual([
            node.node,
            node.intent,
            node.intent === 'running' || node.heldDown,
          ]);
          expect(['running', 'killed']).toContain(node.intent);
        }
        expect(seen.strays).toEqual([]);
      }),
    );
  });
});
