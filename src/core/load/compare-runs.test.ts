import { describe, expect, test } from 'vitest';
import { bucketOf } from '../../../containers/algorithms/histogram.ts';
import { createRandom, type SeededRandom } from '../../../containers/algorithms/seeded-random.ts';
import { compareRuns, compareUnits } from './compare-runs.ts';
import { populationOf, type Population } from './latency-counts.ts';
import { mannWhitney } from './mann-whitney.ts';
import { runVirtually } from './sender-bench.ts';

/** A run of lognormal latencies around `medianMs`, whose median itself varies from run to run. */
function run(random: SeededRandom, medianMs: number, failed = 0): Population {
  const normal = () => Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
  const own = medianMs * Math.exp(0.05 * normal());
  const counts = Array.from({ length: 300 }, () => [bucketOf(own * Math.exp(0.5 * normal()) * 1_000), 1] as const);
  return populationOf([counts], failed);
}
const runs = (random: SeededRandom, count: number, medianMs: number) =>
  Array.from({ length: count }, () => run(random, medianMs));
const compare = (random: SeededRandom, first: Population[], second: Population[]) =>
  compareUnits(first, second, { quantile: 0.95, random: random.next });

describe('comparison', () => {
  test('of a system with itself finds a difference in at most 5 % of cases', () => {
    let different = 0;
    const cases = 300;
    for (let index = 0; index < cases; index += 1) {
      const random = createRandom(`a/a ${index}`);
      const { difference } = compare(random, runs(random, 5, 20), runs(random, 5, 20));
      if (difference === 'better' || difference === 'worse') different += 1;
    }
    expect(different / cases).toBeLessThanOrEqual(0.05);
  });

  test('finds a real difference, and says which way', () => {
    const random = createRandom('a/b');
    const slow = runs(random, 6, 20);
    const fast = runs(random, 6, 12);
    const better = compare(random, slow, fast);
    expect(better.difference).toBe('better');
    expect(better.ratio).toBeGreaterThan(0.5);
    expect(better.high).toBeLessThan(0.75);
    expect(compare(random, fast, slow).difference).toBe('worse');
  });

  test('says same only of what is near enough, and nothing of too little', () => {
    const random = createRandom('same');
    expect(compare(random, runs(random, 20, 20), runs(random, 20, 20)).difference).toBe('same');
    expect(compare(random, runs(random, 4, 20), runs(random, 5, 50)).difference).toBe('not-enough-data');
  });

  test('does not divide by percentiles that lie among failures', () => {
    const random = createRandom('failing');
    const failing = Array.from({ length: 5 }, () => run(random, 20, 100));
    expect(compare(random, runs(random, 5, 20), failing)).toMatchObject({ difference: 'not-enough-data', ratio: null });
  });

  test('of two single runs goes by blocks of 10 s, and wants five of them', () => {
    const record = (durationMs: number, tookMs: number) =>
      runVirtually({ loop: { kind: 'open', rate: 20, shape: { kind: 'poisson' } }, durationMs }, (at) => ({
        doneMs: at + tookMs,
      }));
    const random = createRandom('blocks').next;
    const long = compareRuns([record(60_000, 20)], [record(60_000, 40)], { quantile: 0.95, random });
    expect(long).toMatchObject({ units: 'blocks', difference: 'worse', first: 6 });
    const short = compareRuns([record(20_000, 20)], [record(20_000, 40)], { quantile: 0.95, random });
    expect(short.difference).toBe('not-enough-data');
  });
});

describe('Mann–Whitney', () => {
  test('counts exactly where there are few values', () => {
    // All of one side above the other: 2 of 252 orders are as extreme.
    expect(mannWhitney([1, 2, 3, 4, 5], [6, 7, 8, 9, 10])).toBeCloseTo(2 / 252, 10);
    // Three against three can never reach 0.05.
    expect(mannWhitney([1, 2, 3], [4, 5, 6])).toBeCloseTo(0.1, 10);
    expect(mannWhitney([1, 3, 5], [2, 4, 6])).toBeCloseTo(0.7, 10);
  });

  test('approximates with ties, and is symmetric', () => {
    expect(mannWhitney([1, 1, 1], [1, 1, 1])).toBe(1);
    const a = [1, 2, 2, 3, 4, 5, 6];
    const b = [4, 5, 5, 6, 7, 8, 9];
    expect(mannWhitney(a, b)).toBeCloseTo(mannWhitney(b, a), 10);
    expect(mannWhitney(a, b)).toBeLessThan(0.05);
  });
});
