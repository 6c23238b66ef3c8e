import { describe, expect, test } from 'vitest';
import { bucketOf } from '../../../containers/algorithms/histogram.ts';
import { createRandom } from '../../../containers/algorithms/seeded-random.ts';
import { corrected, populationOf, quantileInterval, quantileMs, shareInterval } from './latency-counts.ts';

const population = (valuesMs: number[], failed = 0) =>
  populationOf([valuesMs.map((ms) => [bucketOf(ms * 1_000), 1] as const)], failed);

describe('quantiles', () => {
  test('rank failures above every answer', () => {
    const values = population([1, 2, 3, 4, 5, 6, 7, 8, 9], 1);
    expect(quantileMs(values, 0.5)).toBeCloseTo(5, 1);
    expect(quantileMs(values, 0.95)).toBe(Infinity);
    expect(quantileMs(population([]), 0.5)).toBeNull();
  });

  test('have intervals that hold the truth in about 95 % of cases', () => {
    const random = createRandom('coverage');
    const truthMs = 19; // The 95th percentile of values spread evenly from 0 to 20.
    let held = 0;
    for (let round = 0; round < 500; round += 1) {
      const interval = quantileInterval(population(Array.from({ length: 400 }, () => random.between(0, 20))), 0.95);
      if (interval !== null && interval.low <= truthMs && truthMs <= interval.high) held += 1;
    }
    expect(held / 500).toBeGreaterThan(0.93);
    expect(held / 500).toBeLessThanOrEqual(0.99);
  });

  test('have no upper bound where there are too few values', () => {
    expect(quantileInterval(population([1, 2, 3]), 0.95)?.high).toBe(Infinity);
  });
});

test('shares have intervals that are never a single point', () => {
  expect(shareInterval(0, 1_000)).toMatchObject({ low: 0 });
  expect(shareInterval(0, 1_000)?.high).toBeCloseTo(0.0038, 4);
  expect(shareInterval(5, 5)).toMatchObject({ high: 1 });
  expect(shareInterval(0, 0)).toBeNull();
});

test('the correction adds what one long answer held back', () => {
  const counts = corrected([[bucketOf(100), 1]], 25);
  expect(counts).toEqual([
    [25, 1],
    [50, 1],
    [75, 1],
    [100, 1],
  ]);
});
