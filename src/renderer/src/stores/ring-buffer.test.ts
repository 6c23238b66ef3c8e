import { describe, expect, test } from 'vitest';
import { RingBuffer } from './ring-buffer.ts';

describe('RingBuffer', () => {
  test('keeps the newest items in order and forgets the oldest', () => {
    const ring = new RingBuffer<number>(3);
    for (const item of [1, 2, 3, 4, 5]) ring.push(item);
    expect(ring.toArray()).toEqual([3, 4, 5]);
    expect(ring.length).toBe(3);
  });

  test('reads from both ends and answers undefined outside', () => {
    const ring = new RingBuffer<string>(4);
    ring.push('a');
    ring.push('b');
    expect(ring.at(0)).toBe('a');
    expect(ring.last()).toBe('b');
    expect(ring.at(2)).toBeUndefined();
    expect(ring.at(-3)).toBeUndefined();
  });

  test('starts afresh after clear, also when it had wrapped around', () => {
    const ring = new RingBuffer<number>(2);
    for (const item of [1, 2, 3]) ring.push(item);
    ring.clear();
    expect(ring.toArray()).toEqual([]);
    ring.push(9);
    expect(ring.toArray()).toEqual([9]);
  });

  test('refuses a capacity below one', () => {
    expect(() => new RingBuffer(0)).toThrow(RangeError);
  });
});
