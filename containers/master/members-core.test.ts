import { describe, expect, test } from 'vitest';
import { MasterRig, WORKER_INFO } from './test-rig.ts';

function ready(): MasterRig {
  const rig = new MasterRig();
  rig.boot();
  return rig;
}

function rowOf(rig: MasterRig, id: string) {
  return rig.state.queue.rows.get(id) ?? expect.fail(`no task ${id}`);
}

describe('members', () => {
  test('silence: no new work, then a probe, then dead; its task goes to another', () => {
    const rig = ready();
    rig.join('worker-1');
    rig.submit(1);
    rig.join('worker-2', { link: 2 });
    rig.performed = [];
    let seq = 1;
    rig.advance(3_000, () => rig.beat('worker-2', ++seq, { link: 2 }));
    expect(rig.takeEvents()).toMatchObject([{ type: 'member-suspect', node: 'worker-1' }]);
    rig.submit(2);
    expect(rig.takeOrders()).toMatchObject([{ link: 2, task: 't2' }]);
    const token = rowOf(rig, 't2').lease?.token ?? expect.fail('t2 has no lease');
    rig.advance(2_000, () => rig.beat('worker-2', ++seq, { link: 2, holding: [token] }));
    expect(rig.take('probe')).toMatchObject([{ node: 'worker-1', incarnation: 1, timeoutMs: 500 }]);
    rig.feed({ kind: 'probe-answered', node: 'worker-1', incarnation: 1, alive: false });
    expect(rig.takeEvents()).toMatchObject([{ type: 'member-dead', cause: 'phi-and-probe' }]);
    expect(rowOf(rig, 't1').state).toBe('READY');
  });

  test('an answered probe acquits', () => {
    const rig = ready();
    rig.join('worker-1');
    rig.advance(5_000);
    expect(rig.take('probe')).toHaveLength(1);
    rig.feed({ kind: 'probe-answered', node: 'worker-1', incarnation: 1, alive: true });
    expect(rig.state.membership.members.get('worker-1')?.health).toBe('suspect');
    rig.beat('worker-1', 2);
    expect(rig.takeEvents()).toMatchObject([{ type: 'member-trusted' }]);
  });

  test('a stalled master convicts nobody', () => {
    const rig = ready();
    rig.join('worker-1');
    rig.submit(1);
    rig.performed = [];
    rig.nowMs += 3_600_000;
    rig.feed({ kind: 'tick' }, { kind: 'tick' });
    expect(rig.performed).toEqual([]);
    expect(rig.state.membership.members.get('worker-1')?.health).toBe('ready');
    expect(rowOf(rig, 't1').state).toBe('LEASED');
  });

  test('dead is final for an incarnation, and it is told so', () => {
    const rig = ready();
    rig.join('worker-1', { incarnation: 5 });
    rig.feed({ kind: 'engine-word', node: 'worker-1', type: 'exited', atMs: rig.nowMs });
    rig.performed = [];
    rig.join('worker-1', { link: 2, incarnation: 5 });
    expect(rig.performed).toMatchObject([
      { kind: 'send', link: 2, message: { t: 'dead', incarnation: 5 } },
      { kind: 'hang-up', link: 2 },
    ]);
    rig.join('worker-1', { link: 3, incarnation: 6 });
    expect(rig.state.membership.members.get('worker-1')).toMatchObject({ health: 'ready', incarnation: 6 });
  });

  test("the engine's word about an earlier process does not touch a later one", () => {
    const rig = ready();
    rig.join('worker-1', { incarnation: rig.nowMs });
    rig.feed({ kind: 'engine-word', node: 'worker-1', type: 'exited', atMs: rig.nowMs - 1 });
    expect(rig.state.membership.members.get('worker-1')?.health).toBe('ready');
  });

  test('a newer incarnation replaces the older; the older gets no further', () => {
    const rig = ready();
    rig.join('worker-1', { incarnation: 1 });
    rig.performed = [];
    rig.feed({ kind: 'hello', link: 2, node: 'worker-1', incarnation: 2, info: WORKER_INFO });
    expect(rig.takeEvents()).toMatchObject([{ type: 'member-dead', cause: 'replaced' }, { type: 'member-joined' }]);
    rig.join('worker-1', { link: 3, incarnation: 1 });
    expect(rig.take('hang-up')).toMatchObject([{ link: 3 }]);
    expect(rig.state.membership.members.get('worker-1')).toMatchObject({ incarnation: 2, link: 2 });
  });

  test('a lost connection takes it out of routing at once, a new one brings it back', () => {
    const rig = ready();
    rig.join('worker-1');
    rig.feed({ kind: 'disconnected', link: 1, node: 'worker-1' });
    rig.submit(1);
    expect(rig.takeOrders()).toEqual([]);
    rig.feed({ kind: 'hello', link: 2, node: 'worker-1', incarnation: 1, info: WORKER_INFO });
    rig.beat('worker-1', 2, { link: 2 });
    expect(rig.takeOrders()).toMatchObject([{ link: 2, task: 't1' }]);
  });

  test('draining: nothing new, left when idle', () => {
    const rig = ready();
    rig.join('worker-1');
    rig.submit(1);
    const [order] = rig.takeOrders();
    if (order === undefined) expect.fail('nothing was dispatched');
    rig.feed({ kind: 'drain', node: 'worker-1' });
    rig.submit(2);
    expect(rig.takeOrders()).toEqual([]);
    const result = { task: 't1', token: order.token, serviceMs: 1, outcome: { ok: true as const, result: null } };
    rig.feed({ kind: 'results', link: 1, node: 'worker-1', reply: 1, results: [result] });
    rig.advance(rig.settings.tickMs);
    expect(rig.takeEvents()).toMatchObject([{ type: 'member-left' }]);
  });

  test('draining ends at its deadline, and what is left goes to others', () => {
    const rig = ready();
    rig.join('worker-1');
    rig.submit(1);
    const token = rowOf(rig, 't1').lease?.token ?? expect.fail('t1 has no lease');
    rig.feed({ kind: 'drain', node: 'worker-1' });
    let seq = 1;
    rig.advance(31_000, () => rig.beat('worker-1', ++seq, { holding: [token] }));
    expect(rig.state.membership.members.get('worker-1')?.health).toBe('left');
    expect(rowOf(rig, 't1').state).toBe('READY');
  });

  test('of two workers the faster gets the next task', () => {
    const rig = ready();
    rig.join('worker-1', { link: 1 });
    rig.join('worker-2', { link: 2 });
    const slow = rig.state.membership.members.get('worker-1');
    const fast = rig.state.membership.members.get('worker-2');
    if (slow === undefined || fast === undefined) expect.fail('not joined');
    slow.record.ewmaMs = 100;
    fast.record.ewmaMs = 10;
    rig.submit(1);
    expect(rig.takeOrders()).toMatchObject([{ link: 2 }]);
    rig.submit(2);
    expect(rig.takeOrders()).toMatchObject([{ link: 1 }]);
  });
});
