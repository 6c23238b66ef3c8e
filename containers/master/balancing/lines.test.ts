import { describe, expect, test } from 'vitest';
import { MasterRig } from '../test-rig.ts';
import { Lines } from './lines.ts';

describe('lines', () => {
  test('keep order, forget what is removed, and give all back', () => {
    const lines = new Lines();
    for (const task of ['1', '2', '3', '4']) lines.add('a', task, 'back');
    lines.add('a', '0', 'front');
    lines.add('b', '9', 'back');
    lines.remove('2');
    lines.remove('unknown');
    expect([lines.size, lines.waitingAt('a'), lines.peek('a'), lines.has('2')]).toEqual([5, 4, '0', false]);
    expect(lines.recall('a')).toEqual(['0', '1', '3', '4']);
    expect([lines.size, lines.waitingAt('a'), lines.workers()]).toEqual([1, 0, ['b']]);
  });
});

function ready(policy: 'round-robin' | 'pull'): MasterRig {
  const rig = new MasterRig(() => 0.5);
  rig.boot();
  rig.feed({ kind: 'set-balancer', request: 900, change: { policy } });
  rig.join('worker-1', { link: 1 });
  rig.join('worker-2', { link: 2 });
  return rig;
}

function answerOne(rig: MasterRig, order: ReturnType<MasterRig['takeOrders']>[number] | undefined): void {
  if (order === undefined) expect.fail('no order');
  const { task, token, link } = order;
  const result = { task, token, serviceMs: 1, outcome: { ok: true as const, result: 'x' } };
  rig.feed({ kind: 'results', link, node: `worker-${link}`, reply: 1, results: [result] });
}

describe('a policy that chooses before there is room', () => {
  test('binds a request to its worker, whose line is worked off in order', () => {
    const rig = ready('round-robin');
    for (let n = 1; n <= 6; n++) rig.submit(n, {}, { wait: true });
    const orders = rig.takeOrders();
    expect(orders.map(({ task, link }) => [task, link])).toEqual([
      ['t1', 1],
      ['t2', 2],
    ]);
    expect(rig.state.queue.readyCount.sync).toBe(4);
    answerOne(rig, orders[0]);
    // Worker 2 is slow, and what waits for it waits on.
    expect(rig.takeOrders()).toMatchObject([{ task: 't3', link: 1 }]);
    expect(rig.state.queue.lines.waitingAt('worker-2')).toBe(2);
  });

  test('what waits for a worker that is lost goes to the others, and nothing is lost over a change of policy', () => {
    const rig = ready('round-robin');
    for (let n = 1; n <= 6; n++) rig.submit(n, {}, { wait: true });
    const [first] = rig.takeOrders();
    rig.feed({ kind: 'disconnected', link: 2, node: 'worker-2' });
    expect(rig.state.queue.lines.waitingAt('worker-1')).toBe(4);
    rig.feed({ kind: 'set-balancer', request: 901, change: { policy: 'pull' } });
    expect(rig.answers.get(901)).toEqual({ kind: 'set' });
    expect(rig.state.queue.lines.size).toBe(0);
    answerOne(rig, first);
    const seen: string[] = [];
    for (let [order] = rig.takeOrders(); order !== undefined; [order] = rig.takeOrders()) {
      seen.push(order.task);
      answerOne(rig, order);
    }
    expect(seen.sort()).toEqual(['t3', 't4', 't5', 't6']);
    expect(rig.state.queue.readyCount.sync).toBe(0);
  });

  test('a client that goes away leaves its line, and the durable lane keeps its turns', () => {
    const rig = ready('round-robin');
    rig.feed({ kind: 'drain', node: 'worker-2' });
    for (let n = 1; n <= 9; n++) rig.submit(n, {}, { wait: true });
    rig.submit(100, { id: 'd1' });
    rig.feed({ kind: 'client-gone', request: 3 });
    const seen: string[] = [];
    for (let [order] = rig.takeOrders(); order !== undefined; [order] = rig.takeOrders()) {
      seen.push(order.task);
      answerOne(rig, order);
    }
    expect(seen).toEqual(['t1', 't2', 't4', 't5', 'd1', 't6', 't7', 't8', 't9']);
  });

  test('the policy outlives a crash, with and without a snapshot', () => {
    const rig = ready('round-robin');
    rig.crash();
    expect(rig.state.settings.balancer.policy).toBe('round-robin');
    rig.feed({ kind: 'set-balancer', request: 902, change: {} });
    expect(rig.state.settings.balancer.policy).toBe('round-robin');
  });
});

test('a finished request tells why it went where it went', () => {
  const rig = ready('pull');
  rig.submit(1, {}, { wait: true });
  answerOne(rig, rig.takeOrders()[0]);
  const [{ finished } = expect.fail('nothing finished')] = rig.take('finished');
  expect(finished.why).toMatchObject({
    policy: 'pull',
    reason: 'quickest-free',
    worker: finished.worker,
    candidates: [{ inFlight: 0 }, { inFlight: 0 }],
  });
});
