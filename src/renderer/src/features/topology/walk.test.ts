import { describe, expect, test } from 'vitest';
import { directionOf, hit, neighbour } from './walk.ts';

const points = new Map([
  ['master', { x: 0, y: 0 }],
  ['worker-1', { x: 0, y: -150 }],
  ['worker-2', { x: -112, y: -150 }],
  ['worker-3', { x: 112, y: -150 }],
  ['headnode', { x: 0, y: 124 }],
  ['client', { x: -336, y: 62 }],
]);

describe('walking', () => {
  test.each([
    ['master', 'up', 'worker-1'],
    ['worker-1', 'left', 'worker-2'],
    ['worker-1', 'right', 'worker-3'],
    ['worker-2', 'down', 'master'],
    ['master', 'down', 'headnode'],
    ['master', 'left', 'client'],
    ['client', 'right', 'master'],
  ] as const)('from %s %s is %s', (start, direction, expected) => {
    expect(neighbour(points, start, direction)).toBe(expected);
  });

  test('stops at the edge, and knows nothing of strangers', () => {
    expect(neighbour(points, 'worker-3', 'right')).toBeNull();
    expect(neighbour(points, 'worker-9', 'left')).toBeNull();
  });

  test('only arrow keys are directions', () => {
    expect(directionOf('ArrowUp')).toBe('up');
    expect(directionOf('Enter')).toBeNull();
  });
});

describe('hit testing', () => {
  test('finds the nearest within the radius', () => {
    expect(hit(points, { x: -100, y: -140 }, 30)).toBe('worker-2');
    expect(hit(points, { x: -60, y: -150 }, 80)).toBe('worker-2');
  });
  test('finds nothing far from everything', () => {
    expect(hit(points, { x: 400, y: 400 }, 30)).toBeNull();
  });
});
