import { expect, test } from 'vitest';
import type { Finished } from './core-types.ts';
import { createRow, type Happening, type TaskSpec } from './task-row.ts';
import { isAsked, taskTrace } from './task-trace.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPEC: TaskSpec = { id: 'task 1', kind: 'echo', form: 'kind', payload: 'x', keyed: true };

function finished(history: Happening[], more: Partial<Finished> = {}, spec = SPEC): Finished {
  return {
    row: { ...createRow(spec, 'sync', 100), history },
    task: 'task 1',
    series: 'task-sync',
    kind: 'echo',
    acceptedAtMs: 100,
    leasedAtMs: 110,
    finishedAtMs: 150,
    worker: 'worker-1',
    outcome: 'ok',
    serviceMs: 20,
    startedAtMs: null,
    why: undefined,
    ...more,
  };
}
const leased = (atMs: number, worker: string, n: number): Happening => ({
  what: 'leased',
  atMs,
  worker,
  token: [1, n],
});

test('a task waits, is at a worker, is worked on: one connected tree', () => {
  const { spans, durationMs, outcome } = taskTrace(finished([leased(110, 'worker-1', 1)]), 'master', 'chance');
  expect([durationMs, outcome]).toEqual([50, 'ok']);
  expect(spans.map(({ name, node, startMs, endMs }) => [name, node, startMs, endMs])).toEqual([
    ['request', 'master', 100, 150],
    ['queue', 'master', 100, 110],
    ['attempt', 'worker-1', 110, 150],
    ['execute', 'worker-1', 120, 140],
  ]);
  expect(spans[3]).toMatchObject({ centred: true, parent: spans[2]?.id });
  const ids = new Set(spans.map(({ id }) => id));
  expect(spans.filter(({ parent }) => parent === null || !ids.has(parent))).toEqual([spans[0]]);
});

test('where the worker said when it began, that is shown', () => {
  const { spans } = taskTrace(finished([leased(110, 'worker-1', 1)], { startedAtMs: 112 }), 'master', 'chance');
  expect(spans[3]).toMatchObject({ startMs: 112, endMs: 132 });
  expect(spans[3]).not.toHaveProperty('centred');
});

test('every attempt has its own span, and one that was lost says why', () => {
  const history: Happening[] = [
    leased(110, 'worker-1', 1),
    { what: 'retried', atMs: 120, reason: 'its worker died', notBeforeMs: 125 },
    leased(130, 'worker-2', 2),
  ];
  const { spans } = taskTrace(finished(history, { outcome: 'retried' }), 'master', 'slow');
  expect(spans.map(({ name, node, startMs, endMs, note }) => [name, node, startMs, endMs, note])).toEqual([
    ['request', 'master', 100, 150, undefined],
    ['queue', 'master', 100, 110, undefined],
    ['attempt', 'worker-1', 110, 120, 'its worker died'],
    ['queue', 'master', 120, 130, undefined],
    ['attempt', 'worker-2', 130, 150, undefined],
    ['execute', 'worker-2', 130, 150, undefined],
  ]);
});

test('the trace of the client is gone on with, and kept if the client keeps it', () => {
  const spec = { ...SPEC, traceparent: `00-${TRACE}-00f067aa0ba902b7-01` };
  const { trace, spans } = taskTrace(finished([], {}, spec), 'master', 'asked');
  expect(trace).toBe(TRACE);
  expect(spans[0]?.parent).toBe('00f067aa0ba902b7');
  expect(isAsked(spec)).toBe(true);
  expect(isAsked({ traceparent: `00-${TRACE}-00f067aa0ba902b7-00` })).toBe(false);
  expect(isAsked(SPEC)).toBe(false);
});

test('a task that failed is an error with its reason', () => {
  const failed = finished([leased(110, 'worker-1', 1)], { outcome: 'error', serviceMs: 1 });
  const { outcome, spans } = taskTrace(
    { ...failed, row: { ...failed.row, error: 'division by zero' } },
    'master',
    'error',
  );
  expect(outcome).toBe('error');
  expect(spans[0]).toMatchObject({ outcome: 'error', note: 'division by zero' });
});
