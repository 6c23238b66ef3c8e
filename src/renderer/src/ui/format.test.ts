import { describe, expect, test } from 'vitest';
import { formatAge, formatBytes, formatClock, formatCount, formatMs, formatRate, formatShare } from './format.ts';

describe('formatting', () => {
  test.each([
    [0.4234, '0.42 ms'],
    [12.34, '12.3 ms'],
    [9.996, '10.0 ms'],
    [456.7, '457 ms'],
    [999.6, '1.00 s'],
    [59_996, '1 min 00 s'],
    [1_240, '1.24 s'],
    [185_000, '3 min 05 s'],
    [Infinity, '–'],
  ])('a duration of %d ms is %s', (ms, expected) => expect(formatMs(ms)).toBe(expected));

  test.each([
    [-30, '0.0 s'],
    [2_140, '2.1 s'],
    [9_960, '10 s'],
    [59_700, '1 min 00 s'],
    [75_000, '1 min 15 s'],
    [7_800_000, '2 h 10 min'],
  ])('an age of %d ms is %s', (ms, expected) => expect(formatAge(ms)).toBe(expected));

  test.each([
    [512, '512 B'],
    [2_048, '2.0 kB'],
    [24_300_000, '24.3 MB'],
    [1_500_000_000, '1.50 GB'],
  ])('%d bytes are %s', (bytes, expected) => expect(formatBytes(bytes)).toBe(expected));

  test.each([
    [0, '0'],
    [12_345, '12\u202f345'],
    [2_340_000, '2.34 M'],
  ])('a count of %d is %s', (count, expected) => expect(formatCount(count)).toBe(expected));

  test('shares and rates carry their unit', () => {
    expect(formatShare(0.0314)).toBe('3.1 %');
    expect(formatRate(12.34)).toBe('12.3/s');
    expect(formatRate(1_234)).toBe('1\u202f234/s');
  });

  test('the time of day keeps its width', () => {
    const atMs = new Date(2_026, 0, 2, 3, 4, 5, 6).getTime();
    expect(formatClock(atMs)).toBe('03:04:05');
    expect(formatClock(atMs, true)).toBe('03:04:05.006');
  });
});
