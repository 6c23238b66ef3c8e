import { describe, expect, test } from 'vitest';
import { MasterRig } from './test-rig.ts';
import type { MasterSettings } from './settings.ts';
import type { TaskSpec } from './task-row.ts';

function ready(settings: Partial<MasterSettings> = {}): MasterRig {
  const rig = new MasterRig(() => 0.5, settings);
  rig.boot();
  return rig;
}

function rowOf(rig: MasterRig, id: string) {
  const row = rig.state.queue.rows.get(id);
  expect(row).toBeDefined();
  return row ?? expect.fail(`no task ${id}`);
}

/** Hands the result of the only order that was given since the last look. */
function finish(rig: MasterRig, outcome: object = { ok: true, result: 'x' }, node = 'worker-1'): void {
  const [order] = rig.takeOrders();
  if (order === undefined) expect.fail('nothing was dispatched');
  const { task, token, link } = order;
  const result = { task, token, serviceMs: 1, outcome: outcome as never };
  rig.feed({ kind: 'results', link, node, reply: 1, results: [result] });
}

describe('submission', () => {
  test('is acknowledged only when it is durable', () => {
    const rig = ready();
    rig.autoSync = false;
    rig.submit(1);
    expect(rig.answers.get(1)).toBeUndefined();
    rig.sync();
    expect(rig.answers.get(1)).toEqual({ kind: 'accepted', task: 't1' });
  });

  test('gives out no work before the boot epoch is durable', () => {
    const rig = new MasterRig();
    rig.autoSync = false;
    rig.feed({ kind: 'boot' });
    rig.submit(1);
    rig.join('worker-1');
    expect(rig.takeOrders()).toEqual([]);
    rig.sync();
    rig.feed({ kind: 'tick' });
    expect(rig.takeOrders()).toEqual([{ link: 1, task: 't1', token: [1, 1] }]);
  });

  test('same id and same body is the same task; another body is a conflict', () => {
    const rig = ready();
    rig.submit(1, { id: 'mine', keyed: true, payload: { a: 1, b: 2 } });
    rig.submit(2, { id: 'mine', keyed: true, payload: { b: 2, a: 1 } });
    rig.submit(3, { id: 'mine', keyed: true, payload: { a: 1, b: 3 } });
    expect(rig.answers.get(2)).toEqual({ kind: 'accepted', task: 'mine' });
    expect(rig.answers.get(3)).toMatchObject({ kind: 'refused', code: 'conflict' });
    expect(rig.state.queue.rows.size).toBe(1);
  });

  test('a full queue refuses by name, both lanes by their own bound', () => {
    const rig = ready({ depthMax: 3, syncDepthMax: 1 });
    rig.submit(1, {}, { wait: true });
    rig.submit(2, {}, { wait: true });
    expect(rig.answers.get(2)).toMatchObject({ code: 'overloaded', details: { retryAfterS: 1 } });
    rig.submit(3);
    rig.submit(4);
    rig.submit(5);
    expect(rig.answers.get(5)).toMatchObject({ code: 'too-many', details: { limit: 3 } });
  });

  test('queue=false is refused without a worker that has room', () => {
    const rig = ready();
    rig.submit(1, {}, { queue: false });
    expect(rig.answers.get(1)).toMatchObject({ code: 'no-worker' });
    rig.join('worker-1');
    rig.submit(2, {}, { queue: false });
    rig.submit(3, {}, { queue: false });
    expect(rig.answers.get(2)).toMatchObject({ kind: 'accepted' });
    expect(rig.answers.get(3)).toMatchObject({ code: 'no-worker' });
  });

  test('queue=false does not count the room of a worker that is put aside', () => {
    const rig = ready();
    rig.join('worker-1');
    const record = rig.state.membership.members.get('worker-1')?.record;
    if (record === undefined) throw new Error('worker-1 is no member');
    record.ejectedUntilMs = rig.nowMs + 1;
    rig.submit(1, {}, { queue: false });
    expect(rig.answers.get(1)).toMatchObject({ code: 'no-worker' });
    rig.nowMs += 1;
    rig.submit(2, {}, { queue: false });
    expect(rig.answers.get(2)).toMatchObject({ kind: 'accepted' });
  });
});

