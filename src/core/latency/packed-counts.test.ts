import fc from 'fast-check';
import { expect, test } from 'vitest';
import { packCounts, unpackCounts } from './packed-counts.ts';

test('what was packed comes back', () => {
  const counts = fc
    .uniqueArray(fc.tuple(fc.nat(3_839), fc.integer({ min: 1, max: 2 ** 40 })), { selector: ([bucket]) => bucket })
    .map((list) => list.sort((a, b) => a[0] - b[0]));
  fc.assert(
    fc.property(counts, (list) => {
      expect(unpackCounts(packCounts(list))).toEqual(list);
    }),
  );
});

test('neighbouring buckets with small counts take two bytes each', () => {
  expect(packCounts([1_000, 1_001, 1_003].map((bucket) => [bucket, 7])).length).toBe(7);
});

test('bytes that were cut short are refused', () => {
  const packed = packCounts([[700, 300]]);
  expect(() => unpackCounts(packed.subarray(0, packed.length - 1))).toThrow(RangeError);
});
