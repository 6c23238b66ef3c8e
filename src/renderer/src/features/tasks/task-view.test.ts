import { expect, test } from 'vitest';
import { taskSearch } from '../../../../contract/tasks-schema.ts';
import { EVERYTHING, payloadsOf, queryOf, whichOf } from './task-view.ts';

test('a basket becomes one payload a piece', () => {
  expect(payloadsOf({ pear: 1, apple: 2 })).toEqual([{ fruit: 'apple' }, { fruit: 'apple' }, { fruit: 'pear' }]);
  expect(payloadsOf({})).toEqual([]);
});

test('an open filter asks for everything, and the contract takes every filter', () => {
  expect(queryOf(EVERYTHING, null, 200)).toEqual({ after: null, limit: 200 });
  const full = { search: ' pear ', status: 'failed', kind: 'fruit', worker: 'worker-1', batch: 'order-1' } as const;
  expect(taskSearch.parse(queryOf(full, 'a', 10))).toEqual({ ...full, search: 'pear', after: 'a', limit: 10 });
});

test('a redrive is asked without a status: it is about failed tasks anyway', () => {
  expect(whichOf({ ...EVERYTHING, status: 'failed', kind: 'echo' })).toEqual({ kind: 'echo' });
});