describe('waiting for a known task', () => {
  test('is answered when its outcome is durable, not before', () => {
    const rig = ready();
    rig.join('worker-1');
    rig.submit(1);
    rig.feed({ kind: 'await', request: 2, task: 't1' });
    rig.autoSync = false;
    finish(rig);
    expect(rig.answers.get(2)).toBeUndefined();
    rig.sync();
    expect(rig.answers.get(2)).toMatchObject({ kind: 'task', row: { state: 'DONE', result: 'x' } });
  });

  test('that is finished already waits for what is on its way to the disk', () => {
    const rig = ready();
    rig.join('worker-1');
    rig.submit(1);
    rig.autoSync = false;
    finish(rig);
    rig.feed({ kind: 'await', request: 2, task: 't1' });
    expect(rig.answers.get(2)).toBeUndefined();
    rig.sync();
    expect(rig.answers.get(2)).toMatchObject({ row: { state: 'DONE' } });
  });

  test('makes a task of the synchronous lane durable', () => {
    const rig = ready();
    rig.join('worker-1');
    rig.submit(1, {}, { wait: true });
    rig.feed({ kind: 'await', request: 2, task: 't1' });
    rig.autoSync = false;
    finish(rig);
    expect(rig.answers.get(2)).toBeUndefined();
    rig.sync();
    expect(rig.answers.get(2)).toMatchObject({ row: { state: 'DONE' } });
    rig.crash();
    expect(rowOf(rig, 't1')).toMatchObject({ state: 'DONE', result: 'x' });
  });

  test('ends with the task as it stands, and is refused when there is none', () => {
    const rig = ready();
    rig.submit(1);
    rig.feed({ kind: 'await', request: 2, task: 't1' }, { kind: 'await', request: 3, task: 'none' });
    expect(rig.answers.get(3)).toMatchObject({ kind: 'refused', code: 'not-found' });
    expect(rig.answers.get(2)).toBeUndefined();
    rig.feed({ kind: 'wait-ended', request: 2 });
    expect(rig.answers.get(2)).toMatchObject({ row: { state: 'READY' } });
    rig.feed({ kind: 'await', request: 4, task: 't1' }, { kind: 'client-gone', request: 4 });
    expect(rowOf(rig, 't1')).toMatchObject({ state: 'READY' });
  });
});

describe('the synchronous lane', () => {
  test('answers with the finished task and waits for no disk', () => {
    const rig = ready();
    rig.join('worker-1');
    rig.autoSync = false;
    rig.submit(1, {}, { wait: true });
    finish(rig);
    expect(rig.answers.get(1)).toMatchObject({ kind: 'task', row: { state: 'DONE', result: 'x', worker: 'worker-1' } });
    expect(rig.unsynced).toEqual([]);
  });

  test('a client-chosen id waits for the disk, because it may be asked for again', () => {
    const rig = ready();
    rig.join('worker-1');
    rig.autoSync = false;
    rig.submit(1, { keyed: true }, { wait: true });
    finish(rig);
    expect(rig.answers.get(1)).toBeUndefined();
    rig.sync();
    expect(rig.answers.get(1)).toMatchObject({ row: { state: 'DONE' } });
    rig.crash();
    expect(rowOf(rig, 't1')).toMatchObject({ state: 'DONE', result: 'x' });
  });

  test('when time runs out the task as it stands is the answer, and it is durable by then', () => {
    const rig = ready();
    rig.join('worker-1');
    rig.autoSync = false;
    rig.submit(1, {}, { wait: true });
    rig.feed({ kind: 'wait-ended', request: 1 });
    expect(rig.answers.get(1)).toBeUndefined();
    rig.sync();
    expect(rig.answers.get(1)).toMatchObject({ kind: 'task', row: { state: 'LEASED' } });
    rig.crash();
    expect(rowOf(rig, 't1')).toMatchObject({ state: 'LEASED', worker: 'worker-1', attempts: 1 });
  });

  test('finished ones are in the log by the next tick', () => {
    const rig = ready();
    rig.join('worker-1');
    rig.submit(1, {}, { wait: true });
    finish(rig);
    rig.advance(rig.settings.tickMs);
    rig.crash();
    expect(rowOf(rig, 't1')).toMatchObject({ state: 'DONE', result: 'x' });
  });

  test('a task that nobody wants any more is not begun', () => {
    const rig = ready();
    rig.submit(1, {}, { wait: true });
    rig.feed({ kind: 'client-gone', request: 1 });
    rig.join('worker-1');
    expect(rig.takeOrders()).toEqual([]);
    expect(rig.state.queue.rows.size).toBe(0);
    expect(rig.state.counters).toMatchObject({ accepted: 1, failed: 1 });
  });

  test('goes first, but leaves the durable lane one turn of five', () => {
    const rig = ready();
    for (let n = 1; n <= 5; n++) rig.submit(n, { id: `d${n}` });
    for (let n = 11; n <= 20; n++) rig.submit(n, { id: `s${n}` }, { wait: true });
    rig.join('worker-1', { info: { capacity: 15 } });
    const order = rig.takeOrders().map(({ task }) => task[0]);
    expect(order.join('')).toBe('ssssdssssdssddd');
  });
});

