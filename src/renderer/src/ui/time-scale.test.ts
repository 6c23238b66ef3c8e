import { describe, expect, test } from 'vitest';
import { heightOf, nearest, niceMax, ticks, timeAt, xOf, type TimeScale } from './time-scale.ts';

const scale: TimeScale = { fromMs: 0, toMs: 300_000, width: 1_000 };

describe('time on the strip', () => {
  test('the newest stands at the right, and back again', () => {
    expect(xOf(scale, 300_000)).toBe(1_000);
    expect(xOf(scale, 75_000)).toBe(250);
    expect(timeAt(scale, xOf(scale, 123_456))).toBeCloseTo(123_456);
  });

  test('ticks are round times with room for their text', () => {
    const found = ticks(scale, 90);
    expect(found).toEqual([0, 30_000, 60_000, 90_000, 120_000, 150_000, 180_000, 210_000, 240_000, 270_000, 300_000]);
    const tight = ticks({ ...scale, width: 300 }, 90);
    expect(tight).toEqual([0, 120_000, 240_000]);
  });

  test('ticks stay at the same times while the strip moves on', () => {
    expect(ticks({ fromMs: 7_500, toMs: 307_500, width: 1_000 }, 90)[0]).toBe(30_000);
  });
});

describe('axes', () => {
  test.each([
    [0, 1],
    [0.7, 1],
    [3, 5],
    [12, 20],
    [51, 100],
  ])('the axis for %d ends at %d', (largest, end) => expect(niceMax(largest)).toBe(end));

  test('heights stay inside the strip', () => {
    expect(heightOf(5, 10, 40)).toBe(20);
    expect(heightOf(99, 10, 40)).toBe(40);
    expect(heightOf(-1, 10, 40)).toBe(0);
  });
});

describe('hit testing', () => {
  test('finds the nearest mark within reach, the later of two at the same place', () => {
    expect(nearest(scale, [1_000, 150_000, 150_000, 290_000], 502, 6)).toBe(2);
    expect(nearest(scale, [1_000, 150_000], 700, 6)).toBeNull();
  });
});
