import { describe, expect, test } from 'vitest';
import type { MasterSettings } from './settings.ts';
import { MasterRig } from './test-rig.ts';

function ready(workers: number, settings: Partial<MasterSettings> = {}): MasterRig {
  const rig = new MasterRig(() => 0.5, settings);
  rig.boot();
  for (let n = 1; n <= workers; n++) rig.join(`worker-${n}`, { link: n });
  return rig;
}

type Order = ReturnType<MasterRig['takeOrders']>[number];

function only(orders: Order[]): Order {
  const [order] = orders;
  return order ?? expect.fail('nothing was dispatched');
}

function report(rig: MasterRig, { task, token, link }: Order, outcome: object = { ok: true, result: 'x' }): void {
  const result = { task, token, serviceMs: 1, outcome: outcome as never };
  rig.feed({ kind: 'results', link, node: `worker-${link}`, reply: 1, results: [result] });
}

const BROKE = { ok: false, error: 'broke', retry: true };
const WAIT = { wait: true };

describe('a deadline', () => {
  test('that is over when the request comes, or will be before its turn, is refused at once', () => {
    const rig = ready(1);
    rig.submit(1, {}, { ...WAIT, deadlineMs: 0 });
    expect(rig.answers.get(1)).toMatchObject({ code: 'deadline-exceeded' });
    rig.submit(2, { keyed: true }, WAIT);
    rig.nowMs += 100;
    report(rig, only(rig.takeOrders()));
    // Also when the outcome is there already.
    rig.submit(9, { id: 't2', keyed: true }, { ...WAIT, deadlineMs: 0 });
    expect(rig.answers.get(9)).toMatchObject({ code: 'deadline-exceeded' });
    rig.submit(3, {}, WAIT);
    for (let n = 10; n < 20; n++) rig.submit(n, {}, WAIT);
    rig.advance(rig.settings.tickMs, () => rig.beat('worker-1', 2, { holding: [[1, 2]] }));
    rig.submit(4, {}, { ...WAIT, deadlineMs: 900 });
    expect(rig.answers.get(4)).toMatchObject({ code: 'overloaded', details: { retryAfterS: 1 } });
    rig.submit(5, {}, { ...WAIT, deadlineMs: 1_500 });
    expect(rig.answers.has(5)).toBe(false);
    expect(rig.state.counters).toMatchObject({ shed: 1, deadlineMissed: 2, accepted: 13 });
  });

  test('that passes while it waits drops the task, and its id is free', () => {
    const rig = ready(0);
    rig.submit(1, { id: 'mine', keyed: true }, { ...WAIT, deadlineMs: 100 });
    rig.nowMs += 100;
    rig.feed({ kind: 'wait-ended', request: 1 });
    expect(rig.answers.get(1)).toMatchObject({ code: 'deadline-exceeded', details: { ms: 100 } });
    expect(rig.state.queue.rows.size).toBe(0);
    rig.submit(2, { id: 'mine', keyed: true, payload: 'another' }, WAIT);
    rig.join('worker-1');
    expect(only(rig.takeOrders()).task).toBe('mine');
  });

  test('that passes at a worker takes the task from it, and its late result counts for nothing', () => {
    const rig = ready(1);
    rig.performed = [];
    rig.submit(1, {}, { ...WAIT, deadlineMs: 100 });
    const sent = rig.take('send');
    expect(sent).toMatchObject([{ message: { tasks: [{ task: 't1', withinMs: 100 }] } }]);
    rig.nowMs += 100;
    rig.feed({ kind: 'wait-ended', request: 1 });
    expect(rig.take('send')).toMatchObject([{ link: 1, message: { t: 'cancel', tokens: [[1, 1]] } }]);
    report(rig, { task: 't1', token: [1, 1], link: 1 });
    expect(rig.take('settle')).toMatchObject([{ verdicts: ['stale'] }]);
    expect(rig.state.counters).toMatchObject({ accepted: 1, failed: 1, done: 0, deadlineMissed: 1 });
  });

  test('is kept when the timer is late: neither a result nor a worker comes after it', () => {
    const rig = ready(1);
    rig.submit(1, {}, { ...WAIT, deadlineMs: 100 });
    rig.submit(2, {}, { ...WAIT, deadlineMs: 100 });
    const order = only(rig.takeOrders());
    rig.nowMs += 101;
    report(rig, order);
    expect(rig.answers.get(1)).toMatchObject({ code: 'deadline-exceeded' });
    expect(rig.answers.get(2)).toMatchObject({ code: 'deadline-exceeded' });
    expect(rig.takeOrders()).toEqual([]);
  });

  test('of one client does not bind another that wants the same task', () => {
    const rig = ready(1);
    rig.submit(1, { id: 'mine', keyed: true }, { ...WAIT, deadlineMs: 100 });
    rig.submit(2, { id: 'mine', keyed: true }, WAIT);
    const order = only(rig.takeOrders());
    rig.nowMs += 200;
    rig.feed({ kind: 'wait-ended', request: 1 });
    report(rig, order);
    expect(rig.answers.get(1)).toMatchObject({ code: 'deadline-exceeded' });
    expect(rig.answers.get(2)).toMatchObject({ kind: 'task', row: { state: 'DONE' } });
  });
});