describe('leases', () => {
  test('a stale token changes nothing', () => {
    const rig = ready();
    rig.join('worker-1');
    rig.submit(1);
    const [first] = rig.takeOrders();
    if (first === undefined) expect.fail('nothing was dispatched');
    rig.feed({ kind: 'engine-word', node: 'worker-1', type: 'exited', atMs: rig.nowMs });
    rig.join('worker-2', { link: 2 });
    const [second] = rig.takeOrders();
    expect(second?.token).not.toEqual(first.token);
    const before = structuredClone(rowOf(rig, 't1'));
    const late = { task: 't1', token: first.token, serviceMs: 1, outcome: { ok: true as const, result: 'late' } };
    rig.feed({ kind: 'results', link: 2, node: 'worker-2', reply: 7, results: [late] });
    expect(rig.take('settle')).toEqual([{ kind: 'settle', link: 2, reply: 7, verdicts: ['stale'] }]);
    expect(rowOf(rig, 't1')).toEqual(before);
  });

  test('a result is settled when it is durable, not before', () => {
    const rig = ready();
    rig.join('worker-1');
    rig.submit(1);
    rig.autoSync = false;
    finish(rig);
    expect(rig.take('settle')).toEqual([]);
    rig.sync();
    expect(rig.take('settle')).toMatchObject([{ verdicts: ['accepted'] }]);
  });

  test('heartbeats that name the task renew its lease; one that does not ends it', () => {
    const rig = ready();
    rig.join('worker-1');
    rig.submit(1);
    const [order] = rig.takeOrders();
    let seq = 1;
    rig.advance(60_000, () => rig.beat('worker-1', ++seq, { holding: order === undefined ? [] : [order.token] }));
    expect(rowOf(rig, 't1')).toMatchObject({ state: 'LEASED', attempts: 1 });
    rig.beat('worker-1', ++seq);
    expect(rowOf(rig, 't1')).toMatchObject({ attempts: 2, lease: { token: [1, 2] } });
  });

  test('without any word it runs out', () => {
    const rig = ready({ phi: { ...new MasterRig().settings.phi, threshold: 1e9 } });
    rig.join('worker-1');
    rig.submit(1);
    rig.advance(29_000);
    expect(rowOf(rig, 't1')).toMatchObject({ state: 'LEASED', attempts: 1 });
    rig.advance(2_000);
    expect(rowOf(rig, 't1')).toMatchObject({ attempts: 2, lease: { token: [1, 2] } });
  });

  test('work on a lease that is over is cancelled', () => {
    const rig = ready();
    rig.join('worker-1');
    rig.take('send');
    rig.beat('worker-1', 2, { holding: [[0, 9]] });
    expect(rig.take('send')).toMatchObject([{ message: { t: 'cancel', tokens: [[0, 9]] } }]);
  });

  test('a failure worth a retry backs off with jitter, at most five attempts', () => {
    const rig = ready();
    rig.join('worker-1');
    rig.submit(1);
    let seq = 1;
    const waitsMs: number[] = [];
    for (let attempt = 1; attempt <= 5; attempt++) {
      finish(rig, { ok: false, error: 'flaky', retry: true });
      waitsMs.push(rowOf(rig, 't1').notBeforeMs - rig.nowMs);
      rig.advance(10_000, () => {
        const { lease } = rowOf(rig, 't1');
        rig.beat('worker-1', ++seq, { holding: lease === null ? [] : [lease.token] });
      });
    }
    // Half (the drawn number) of 1, 2, 4, 8 s; the fifth failure is the last.
    expect(waitsMs.slice(0, 4)).toEqual([500, 1_000, 2_000, 4_000]);
    expect(rowOf(rig, 't1')).toMatchObject({ state: 'DEAD', attempts: 5, error: 'flaky' });
  });

  test('a task that loses its worker five times is given up', () => {
    const rig = ready();
    rig.submit(1);
    for (let incarnation = 1; incarnation <= 5; incarnation++) {
      rig.join('worker-1', { link: incarnation, incarnation });
      expect(rig.takeOrders()).toHaveLength(1);
      rig.feed({ kind: 'engine-word', node: 'worker-1', type: 'exited', atMs: rig.nowMs });
    }
    expect(rowOf(rig, 't1')).toMatchObject({ state: 'DEAD', attempts: 5, error: expect.stringContaining('given up') });
  });

  test('a failure that would repeat is final at once', () => {
    const rig = ready();
    rig.join('worker-1');
    rig.submit(1);
    finish(rig, { ok: false, error: 'division by zero', retry: false });
    expect(rowOf(rig, 't1')).toMatchObject({ state: 'DEAD', attempts: 1, error: 'division by zero' });
  });

  test('a worker keeps its task over a restart of the master and reports it under its old token', () => {
    const rig = ready();
    rig.join('worker-1', { info: { capacity: 1 } });
    rig.submit(1);
    const [order] = rig.takeOrders();
    if (order === undefined) expect.fail('nothing was dispatched');
    rig.crash();
    rig.boot();
    rig.join('worker-1', { link: 9, info: { holding: [order.token] } });
    expect(rig.takeOrders()).toEqual([]);
    const result = { task: 't1', token: order.token, serviceMs: 1, outcome: { ok: true as const, result: 'x' } };
    rig.feed({ kind: 'results', link: 9, node: 'worker-1', reply: 1, results: [result] });
    expect(rowOf(rig, 't1')).toMatchObject({ state: 'DONE', attempts: 1 });
  });

  test('a worker that comes back without the task gives it back at once', () => {
    const rig = ready();
    rig.join('worker-1');
    rig.submit(1);
    rig.takeOrders();
    rig.crash();
    rig.boot();
    rig.join('worker-1', { link: 9, incarnation: 2 });
    expect(rig.takeOrders()).toMatchObject([{ task: 't1', token: [2, 1], link: 9 }]);
    expect(rowOf(rig, 't1').attempts).toBe(2);
  });
});

