import { describe, expect, test } from 'vitest';
import { createRandom } from './seeded-random.ts';

const draw = (random: { next(): number }, count: number) => Array.from({ length: count }, () => random.next());

describe('seeded random', () => {
  test('equal seeds give equal sequences, different seeds different ones', () => {
    expect(draw(createRandom(7), 5)).toEqual(draw(createRandom(7), 5));
    expect(draw(createRandom(7), 5)).not.toEqual(draw(createRandom(8), 5));
  });

  test('the sequence of a seed never changes: old seeds must go on replaying', () => {
    expect(
      Array.from(
        { length: 4 },
        (
          (random) => () =>
            random.integer(1_000_000)
        )(createRandom(1)),
      ),
    ).toMatchInlineSnapshot(`
      [
        543827,
        879607,
        249111,
        55280,
      ]
    `);
  });

  test('a split stream does not depend on what its parent drew', () => {
    const fresh = createRandom(3).split('disk');
    const parent = createRandom(3);
    draw(parent, 100);
    expect(draw(parent.split('disk'), 5)).toEqual(draw(fresh, 5));
    expect(draw(parent.split('network'), 5)).not.toEqual(draw(createRandom(3).split('disk'), 5));
  });

  test('numbers are spread evenly over [0, 1), for neighbouring seeds too', () => {
    const cells = Array.from({ length: 16 }, () => 0);
    for (let seed = 0; seed < 2_000; seed += 1) {
      for (const value of draw(createRandom(seed), 8)) {
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThan(1);
        const cell = Math.floor(value * 16);
        cells[cell] = (cells[cell] ?? 0) + 1;
      }
    }
    // 16,000 draws, 1,000 expected a cell; chi-square with 15 degrees of freedom, p = 0.001 at 37.7.
    const chiSquare = cells.reduce((sum, count) => sum + (count - 1_000) ** 2 / 1_000, 0);
    expect(chiSquare).toBeLessThan(37.7);
  });

  test('exponential has its mean, pick stays inside', () => {
    const random = createRandom('mean');
    const sum = Array.from({ length: 20_000 }, () => random.exponential(5)).reduce((a, b) => a + b, 0);
    expect(sum / 20_000).toBeCloseTo(5, 0);
    expect(random.pick([])).toBeUndefined();
    expect(['a', 'b']).toContain(random.pick(['a', 'b']));
  });
});