describe('a request whose worker fails it', () => {
  test('is given to another worker at once, and the second failure is its outcome', () => {
    const rig = ready(2);
    rig.submit(1, {}, WAIT);
    const first = only(rig.takeOrders());
    report(rig, first, BROKE);
    const second = only(rig.takeOrders());
    expect(second.link).not.toBe(first.link);
    report(rig, second, BROKE);
    expect(rig.answers.get(1)).toMatchObject({ kind: 'task', row: { state: 'DEAD', error: 'broke', attempts: 2 } });
    expect(rig.state.counters).toMatchObject({ requestRetries: 1, retried: 1, failed: 1 });
  });

  test('waits for the other worker, before what came later, and is not bound when that is lost', () => {
    const rig = ready(2);
    rig.submit(1, {}, WAIT);
    rig.submit(2, {}, WAIT);
    rig.submit(3, {}, WAIT);
    const [first, other] = rig.takeOrders();
    if (first === undefined || other === undefined) expect.fail('two were to be dispatched');
    report(rig, first, BROKE);
    expect(only(rig.takeOrders())).toMatchObject({ task: 't3', link: first.link });
    report(rig, other);
    expect(only(rig.takeOrders())).toMatchObject({ task: first.task, link: other.link });
    expect(rig.state.queue.lines.size).toBe(0);
  });

  test('is not tried again when there is nobody else, when that might do harm, or when the budget is spent', () => {
    const alone = ready(1);
    alone.submit(1, {}, WAIT);
    report(alone, only(alone.takeOrders()), BROKE);
    expect(alone.answers.get(1)).toMatchObject({ row: { state: 'DEAD' } });

    const rig = ready(2, { ejectAfterErrors: 100 });
    rig.submit(1, { kind: 'fruit' }, WAIT);
    report(rig, only(rig.takeOrders()), BROKE);
    expect(rig.answers.get(1)).toMatchObject({ row: { state: 'DEAD', attempts: 1 } });
    rig.submit(2, { kind: 'fruit', keyed: true }, WAIT);
    report(rig, only(rig.takeOrders()), BROKE);
    expect(rig.answers.has(2)).toBe(false);
    report(rig, only(rig.takeOrders()));

    let retried = 0;
    for (let n = 10; n < 20; n++) {
      rig.submit(n, {}, WAIT);
      report(rig, only(rig.takeOrders()), BROKE);
      const [again] = rig.takeOrders();
      if (again === undefined) continue;
      retried++;
      report(rig, again);
    }
    // Two of the three free ones were left, and twelve requests allow two.
    expect(retried).toBe(4);
  });

  test('is refused when its worker is lost and it may not be done twice; a promised one is done all the same', () => {
    const rig = ready(1);
    rig.submit(1, { kind: 'fruit' }, WAIT);
    rig.feed({ kind: 'engine-word', node: 'worker-1', type: 'exited', atMs: rig.nowMs });
    expect(rig.answers.get(1)).toMatchObject({ code: 'worker-lost', details: { worker: 'worker-1' } });

    const kept = ready(2);
    kept.submit(1, { kind: 'fruit' }, WAIT);
    const { link } = only(kept.takeOrders());
    kept.feed({ kind: 'wait-ended', request: 1 });
    kept.feed({ kind: 'engine-word', node: `worker-${link}`, type: 'exited', atMs: kept.nowMs });
    expect(only(kept.takeOrders()).task).toBe('t1');
  });

  test('and a worker that fails so often is put aside for a while', () => {
    const rig = ready(2);
    let told = 0;
    rig.onEffect = (effect) => {
      if (effect.kind !== 'publish' || effect.event.type !== 'worker-ejected') return;
      told++;
      expect(effect.event).toMatchObject({ node: 'worker-1', errors: 5, forMs: 5_000 });
    };
    const counts = [0, 0];
    for (let n = 1; n <= 60; n++) {
      rig.nowMs += 20;
      rig.submit(n, { kind: 'fruit' }, WAIT);
      const order = only(rig.takeOrders());
      counts[order.link - 1] = (counts[order.link - 1] ?? 0) + 1;
      report(rig, order, order.link === 1 ? BROKE : undefined);
    }
    expect(told).toBeLessThanOrEqual(1);
    expect(counts[0]).toBeLessThanOrEqual(5);
    expect(counts[1]).toBeGreaterThanOrEqual(55);
  });
});