describe('forgetting and snapshots', () => {
  test('finished tasks beyond the bound go, unfinished ones never', () => {
    const rig = ready({ finishedMax: 2 });
    rig.submit(100, { kind: 'work', id: 'open' });
    rig.join('worker-1', { info: { kinds: ['echo'] } });
    for (let n = 1; n <= 5; n++) {
      rig.state.queue.ready.durable.drop();
      rig.submit(n);
      finish(rig);
    }
    rig.advance(rig.settings.tickMs);
    expect([...rig.state.queue.rows.keys()]).toEqual(['open', 't4', 't5']);
  });

  test('of tasks that were answered at once fewer are kept, and only the newest go to the log', () => {
    const rig = ready({ answeredMax: 3, loggedPerTickMax: 2 });
    rig.submit(100);
    rig.join('worker-1');
    finish(rig);
    for (let n = 1; n <= 5; n++) {
      rig.submit(n, {}, { wait: true });
      finish(rig, n === 1 ? { ok: false, error: 'no', retry: false } : undefined);
    }
    rig.submit(6, { keyed: true }, { wait: true });
    finish(rig);
    rig.advance(rig.settings.tickMs);
    expect([...rig.state.queue.rows.keys()]).toEqual(['t100', 't1', 't2', 't3', 't4', 't6']);
    rig.crash();
    expect([...rig.state.queue.rows.keys()].sort()).toEqual(['t100', 't3', 't4', 't6']);
  });

  test('of a flood of tasks that were answered some are kept, and all that a key may ask for again', () => {
    const rig = ready({ answeredMax: 3, answeredPerTick: 1 });
    rig.join('worker-1');
    const answered = (n: number, spec: Partial<TaskSpec> = {}) => {
      rig.submit(n, spec, { wait: true });
      finish(rig);
    };
    for (let n = 1; n <= 5; n++) answered(n);
    expect([...rig.state.queue.rows.keys()]).toEqual(['t1', 't2', 't3']);
    answered(6, { idempotency: { key: 'k', hash: 'h' } });
    expect([...rig.state.queue.rows.keys()]).toEqual(['t2', 't3', 't6']);
    rig.advance(rig.settings.tickMs);
    for (let n = 7; n <= 9; n++) answered(n);
    expect([...rig.state.queue.rows.keys()]).toEqual(['t3', 't6', 't7']);
  });

  test('a snapshot is due after so many entries', () => {
    const rig = ready({ snapshotEvery: 10 });
    for (let n = 1; n <= 12; n++) rig.submit(n);
    rig.performed = [];
    rig.advance(rig.settings.tickMs);
    expect(rig.take('snapshot')).toHaveLength(1);
    rig.advance(rig.settings.tickMs);
    expect(rig.take('snapshot')).toHaveLength(0);
  });
});
