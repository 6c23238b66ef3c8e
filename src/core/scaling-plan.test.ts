import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { autoscalerDefaults, type AutoscalerPicture } from '../../containers/protocol/autoscaler.ts';
import { EMPTY_PICTURE, type ClusterPicture, type NodePicture } from './cluster-picture.ts';
import { afterExit, initialDesired, spawned, withIntent, type DesiredCluster } from './desired.ts';
import { foldAll } from './fold.ts';
import { wantedNode } from './fold-node.ts';
import type { JournalBody } from './journal.ts';
import { scalingPlan } from './scaling-plan.ts';

const NOW_MS = 1_000_000;
const LIVE: Partial<NodePicture> = { engineWord: 'running', monitorWord: 'ready', state: 'ready' };

const autoscaler = (wanted: number, enabled = true): AutoscalerPicture =>
  ({ settings: { ...autoscalerDefaults(8), enabled }, wanted }) as AutoscalerPicture;

function clusterOf(workers: number): DesiredCluster {
  return initialDesired({ worker: workers, datanode: 0 });
}

/** All ready, but for what is said of some. */
function pictureOf(desired: DesiredCluster, but: Record<string, Partial<NodePicture>> = {}): ClusterPicture {
  const nodes = desired.nodes.map(({ node, role }) => ({ ...wantedNode(node, role, 0), ...LIVE, ...but[node] }));
  return { ...EMPTY_PICTURE, phase: 'running', nodes };
}

describe('the panel starts and removes what the master says', () => {
  test.each([
    ['enough', 3, 3, { start: 0, remove: [] }],
    ['one missing', 3, 4, { start: 1, remove: [] }],
    ['many missing', 1, 9, { start: 8, remove: [] }],
    ['more than wanted: the master says itself who goes', 5, 2, { start: 0, remove: [] }],
  ])('%s', (_, have, wanted, plan) => {
    const desired = clusterOf(have);
    expect(scalingPlan(autoscaler(wanted), desired, pictureOf(desired), NOW_MS)).toEqual(plan);
  });

  test('nothing while it is off: one that was stopped stays as a tombstone', () => {
    const desired = clusterOf(2);
    const picture = pictureOf(desired, { 'worker-2': { monitorWord: 'left', leaving: true } });
    expect(scalingPlan(autoscaler(5, false), desired, picture, NOW_MS)).toEqual({ start: 0, remove: [] });
  });

  test('those that drain or have left are removed and do not count', () => {
    const desired = clusterOf(3);
    const picture = pictureOf(desired, {
      'worker-2': { monitorWord: 'draining', leaving: true },
      'worker-3': { monitorWord: 'left', leaving: true },
    });
    expect(scalingPlan(autoscaler(2), desired, picture, NOW_MS)).toEqual({
      start: 1,
      remove: ['worker-2', 'worker-3'],
    });
  });

  test('one that died while it drained is removed too; one that is being removed is not asked again', () => {
    let desired = withIntent(clusterOf(3), 'worker-2', 'killed');
    desired = withIntent(desired, 'worker-3', 'draining');
    const gone: Partial<NodePicture> = { monitorWord: 'dead', leaving: true, engineWord: 'exited', state: 'dead' };
    const picture = pictureOf(desired, { 'worker-2': gone, 'worker-3': { monitorWord: 'draining', leaving: true } });
    expect(scalingPlan(autoscaler(1), desired, picture, NOW_MS)).toEqual({ start: 0, remove: ['worker-2'] });
  });

  test('one that dies in mid-drain is removed, in whatever order its ends are heard of', () => {
    const alive = clusterOf(2);
    const incarnation = 5;
    const node = 'worker-2';
    const heard = (event: object) => ({ type: 'monitor-event', monitor: 'master', hlc: '', event }) as JournalBody;
    const says = (type: string, more: object = {}) => heard({ type, node, incarnation, ...more });
    const before: JournalBody[] = [
      ...alive.nodes.map(({ node: name, role }): JournalBody => ({
        type: 'node-wanted',
        node: name,
        role,
        by: 'user',
      })),
      { type: 'node-launched', node, role: 'worker' },
      { type: 'node-started', node, atMs: 1 },
      says('member-ready'),
    ];
    const exited: JournalBody = { type: 'node-exited', node, cause: 'killed', exitCode: 137, atMs: 9 };
    // Of the connection, of the heartbeats, of the engine: each may be first, and each may be missing.
    const doubts = fc.array(fc.constantFrom('member-suspect', 'member-trusted'), { maxLength: 3 });
    const words = fc.tuple(doubts, fc.constantFrom('member-dead', 'member-left', null), doubts, fc.nat(), fc.boolean());
    fc.assert(
      fc.property(words, ([early, end, late, at, asked]) => {
        const said = [...early, 'member-draining', ...late, ...(end === null ? [] : [end])].map((type) => says(type));
        const bodies = [...before, ...said.toSpliced(at % (said.length + 1), 0, exited)];
        const picture = foldAll(bodies.map((body, seq) => ({ seq, hlc: '', atMs: seq, body })));
        const desired = afterExit(asked ? withIntent(alive, node, 'draining') : alive, node);
        const { remove } = scalingPlan(autoscaler(1), desired, picture, NOW_MS);
        expect(remove).toEqual(asked ? [] : [node]);
      }),
    );
  });

  test('those that start count; when they are not needed any more the newest of them go first', () => {
    const { desired } = spawned(clusterOf(2), 'worker', 9);
    const starting: Partial<NodePicture> = { monitorWord: null, state: 'starting' };
    const but = Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`worker-${at + 3}`, starting]));
    expect(scalingPlan(autoscaler(11), desired, pictureOf(desired, but), NOW_MS)).toEqual({ start: 0, remove: [] });
    const { remove } = scalingPlan(autoscaler(9), desired, pictureOf(desired, but), NOW_MS);
    expect(remove).toEqual(['worker-11', 'worker-10']);
  });

  test('a dead one is replaced, a killed one stays a tombstone', () => {
    const desired = withIntent(clusterOf(3), 'worker-3', 'killed');
    const silent: Partial<NodePicture> = { monitorWord: 'dead', state: 'dead' };
    const picture = pictureOf(desired, { 'worker-2': silent, 'worker-3': { engineWord: 'exited', state: 'dead' } });
    expect(scalingPlan(autoscaler(3), desired, picture, NOW_MS)).toEqual({ start: 2, remove: [] });
  });

  test('when one after the other dies by itself, no more are started for a while', () => {
    const desired = ['worker-1', 'worker-2', 'worker-3'].reduce(
      (all, node) => withIntent(all, node, 'killed'),
      clusterOf(4),
    );
    const fallen = (by: 'user' | null): Partial<NodePicture> => ({
      engineWord: 'exited',
      state: 'dead',
      tombstone: { cause: 'crashed', atMs: NOW_MS - 5_000, exitCode: 1, by },
    });
    const all = (by: 'user' | null) =>
      pictureOf(desired, { 'worker-1': fallen(by), 'worker-2': fallen(by), 'worker-3': fallen(by) });
    expect(scalingPlan(autoscaler(3), desired, all(null), NOW_MS).start).toBe(0);
    expect(scalingPlan(autoscaler(3), desired, all(null), NOW_MS + 60_000).start).toBe(2);
    expect(scalingPlan(autoscaler(3), desired, all('user'), NOW_MS).start).toBe(2);
  });
});
