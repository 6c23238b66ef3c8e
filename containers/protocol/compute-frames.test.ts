import { describe, expect, test } from 'vitest';
import { readOrders, readResults, writeOrders, writeResults } from './compute-frames.ts';
import { ERROR_LENGTH_MAX, RESULT_LENGTH_MAX, TASK_ID_LENGTH_MAX } from './compute-limits.ts';
import { RESULTS_MAX, taskResult } from './compute-messages.ts';
import type { TaskOrder, TaskResult } from './compute-messages.ts';

const GOOD: TaskResult = { task: 'a', token: [1, 2], serviceMs: 0.5, outcome: { ok: true, result: '20' } };
const FLAT = ['a', 1, 2, 0.5, null, '20'];
/** The good one with other values at a place. */
const having = (at: number, values: unknown[]): unknown[][] => values.map((value) => FLAT.with(at, value as string));

/** As JSON leaves it: what is not sent is not there. */
function sent(list: unknown): unknown {
  return JSON.parse(JSON.stringify(list));
}

describe('results', () => {
  test.each<TaskResult['outcome']>([
    { ok: true, result: 5 },
    { ok: true, result: null },
    { ok: true, result: 'x'.repeat(RESULT_LENGTH_MAX) },
    { ok: false, error: 'no', retry: true },
    { ok: false, error: 'x'.repeat(ERROR_LENGTH_MAX), retry: false },
  ])('arrive as they left', (outcome) => {
    const results = [GOOD, { ...GOOD, task: 'x'.repeat(TASK_ID_LENGTH_MAX), outcome }, GOOD];
    expect(readResults(sent(writeResults(results)))).toEqual(results);
    for (const result of results) expect(taskResult.safeParse(result).success).toBe(true);
  });

  test('with a trace say when they began', () => {
    const results = [{ ...GOOD, startedAtMs: 1_700_000_000_000.25 }, GOOD];
    expect(readResults(sent(writeResults(results)))).toEqual(results);
    expect(() => readResults(FLAT.with(3, [0.5, 'now'] as unknown as string))).toThrow('shape');
  });

  test('as many as are allowed, and no more', () => {
    const most = Array.from({ length: RESULTS_MAX }, () => GOOD);
    expect(readResults(writeResults(most))).toHaveLength(RESULTS_MAX);
    expect(() => readResults(writeResults([...most, GOOD]))).toThrow('shape');
  });

  test.each<[unknown]>([
    [[]],
    [{}],
    [null],
    ['a'],
    [FLAT.slice(1)],
    [[...FLAT, 'b']],
    ...[
      ...having(0, ['', 'x'.repeat(TASK_ID_LENGTH_MAX + 1), 1, null]),
      ...having(1, [-1, 0.5, 2 ** 53, '1', null]),
      ...having(2, [-1, 0.5, 2 ** 53, '1', null]),
      ...having(3, [-1, Number.NaN, Number.POSITIVE_INFINITY, '1', null]),
      ...having(4, ['no', 'x'.repeat(ERROR_LENGTH_MAX + 1), true, 1, {}]),
      ...having(5, ['x'.repeat(RESULT_LENGTH_MAX + 1), Number.NaN, true, {}, undefined]),
      ['a', 1, 2, 0.5, 'x'.repeat(ERROR_LENGTH_MAX + 1), false],
      ['a', 1, 2, 0.5, 'no', 1],
    ].map((list): [unknown] => [list]),
  ])('%j are refused', (list) => {
    expect(() => readResults(list)).toThrow('shape');
  });
});

describe('orders', () => {
  test('arrive as they left', () => {
    const orders: TaskOrder[] = [
      { task: 'a', kind: 'calculator', payload: '1 + 1', token: [3, 7] },
      { task: 'b', kind: 'calculator', payload: { operation: 'addition', operands: [1, 2] }, token: [3, 8] },
      { task: 'c', kind: 'echo', payload: null, token: [3, 9], withinMs: -2.5 },
      { task: 'd', kind: 'echo', payload: 'x', token: [3, 10], traceparent: '00-a-b-01' },
      { task: 'e', kind: 'echo', payload: 'x', token: [3, 11], withinMs: 5, traceparent: '00-a-b-01' },
    ];
    expect(readOrders(sent(writeOrders(orders)))).toEqual(orders);
    expect(readOrders([])).toEqual([]);
  });

  test.each<[unknown]>([
    [undefined],
    [[{ task: 'a' }]],
    [['a', 'echo', 'x', 1, 1]],
    [[1, 'echo', 'x', 1, 1, null]],
    [['a', 1, 'x', 1, 1, null]],
    [['a', 'echo', 'x', -1, 1, null]],
    [['a', 'echo', 'x', 1, '1', null]],
    [['a', 'echo', 'x', 1, 1, 'soon']],
  ])('%j are refused', (list) => {
    expect(() => readOrders(list)).toThrow('shape');
  });
});
