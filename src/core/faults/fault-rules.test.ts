import { describe, expect, test } from 'vitest';
import { edgeName, edgesOf, rulesOf, type MessageFault } from './fault-rules.ts';

const nodes = [
  { node: 'master', role: 'master' },
  { node: 'worker-1', role: 'worker' },
  { node: 'worker-2', role: 'worker' },
  { node: 'headnode', role: 'headnode' },
  { node: 'datanode-1', role: 'datanode' },
  { node: 'datanode-2', role: 'datanode' },
  { node: 'datanode-3', role: 'datanode' },
] as const;
const partition = (sideA: string[], sideB: string[], oneWay = false): MessageFault => ({
  kind: 'partition',
  sideA,
  sideB,
  oneWay,
  forMs: 1_000,
});
const link = (change: Partial<Extract<MessageFault, { kind: 'link' }>>): MessageFault => ({
  kind: 'link',
  from: ['worker-1'],
  to: 'all',
  bothWays: true,
  delayMs: 100,
  jitterMs: 5,
  lossShare: 0.1,
  forMs: 1_000,
  ...change,
});
const named = (spec: MessageFault) => edgesOf(spec, nodes).map((edge) => `${edgeName(edge)} at ${edge.host}`);

describe('the edges of a fault', () => {
  test('are those over which the two sides talk, both ways', () => {
    expect(named(partition(['worker-1', 'datanode-1'], ['master', 'datanode-2', 'worker-2']))).toEqual([
      'worker-1→master at master',
      'master→worker-1 at master',
      'datanode-1→master at master',
      'master→datanode-1 at master',
      'datanode-1→datanode-2 at datanode-1',
      'datanode-2→datanode-1 at datanode-1',
    ]);
  });

  test('are of one direction when only that is cut', () => {
    expect(named(partition(['headnode'], ['datanode-1', 'master'], true))).toEqual([
      'headnode→datanode-1 at headnode',
      'headnode→master at headnode',
    ]);
  });

  test('of a node are all of its', () => {
    expect(named(link({ from: ['worker-2'] }))).toEqual(['worker-2→master at master', 'master→worker-2 at master']);
    expect(edgesOf(link({ from: ['datanode-1'] }), nodes)).toHaveLength(8);
  });

  test('come once, and in one place, though both ends are named', () => {
    expect(named(link({ from: ['datanode-1', 'datanode-2'], to: ['datanode-1', 'datanode-2'] }))).toEqual([
      'datanode-1→datanode-2 at datanode-1',
      'datanode-2→datanode-1 at datanode-1',
    ]);
  });

  test('are none between nodes that do not talk', () => {
    expect(edgesOf(partition(['worker-1'], ['worker-2', 'headnode', 'datanode-1']), nodes)).toEqual([]);
  });
});

test('rules are for the other end, in the direction as the holder sees it', () => {
  const spec = link({ from: ['worker-1'], to: ['master'], bothWays: false });
  expect(rulesOf('f', spec, edgesOf(spec, nodes), 500)).toEqual(
    new Map([
      [
        'master',
        [
          {
            fault: 'f',
            peer: 'worker-1',
            direction: 'in',
            effect: { kind: 'delay', delayMs: 100, jitterMs: 5 },
            forMs: 500,
          },
          { fault: 'f', peer: 'worker-1', direction: 'in', effect: { kind: 'drop', probability: 0.1 }, forMs: 500 },
        ],
      ],
    ]),
  );
  const cut = partition(['datanode-1'], ['datanode-2']);
  const rules = rulesOf('f', cut, edgesOf(cut, nodes), 500).get('datanode-1');
  expect(rules?.map(({ peer, direction }) => `${direction} ${peer}`)).toEqual(['out datanode-2', 'in datanode-2']);
});
