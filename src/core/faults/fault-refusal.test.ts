import { expect, test } from 'vitest';
import { faultRefusal, type FaultTarget } from './fault-refusal.ts';
import type { FaultSpec } from './fault.ts';

const targets: FaultTarget[] = [
  { node: 'master', role: 'master', isUp: true },
  { node: 'worker-1', role: 'worker', isUp: true },
  { node: 'worker-2', role: 'worker', isUp: false },
  { node: 'headnode', role: 'headnode', isUp: true },
  { node: 'datanode-1', role: 'datanode', isUp: true },
];
const pause = (change: object = {}): FaultSpec => ({ kind: 'pause', nodes: ['worker-1'], forMs: 30_000, ...change });
const partition = (change: object = {}): FaultSpec => ({
  kind: 'partition',
  sideA: ['worker-1'],
  sideB: ['master'],
  oneWay: false,
  forMs: 30_000,
  ...change,
});
const link = (change: object = {}): FaultSpec => ({
  kind: 'link',
  from: ['worker-1'],
  to: 'all',
  bothWays: true,
  delayMs: 100,
  jitterMs: 10,
  lossShare: 0.1,
  forMs: 30_000,
  ...change,
});
const slowDisk = (change: object = {}): FaultSpec => ({
  kind: 'slow-disk',
  nodes: ['datanode-1'],
  delayMs: 50,
  forMs: 30_000,
  ...change,
});

test.each([pause(), partition(), partition({ oneWay: true }), link(), link({ to: ['master'] }), slowDisk()])(
  'grants $kind',
  (spec) => expect(faultRefusal(spec, targets)).toBeNull(),
);

test.each<[FaultSpec, string]>([
  [pause({ nodes: [] }), 'no node is named'],
  [pause({ forMs: 0 }), 'it must last at least 1 s'],
  [pause({ forMs: Number.NaN }), 'it must last at least 1 s'],
  [pause({ forMs: 3_600_001 }), 'it may last 1 h at most'],
  [partition({ sideA: [] }), 'side A of the partition is empty'],
  [partition({ sideB: [] }), 'side B of the partition is empty'],
  [partition({ sideB: ['master', 'worker-1'] }), 'worker-1 is on both sides'],
  [partition({ sideB: ['headnode'] }), 'these nodes do not talk to each other'],
  [link({ from: [] }), 'no node is named where the link begins'],
  [link({ to: [] }), 'no node is named where the link ends'],
  [link({ to: ['worker-1'] }), 'worker-1 is at both ends of the link'],
  [link({ delayMs: -1 }), 'the delay is negative'],
  [link({ delayMs: 60_001 }), 'the delay is more than 60 s'],
  [link({ jitterMs: -1 }), 'the jitter is negative'],
  [link({ jitterMs: 101 }), 'the jitter is larger than the delay'],
  [link({ lossShare: 1.1 }), 'the loss is not between 0 and 100 %'],
  [link({ delayMs: 0, jitterMs: 0, lossShare: 0 }), 'neither delay nor loss is asked'],
  [slowDisk({ delayMs: 0 }), 'the delay of the disk is less than 1 ms'],
  [slowDisk({ nodes: ['worker-1'] }), 'worker-1 is a worker: it has no disk'],
])('refuses %j: %s', (spec, reason) =>
  expect(faultRefusal(spec, targets)).toEqual({ code: 'bad-fault', details: { reason } }),
);

test('refuses nodes that are not there, or do not run', () => {
  expect(faultRefusal(pause({ nodes: ['worker-9'] }), targets)?.code).toBe('unknown-node');
  expect(faultRefusal(partition({ sideB: ['worker-2'] }), targets)).toEqual({
    code: 'node-busy',
    details: { reason: 'worker-2 does not run' },
  });
});
