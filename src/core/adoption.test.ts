import { describe, expect, test } from 'vitest';
import { isComplete, unsaid, wasHalfLaunched } from './adoption.ts';
import type { NodePicture } from './cluster-picture.ts';
import { initialDesired, spawned, withIntent } from './desired.ts';
import { wantedNode } from './fold-node.ts';

const desired = initialDesired({ worker: 2, datanode: 0 });
const READY: Partial<NodePicture> = { state: 'ready', engineWord: 'running', launchedAtMs: 10, readyTookMs: 5 };

function picturesOf(but: Record<string, Partial<NodePicture>> = {}): NodePicture[] {
  return desired.nodes.map(({ node, role }) => ({ ...wantedNode(node, role, 0), ...READY, ...but[node] }));
}

describe('what the journal did not get to say', () => {
  test('nothing when it knows what is wanted', () => {
    expect(unsaid(desired, picturesOf())).toEqual([]);
  });

  test('nodes that it never heard of, and nodes that are gone', () => {
    const { desired: more } = spawned(desired, 'worker', 1);
    expect(unsaid(more, picturesOf())).toEqual([
      { type: 'node-wanted', node: 'worker-3', role: 'worker', by: 'supervisor' },
    ]);
    const fewer = { ...desired, nodes: desired.nodes.filter(({ node }) => node !== 'worker-2') };
    expect(unsaid(fewer, picturesOf())).toEqual([{ type: 'node-removed', node: 'worker-2' }]);
  });
});

test.each<[string, Partial<NodePicture>, boolean]>([
  ['launched, and no more is known', { engineWord: 'launched', readyTookMs: null }, true],
  ['started, but never ready', { readyTookMs: null }, true],
  ['it was ready', {}, false],
  ['it ended before', { engineWord: 'exited', readyTookMs: null }, false],
  ['it was only wanted', { engineWord: 'none', launchedAtMs: null, readyTookMs: null }, false],
  ['launched by this panel', { engineWord: 'launched', launchedAtMs: 30, readyTookMs: null }, false],
])('half launched by the panel before: %s', (_, change, is) => {
  const [node] = picturesOf({ master: change });
  expect(node && wasHalfLaunched(node, 20)).toBe(is);
});

describe('a cluster is complete', () => {
  test('when all that shall run does', () => {
    expect(isComplete(desired, picturesOf())).toBe(true);
    expect(isComplete(desired, picturesOf({ 'worker-2': { state: 'standby' } }))).toBe(true);
    expect(isComplete(desired, picturesOf({ 'worker-2': { state: 'suspect' } }))).toBe(false);
    expect(isComplete(desired, picturesOf().slice(0, -1))).toBe(false);
  });

  test('without those that shall not run, and those that were let go of', () => {
    const drains: Partial<NodePicture> = { state: 'draining', leaving: true };
    expect(isComplete(desired, picturesOf({ 'worker-2': drains }))).toBe(true);
    expect(isComplete(withIntent(desired, 'worker-2', 'killed'), picturesOf({ 'worker-2': { state: 'dead' } }))).toBe(
      true,
    );
  });
});
