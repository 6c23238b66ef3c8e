import { describe, expect, test } from 'vitest';
import { logDomain, logTicks, tickText } from './latency-axis.ts';

describe('the log axis', () => {
  test('encloses all values between powers of ten', () => {
    expect(logDomain([0.4, null, 37])).toEqual([0.1, 100]);
  });
  test('has at least one decade', () => {
    expect(logDomain([10, 10])).toEqual([10, 100]);
  });
  test('stands ready before there is anything to show, and for zeros', () => {
    expect(logDomain([])).toEqual([0.1, 10]);
    expect(logDomain([0, null])).toEqual([0.1, 10]);
  });
  test('is marked at every power of ten', () => {
    expect(logTicks([0.1, 100])).toEqual([0.1, 1, 10, 100]);
    expect(logTicks([1, 10_000]).map(tickText)).toEqual(['1', '10', '100', '1k', '10k']);
  });
});
