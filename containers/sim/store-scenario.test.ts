import { expect, test } from 'vitest';
import type { Fault } from './faults.ts';
import { scenarioCases } from './scenario.cases.ts';
import { storeScenario } from './store-scenario.ts';

const kill = (node: string, atMs: number, forMs: number) =>
  ({ kind: 'kill', node, atMs, forMs, isSilent: false, isTold: true }) as const;

scenarioCases(storeScenario, {
  mutants: [
    { sabotage: 'reply-after-majority', faults: null, seedsMax: 5 },
    {
      // The primary of shard 0 and a client are cut off together; the others go on without them.
      sabotage: 'read-without-confirm',
      faults: [{ atMs: 600, forMs: 4_500, kind: 'partition', side: ['datanode-1', 'client-1'] }],
      seedsMax: 30,
    },
    { sabotage: 'add-before-catch-up', faults: null, seedsMax: 10 },
    {
      // The primary restarts and does not hear that its epoch is over.
      sabotage: 'restart-resumes-epoch',
      faults: [
        { atMs: 600, forMs: 4_500, kind: 'one-way', from: 'headnode', to: 'datanode-1' },
        { ...kill('datanode-1', 1_000, 100), isTold: false },
      ],
      seedsMax: 30,
    },
    { sabotage: 'ack-before-sync', faults: null, seedsMax: 5 },
    { sabotage: 'accepts-old-epochs', faults: null, seedsMax: 60 },
    { sabotage: 'announce-before-sync', faults: null, seedsMax: 5 },
    {
      // The old members are cut off, with a client, at the moment in which the joiner is to be added.
      sabotage: 'confirm-skips-joiner',
      faults: [
        kill('datanode-4', 600, 1_500),
        {
          atMs: 610,
          forMs: 5_000,
          kind: 'partition',
          side: ['datanode-1', 'datanode-5', 'client-1'],
          after: { moment: 'add', occurrence: 2 },
        },
      ],
      seedsMax: 60,
    },
    {
      // While the headnode's disk is slow to take the view with the joiner, nothing reaches the joiner.
      sabotage: 'joiner-leaves',
      faults: [
        kill('datanode-4', 600, 1_500),
        { atMs: 610, forMs: 400, kind: 'disk-stall', node: 'headnode', after: { moment: 'add', occurrence: 1 } },
        {
          atMs: 610,
          forMs: 800,
          kind: 'one-way',
          from: 'datanode-1',
          to: 'datanode-3',
          after: { moment: 'add', occurrence: 1 },
        },
        {
          atMs: 610,
          forMs: 800,
          kind: 'one-way',
          from: 'datanode-3',
          to: 'datanode-1',
          after: { moment: 'add', occurrence: 1 },
        },
      ],
      seedsMax: 20,
    },
  ],
  busy: ['put ok', 'put info', 'get ok', 'delete ok', 'compare-and-set ok', 'compare-and-set failed', 'faults'],
});

/** Schedules that once broke the store, shrunk. */
test.each<{ name: string; seed: number; faults: readonly Fault[] }>([
  {
    name: 'a node that lost its disk does not take office with nothing',
    seed: 520,
    faults: [
      { atMs: 523.8, forMs: 1_946.6, kind: 'pause', node: 'datanode-3' },
      { atMs: 1_412.4, forMs: 1_125, kind: 'suspicion', node: 'datanode-1' },
      { atMs: 1_726.3, forMs: 465.8, kind: 'lost-disk', node: 'datanode-4' },
    ],
  },
])('pinned: $name', ({ seed, faults }) => {
  const { violation } = storeScenario.run({ seed, seconds: 6, sabotage: null, faults, trace: null });
  expect(violation?.message).toBeUndefined();
});
