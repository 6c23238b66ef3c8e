import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bucketOf, bucketUpperUs, countOf, merge, quantile } from './histogram.ts';

const value = fc.oneof(
  fc.nat({ max: 600 }),
  fc.nat({ max: 2 ** 31 - 1 }),
  fc.integer({ min: 2 ** 31, max: 2 ** 36 - 1 }),
);

function bucketsOf(values: readonly number[]): [number, number][] {
  return merge(
    values.map((one) => [bucketOf(one), 1] as const),
    [],
  );
}

describe('histogram', () => {
  test('keeps values within 0.8 % below the upper edge of their bucket', () => {
    fc.assert(
      fc.property(value, (valueUs) => {
        const upperUs = bucketUpperUs(bucketOf(valueUs));
        expect(upperUs).toBeGreaterThanOrEqual(valueUs);
        expect(upperUs - valueUs).toBeLessThanOrEqual(valueUs * 0.008);
      }),
    );
  });

  test('covers all values without gap or overlap', () => {
    for (let bucket = 0; bucket < bucketOf(2 ** 36); bucket += 1) {
      expect(bucketOf(bucketUpperUs(bucket))).toBe(bucket);
      expect(bucketOf(bucketUpperUs(bucket) + 1)).toBe(bucket + 1);
    }
  });

  test('takes any number', () => {
    expect([Number.NaN, -1, 0, 0.4].map(bucketOf)).toEqual([0, 0, 0, 0]);
    expect(bucketOf(Number.POSITIVE_INFINITY)).toBe(bucketOf(2 ** 36 - 1));
  });

  test('answers quantiles as a sorted list would, within the width of a bucket', () => {
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1, maxLength: 60 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (values, q) => {
          const sorted = [...values].sort((a, b) => a - b);
          const exact = sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? 0;
          expect(quantile(bucketsOf(values), q)).toBe(bucketUpperUs(bucketOf(exact)));
        },
      ),
    );
    expect(quantile([], 0.5)).toBeNull();
  });

  test('merges by adding, in any order', () => {
    const values = fc.array(value, { maxLength: 40 });
    fc.assert(
      fc.property(values, values, (left, right) => {
        const merged = merge(bucketsOf(left), bucketsOf(right));
        expect(merged).toEqual(bucketsOf([...right, ...left]));
        expect(countOf(merged)).toBe(left.length + right.length);
      }),
    );
  });
});
