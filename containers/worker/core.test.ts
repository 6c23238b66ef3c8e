import { describe, expect, test } from 'vitest';
import { RESULT_LENGTH_MAX } from '../protocol/compute-limits.ts';
import type { TaskOrder, TaskOutcome, Token } from '../protocol/compute-messages.ts';
import { createWorkerState, holding, running, stepWorker } from './core.ts';
import type { WorkerEffect, WorkerEvent } from './core.ts';

const DONE: TaskOutcome = { ok: true, result: '20' };

function order(task: string, n: number): TaskOrder {
  return { task, kind: 'echo', payload: 'x', token: [1, n] };
}

/** A worker and a way to feed it; effects of the last event are returned. */
function worker(capacity = 1) {
  const state = createWorkerState(capacity);
  const feed = (...events: WorkerEvent[]): WorkerEffect[] =>
    events.flatMap((event) => stepWorker(state, event, 1_000).effects);
  return { state, feed };
}

describe('worker', () => {
  test('runs what it is given and reports it', () => {
    const { state, feed } = worker();
    expect(feed({ kind: 'connected' }, { kind: 'tasks', tasks: [order('a', 1)] })).toEqual([
      { kind: 'run', order: order('a', 1) },
    ]);
    expect(running(state)).toBe(1);
    expect(feed({ kind: 'finished', task: 'a', token: [1, 1], outcome: DONE })).toEqual([
      { kind: 'report', results: [{ task: 'a', token: [1, 1], serviceMs: 0, outcome: DONE }] },
    ]);
    expect(running(state)).toBe(0);
    expect(holding(state)).toEqual([[1, 1]]);
    feed({ kind: 'settled', leases: [{ task: 'a', token: [1, 1] }] });
    expect(holding(state)).toEqual([]);
  });

  test('fails what is too long to report, once and for all', () => {
    const { feed } = worker(2);
    feed({ kind: 'connected' }, { kind: 'tasks', tasks: [order('a', 1), order('b', 2)] });
    const long: TaskOutcome = { ok: true, result: 'x'.repeat(RESULT_LENGTH_MAX + 1) };
    expect(feed({ kind: 'finished', task: 'a', token: [1, 1], outcome: long })).toMatchObject([
      { results: [{ outcome: { ok: false, error: expect.stringContaining('longer'), retry: false } }] },
    ]);
    const longest: TaskOutcome = { ok: true, result: 'x'.repeat(RESULT_LENGTH_MAX) };
    expect(feed({ kind: 'finished', task: 'b', token: [1, 2], outcome: longest })).toMatchObject([
      { results: [{ outcome: longest }] },
    ]);
  });

  test('gives up what is too late, and does not begin what came too late', () => {
    const { state, feed } = worker();
    feed({ kind: 'connected' }, { kind: 'tasks', tasks: [{ ...order('a', 1), withinMs: 5 }] });
    const late = { outcome: { ok: false, error: 'its deadline passed', retry: false } };
    expect(feed({ kind: 'too-late', task: 'a', token: [1, 1] })).toMatchObject([
      { kind: 'abort', token: [1, 1] },
      { kind: 'report', results: [late] },
    ]);
    expect(running(state)).toBe(0);
    expect(
      feed(
        { kind: 'too-late', task: 'a', token: [1, 1] },
        { kind: 'finished', task: 'a', token: [1, 1], outcome: DONE },
      ),
    ).toEqual([]);
    expect(feed({ kind: 'tasks', tasks: [{ ...order('b', 2), withinMs: 0 }] })).toMatchObject([
      { kind: 'report', results: [late] },
    ]);
  });

  test('keeps a task over a lost connection and reports it on the next', () => {
    const { feed } = worker();
    feed({ kind: 'connected' }, { kind: 'tasks', tasks: [order('a', 1)] }, { kind: 'disconnected' });
    expect(feed({ kind: 'finished', task: 'a', token: [1, 1], outcome: DONE })).toEqual([]);
    expect(feed({ kind: 'connected' })).toMatchObject([{ kind: 'report', results: [{ task: 'a' }] }]);
  });

  test('reports again what got no answer', () => {
    const { feed } = worker();
    feed({ kind: 'connected' }, { kind: 'tasks', tasks: [order('a', 1)] });
    feed({ kind: 'finished', task: 'a', token: [1, 1], outcome: DONE });
    expect(feed({ kind: 'report-failed', leases: [{ task: 'a', token: [1, 1] }] })).toMatchObject([{ kind: 'report' }]);
    feed({ kind: 'disconnected' });
    expect(feed({ kind: 'report-failed', leases: [{ task: 'a', token: [1, 1] }] })).toEqual([]);
  });

  test('an order that comes twice is run once; a newer lease replaces the older', () => {
    const { state, feed } = worker(2);
    feed({ kind: 'connected' }, { kind: 'tasks', tasks: [order('a', 1)] });
    expect(feed({ kind: 'tasks', tasks: [order('a', 1)] })).toEqual([]);
    expect(feed({ kind: 'tasks', tasks: [order('a', 2)] })).toEqual([
      { kind: 'abort', token: [1, 1] },
      { kind: 'run', order: order('a', 2) },
    ]);
    expect(holding(state)).toEqual([[1, 2]]);
  });

  test('what it has no room for goes back', () => {
    const { feed } = worker(1);
    feed({ kind: 'connected' });
    const effects = feed({ kind: 'tasks', tasks: [order('a', 1), order('b', 2)] });
    expect(effects).toMatchObject([
      { kind: 'run' },
      { kind: 'report', results: [{ task: 'b', outcome: { ok: false, retry: true } }] },
    ]);
  });

  test('cancelled work is aborted and its outcome ignored', () => {
    const { state, feed } = worker();
    feed({ kind: 'connected' }, { kind: 'tasks', tasks: [order('a', 1)] });
    const tokens: Token[] = [
      [1, 1],
      [1, 7],
    ];
    expect(feed({ kind: 'cancel', tokens })).toEqual([{ kind: 'abort', token: [1, 1] }]);
    expect(feed({ kind: 'finished', task: 'a', token: [1, 1], outcome: DONE })).toEqual([]);
    expect(state.dropped).toBe(1);
  });

  test('declared dead: drops everything and comes back as another', () => {
    const { state, feed } = worker();
    feed({ kind: 'connected' }, { kind: 'tasks', tasks: [order('a', 1)] });
    expect(feed({ kind: 'declared-dead' })).toEqual([{ kind: 'abort', token: [1, 1] }, { kind: 'reincarnate' }]);
    expect(holding(state)).toEqual([]);
  });
});
