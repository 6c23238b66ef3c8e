import { expect, test } from 'vitest';
import { ERROR_LENGTH_MAX, RESULT_LENGTH_MAX, TASK_ID_LENGTH_MAX } from '../protocol/compute-limits.ts';
import { resultsFrame, RESULTS_MAX } from '../protocol/compute-messages.ts';
import { OrreryError } from '../protocol/errors.ts';
import { readResults } from './results-frame.ts';

const GOOD = { task: 'a', token: [1, 2], serviceMs: 0.5, outcome: { ok: true, result: '20' } };
const having = (field: string, values: unknown[]) => values.map((value) => [{ ...GOOD, [field]: value }]);

const LISTS: unknown[] = [
  [GOOD],
  [GOOD, { ...GOOD, more: 1 }],
  Array.from({ length: RESULTS_MAX }, () => GOOD),
  Array.from({ length: RESULTS_MAX + 1 }, () => GOOD),
  [],
  {},
  null,
  [null],
  ['a'],
  [[]],
  ...having('task', ['', 'x'.repeat(TASK_ID_LENGTH_MAX), 'x'.repeat(TASK_ID_LENGTH_MAX + 1), 1, undefined]),
  ...having('token', [[0, 0], [1], [1, 2, 3], [1, -1], [1, 0.5], [1, 2 ** 53], ['1', 2], { 0: 1, 1: 2 }, null]),
  ...having('serviceMs', [0, -1, Number.NaN, Number.POSITIVE_INFINITY, '1', null]),
  ...having('outcome', [
    { ok: true, result: 5 },
    { ok: true, result: null },
    { ok: true, result: Number.NaN },
    { ok: true, result: 'x'.repeat(RESULT_LENGTH_MAX) },
    { ok: true, result: 'x'.repeat(RESULT_LENGTH_MAX + 1) },
    { ok: true, result: {} },
    { ok: true },
    { ok: false, error: 'no', retry: true },
    { ok: false, error: 'x'.repeat(ERROR_LENGTH_MAX), retry: false, result: 1 },
    { ok: false, error: 'x'.repeat(ERROR_LENGTH_MAX + 1), retry: false },
    { ok: false, error: 'no', retry: 1 },
    { ok: false, retry: true },
    { ok: 1, result: 5 },
    null,
    'done',
  ]),
];

test.each(LISTS.map((results, n) => [n, results]))(
  'list %i is taken or refused as the schema does it',
  (_, results) => {
    const byHand = (): unknown => {
      try {
        return readResults({ t: 'results', results });
      } catch (thrown) {
        if (thrown instanceof OrreryError && thrown.code === 'bad-request') return 'refused';
        throw thrown;
      }
    };
    const parsed = resultsFrame.safeParse({ t: 'results', results });
    expect(byHand()).toEqual(parsed.success ? parsed.data.results : 'refused');
  },
);