describe('an overload', () => {
  /** One worker that takes 50 ms a task, twice as many requests, each with a deadline unless told otherwise. */
  function overload(rig: MasterRig, forMs: number, options: { deadlineMs?: number }): { sent: number; p95Ms: number } {
    const sentAtMs = new Map<number, number>();
    const untilMs = rig.nowMs + forMs;
    let request = 1_000;
    const tookMs: number[] = [];
    let order = rig.takeOrders()[0];
    while (rig.nowMs < untilMs) {
      for (let n = 0; n < 2; n++) {
        request++;
        sentAtMs.set(request, rig.nowMs);
        rig.submit(request, {}, { ...WAIT, ...options });
      }
      order ??= rig.takeOrders()[0];
      rig.nowMs += 50;
      if (order !== undefined) {
        report(rig, order);
        const done = Number(order.task.slice(1));
        tookMs.push(rig.nowMs - (sentAtMs.get(done) ?? rig.nowMs));
      }
      order = undefined;
      rig.feed({ kind: 'tick' });
    }
    tookMs.sort((a, b) => a - b);
    return { sent: sentAtMs.size, p95Ms: tookMs[Math.floor(tookMs.length * 0.95)] ?? 0 };
  }

  test('refuses what has waited too long, so that the others are answered in time; then it is over', () => {
    const rig = ready(1, { phi: { ...new MasterRig().settings.phi, threshold: 1e9 } });
    const { sent, p95Ms } = overload(rig, 20_000, { deadlineMs: 2_000 });
    const { done, shed } = rig.state.counters;
    expect(rig.state.balancing.delay.overloaded).toBe(true);
    // The worker never stands still, and what it answers is fresh.
    expect(done).toBeGreaterThan(0.95 * (20_000 / 50));
    expect(shed).toBeGreaterThan(0.4 * sent);
    expect(p95Ms).toBeLessThanOrEqual(500);
    const refused = [...rig.answers.values()].filter((answer) => answer.kind === 'refused');
    expect(refused.every(({ code }) => code === 'overloaded')).toBe(true);
    for (let n = 0; n < 40; n++) {
      rig.nowMs += 50;
      for (const order of rig.takeOrders()) report(rig, order);
      rig.feed({ kind: 'tick' });
    }
    expect(rig.state.balancing.delay.overloaded).toBe(false);
    expect(rig.state.queue.readyCount.sync).toBe(0);
  });

  test('spares those who wait without a deadline, unless it is set to refuse them too', () => {
    const settings = { phi: { ...new MasterRig().settings.phi, threshold: 1e9 }, leaseMs: 1e9, notHeldMs: 1e9 };
    const patient = ready(1, settings);
    overload(patient, 5_000, {});
    expect(patient.state.balancing.delay.overloaded).toBe(true);
    expect(patient.state.counters.shed).toBe(0);
    const strict = ready(1, settings);
    strict.feed({ kind: 'set-balancer', request: 1, change: { shed: 'all' } });
    overload(strict, 5_000, {});
    expect(strict.state.counters.shed).toBeGreaterThan(50);
  });
});
