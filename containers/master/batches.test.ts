import { describe, expect, test } from 'vitest';
import { encodeSnapshot } from './log-entry.ts';
import { rebuildState } from './core.ts';
import { MasterRig } from './test-rig.ts';
import type { MasterSettings } from './settings.ts';
import { takeSnapshot } from './task-queue.ts';
import type { TaskSpec } from './task-row.ts';

const BATCH = { id: 'salad', name: null, tenant: 'default', hash: 'h', sealed: true };

function ready(settings: Partial<MasterSettings> = {}): MasterRig {
  const rig = new MasterRig(() => 0.5, settings);
  rig.boot();
  return rig;
}

function tasks(count: number, more: Partial<TaskSpec> = {}): TaskSpec[] {
  return Array.from({ length: count }, () => ({
    id: '',
    kind: 'echo',
    form: 'kind',
    payload: 'x',
    keyed: false,
    ...more,
  }));
}

function submit(rig: MasterRig, request: number, count: number, batch: Partial<typeof BATCH> = {}, key?: string): void {
  const idempotency = key === undefined ? null : { key, hash: 'h' };
  rig.feed({ kind: 'submit-batch', request, batch: { ...BATCH, ...batch }, tasks: tasks(count), idempotency });
}

/** Ends every order given since the last look, in good or in evil. */
function work(rig: MasterRig, ok = true): number {
  let ended = 0;
  for (let orders = rig.takeOrders(); orders.length > 0; orders = rig.takeOrders()) {
    for (const { task, token, link } of orders) {
      const outcome = ok ? ({ ok, result: 'x' } as const) : ({ ok: false, error: 'broke', retry: false } as const);
      const result = { task, token, serviceMs: 1, outcome };
      rig.feed({ kind: 'results', link, node: 'worker-1', reply: 1, results: [result] });
      ended++;
    }
  }
  return ended;
}

function batchOf(rig: MasterRig, id = 'salad') {
  return rig.state.queue.batches.get(id) ?? expect.fail(`no batch ${id}`);
}

describe('a batch', () => {
  test('is acknowledged with its ids when all of it is durable, in one entry', () => {
    const rig = ready();
    rig.autoSync = false;
    submit(rig, 1, 3);
    expect(rig.answers.get(1)).toBeUndefined();
    expect(rig.unsynced.flatMap(({ entries }) => entries).map(({ e }) => e)).toEqual(['batch']);
    rig.sync();
    expect(rig.answers.get(1)).toMatchObject({ kind: 'batch', ids: ['salad.1', 'salad.2', 'salad.3'] });
  });

  test('ends once, with the result that completes it in the same entry', () => {
    const rig = ready();
    rig.join('worker-1', { info: { capacity: 2 } });
    submit(rig, 1, 2);
    rig.autoSync = false;
    expect(work(rig)).toBe(2);
    expect(rig.state.queue.toldEvent).toBe(0);
    rig.sync();
    expect(rig.state.queue.toldEvent).toBe(1);
    expect(rig.state.queue.events).toMatchObject([{ number: 1, batch: 'salad', state: 'complete', done: 2, round: 1 }]);
    expect(rig.durable.filter((entry) => entry.e === 'finished' && entry.tally?.end !== undefined)).toHaveLength(1);
    rig.crash();
    expect(rig.state.queue.events).toHaveLength(1);
    expect(batchOf(rig)).toMatchObject({ done: 2, dead: 0, round: 1 });
  });

  test('with dead tasks is partial; their redrive opens it again and it ends a second time', () => {
    const rig = ready();
    rig.join('worker-1');
    submit(rig, 1, 2);
    work(rig, false);
    expect(rig.state.queue.events).toMatchObject([{ state: 'partial', failed: 2 }]);
    const filter = { batch: 'salad' };
    rig.feed({ kind: 'redrive', request: 2, preview: true, ids: null, filter });
    expect(rig.answers.get(2)).toMatchObject({ kind: 'redriven', count: 2 });
    expect(batchOf(rig).dead).toBe(2);
    rig.feed({ kind: 'redrive', request: 3, preview: false, ids: null, filter });
    expect(batchOf(rig)).toMatchObject({ dead: 0, endedAtMs: null });
    work(rig);
    expect(rig.state.queue.events).toMatchObject([{ round: 1 }, { round: 2, state: 'complete', done: 2 }]);
  });

  test('that is open does not end before it is sealed', () => {
    const rig = ready();
    rig.join('worker-1');
    submit(rig, 1, 1, { sealed: false });
    work(rig);
    expect(batchOf(rig).endedAtMs).toBeNull();
    rig.feed({ kind: 'add-to-batch', request: 2, id: 'salad', tasks: tasks(1), idempotency: null });
    expect(rig.answers.get(2)).toMatchObject({ kind: 'batch', ids: ['salad.2'] });
    work(rig);
    rig.feed({ kind: 'seal-batch', request: 3, id: 'salad' });
    expect(batchOf(rig)).toMatchObject({ total: 2, done: 2, round: 1 });
    expect(rig.state.queue.toldEvent).toBe(1);
    rig.feed({ kind: 'add-to-batch', request: 4, id: 'salad', tasks: tasks(1), idempotency: null });
    expect(rig.answers.get(4)).toMatchObject({ kind: 'refused', code: 'conflict' });
    rig.feed({ kind: 'seal-batch', request: 5, id: 'salad' });
    expect(rig.state.queue.lastEvent).toBe(1);
  });

  test('sent again is the same batch; with another body or key use it is a conflict', () => {
    const rig = ready();
    submit(rig, 1, 2, {}, 'key');
    submit(rig, 2, 2, {}, 'key');
    submit(rig, 3, 2);
    submit(rig, 4, 2, { hash: 'other' });
    rig.feed({
      kind: 'submit-batch',
      request: 5,
      batch: BATCH,
      tasks: tasks(1),
      idempotency: { key: 'key', hash: 'o' },
    });
    for (const again of [2, 3]) expect(rig.answers.get(again)).toMatchObject({ ids: ['salad.1', 'salad.2'] });
    for (const other of [4, 5]) expect(rig.answers.get(other)).toMatchObject({ kind: 'refused', code: 'conflict' });
    expect(rig.state.queue.rows.size).toBe(2);
  });

  test('is refused whole when one id is taken or there is no room for all', () => {
    const rig = ready({ tenantDepthMax: 3 });
    rig.submit(1, { id: 'mine', keyed: true });
    const own = [...tasks(1), ...tasks(1, { id: 'mine', keyed: true })];
    rig.feed({ kind: 'submit-batch', request: 2, batch: BATCH, tasks: own, idempotency: null });
    expect(rig.answers.get(2)).toMatchObject({ kind: 'refused', code: 'conflict' });
    submit(rig, 3, 3);
    expect(rig.answers.get(3)).toMatchObject({ kind: 'refused', code: 'too-many' });
    expect([...rig.state.queue.rows.keys()]).toEqual(['mine']);
    submit(rig, 4, 3, { tenant: 'other' });
    expect(rig.answers.get(4)).toMatchObject({ kind: 'batch' });
  });

  test('is the same from a snapshot that is ahead of its index as from the whole log', () => {
    const rig = ready();
    rig.join('worker-1');
    submit(rig, 1, 4, {}, 'key');
    const covered = rig.durable.length;
    work(rig);
    rig.feed({ kind: 'redrive', request: 2, preview: false, ids: ['salad.1'], filter: null });
    const bytes = encodeSnapshot(takeSnapshot(rig.state.queue));
    for (let index = 0; index <= covered; index++) {
      const replayed = rebuildState(rig.settings, bytes, structuredClone(rig.durable.slice(index)), rig.nowMs);
      const whole = rebuildState(rig.settings, null, structuredClone(rig.durable), rig.nowMs);
      expect(takeSnapshot(replayed.queue)).toEqual(takeSnapshot(whole.queue));
    }
  });
});

