import { expect, test } from 'vitest';
import { NumberRing } from './number-ring.ts';

test('keeps the last rows, oldest first', () => {
  const ring = new NumberRing(['atMs', 'value'], 3);
  expect([...ring]).toEqual([]);
  for (const at of [1, 2, 3, 4, 5]) ring.push({ atMs: at, value: at * 10 });
  expect([...ring]).toEqual([
    { atMs: 3, value: 30 },
    { atMs: 4, value: 40 },
    { atMs: 5, value: 50 },
  ]);
});
