import { describe, expect, test } from 'vitest';
import { ROW_HEIGHT, visibleRows } from './visible-rows.ts';

describe('visible rows', () => {
  test('a short table is rendered whole', () => {
    expect(visibleRows(0, 500, 6)).toEqual({ first: 0, end: 6, before: 0, after: 0 });
  });

  test('of a long one only what is in sight, and the rest keeps its height', () => {
    const { first, end, before, after } = visibleRows(100 * ROW_HEIGHT, 10 * ROW_HEIGHT, 1_000);
    expect(first).toBeLessThan(100);
    expect(end).toBeGreaterThan(110);
    expect(end - first).toBeLessThan(40);
    expect(before + after + (end - first) * ROW_HEIGHT).toBe(1_000 * ROW_HEIGHT);
  });

  test('a table that has become shorter than its scroll position shows its end', () => {
    const { first, end, after } = visibleRows(5_000, 280, 20);
    expect(end).toBe(20);
    expect(first).toBeLessThanOrEqual(end);
    expect(after).toBe(0);
  });
});
