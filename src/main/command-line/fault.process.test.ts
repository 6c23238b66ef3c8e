import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ActiveFault } from '../../core/faults/fault.ts';
import type { FaultInjected, FaultsHealed } from '../../contract/faults-schema.ts';
import { TestPanel } from '../faults/test-panel.ts';

const panel = new TestPanel({ engine: 'process', workers: 1, datanodes: 1 });
beforeAll(() => panel.serve());
afterAll(() => panel.close());

test('breaks, lists and heals, for people and for scripts', async () => {
  const broken = await panel.run('fault', 'delay', 'worker-1', '--by', '100ms', '--for', '60s', '--json');
  expect(broken.code).toBe(0);
  const { fault, measured } = JSON.parse(broken.out) as FaultInjected;
  expect(measured.at(-1)?.measures[0]).toMatchObject({ quantity: 'added-ms', asked: 200, ok: true });
  const text = await panel.run('fault', 'partition', 'datanode-1', 'headnode,master', '--one-way', '--for', '60s');
  expect(text.out).toMatch(/partition of datanode-1 → headnode, master\n/);
  expect(text.out).toContain('during: datanode-1→headnode messages that passed: asked 0, measured 0 of 10');

  const listed = JSON.parse((await panel.run('faults', '--json')).out) as ActiveFault[];
  expect(listed.map(({ spec }) => spec.kind)).toEqual(['link', 'partition']);
  expect((await panel.run('faults')).out).toMatch(/worker-1 – everyone: \+100 ms {2}\d+ s left/);

  const one = await panel.run('heal', fault);
  expect([one.code, one.out]).toEqual([0, `${fault} healed\nstill on: 1 more, see orrery faults\n`]);
  const all = await panel.run('heal', '--json');
  expect(all.code).toBe(0);
  expect(JSON.parse(all.out)).toMatchObject({ clean: true, othersOn: 0 } satisfies Partial<FaultsHealed>);
  expect((await panel.run('faults')).out).toBe('no fault is on\n');
});

test('what was killed is still down after healing, and comes back when it is respawned', async () => {
  expect((await panel.run('fault', 'kill', 'worker-1')).code).toBe(0);
  expect((await panel.run('heal')).out).toMatch(/^clean: .*\nstill down: worker-1 \(orrery respawn worker-1\)\n$/);
  expect(await panel.run('respawn', 'worker-1', 'worker-9')).toEqual({
    code: 1,
    out: 'worker-1 ready\n',
    err: expect.stringMatching(/^unknown-node: There is no node worker-9/),
  });
  expect((await panel.run('heal')).out).toMatch(/^clean: .*\n$/);
});

test.each([
  [['fault', 'pause', 'worker-1', '--for', '2h'], 2, 'bad-fault: This fault cannot be: it may last 1 h at most'],
  [['fault', 'pause', 'worker-1', '--for', 'long'], 2, 'long is not a duration'],
  [['fault', 'loss', 'worker-1', '--share', '120%'], 2, 'It must be a share like 10%'],
  [['fault', 'partition', 'worker-1', 'datanode-1'], 2, 'these nodes do not talk to each other'],
  [['fault', 'partition', 'worker-1', ','], 2, 'side B of the partition is empty'],
  [['fault', 'pause', 'worker-9'], 1, 'unknown-node: There is no node worker-9'],
  [['heal', 'partition-1'], 1, 'unknown-fault: There is no fault partition-1'],
])('%j ends with %d: %s', async (args, code, said) => {
  const ended = await panel.run(...args);
  expect([ended.code, ended.out]).toEqual([code, '']);
  expect(ended.err).toContain(said);
});