describe('idempotency keys', () => {
  const under = (key: string, hash: string): Partial<TaskSpec> => ({ keyed: true, idempotency: { key, hash } });

  test('give the same task over a crash, whatever its id', () => {
    const rig = ready();
    rig.submit(1, { id: 'a', ...under('k', 'h') });
    rig.crash();
    rig.boot();
    rig.submit(2, { id: 'b', ...under('k', 'h') });
    rig.submit(3, { id: 'c', ...under('k', 'other') });
    rig.submit(4, { id: 'd', tenant: 'other', ...under('k', 'other') });
    expect(rig.answers.get(2)).toEqual({ kind: 'accepted', task: 'a' });
    expect(rig.answers.get(3)).toMatchObject({ kind: 'refused', code: 'conflict' });
    expect(rig.answers.get(4)).toEqual({ kind: 'accepted', task: 'd' });
  });

  test('are forgotten beyond their bounds, and with a task that never was', () => {
    const rig = ready({ keysMax: 2 });
    rig.submit(1, { id: 'gone', ...under('gone', 'h') }, { wait: true });
    rig.feed({ kind: 'client-gone', request: 1 });
    expect(rig.state.queue.keys.size).toBe(0);
    for (let n = 2; n <= 4; n++) rig.submit(n, under(`k${n}`, 'h'));
    rig.advance(rig.settings.tickMs);
    expect([...rig.state.queue.keys.values()].map(({ id }) => id)).toEqual(['t3', 't4']);
  });
});

test('every attempt of a task is kept, over a redrive and a crash', async () => {
  const { attemptsOf } = await import('./task-history.ts');
  const rig = ready({ attemptsMax: 2 });
  rig.join('worker-1');
  rig.submit(1);
  for (let attempt = 0; attempt < 2; attempt++) {
    const [order] = rig.takeOrders();
    const { token, link } = order ?? expect.fail('no order');
    const result = { task: 't1', token, serviceMs: 1, outcome: { ok: false, error: 'broke', retry: true } as const };
    rig.feed({ kind: 'results', link, node: 'worker-1', reply: 1, results: [result] });
    let beats = 10 * (attempt + 1);
    rig.advance(2_000, () => rig.beat('worker-1', ++beats));
  }
  rig.feed({ kind: 'redrive', request: 2, preview: false, ids: ['t1', 'none'], filter: null });
  expect(rig.answers.get(2)).toMatchObject({ count: 1, skipped: ['none'] });
  work(rig);
  rig.crash();
  const row = rig.state.queue.rows.get('t1') ?? expect.fail('lost');
  expect(attemptsOf(row)).toMatchObject({
    status: 'done',
    attempts: 1,
    history: [
      { what: 'queued' },
      { what: 'leased', attempt: 1, worker: 'worker-1', token: '1.1' },
      { what: 'retried', reason: 'broke' },
      { what: 'leased', attempt: 2, token: '1.2' },
      { what: 'failed', reason: 'broke' },
      { what: 'redriven' },
      { what: 'leased', attempt: 1, token: '1.3' },
      { what: 'done', result: 'x' },
    ],
  });
});
