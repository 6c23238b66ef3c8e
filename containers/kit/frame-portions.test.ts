import { expect, test } from 'vitest';
import { portionsOf } from './frame-portions.ts';
import { encodeFrame, FRAME_BYTES_MAX } from './frames.ts';

const itself = (item: unknown): unknown => item;

test.each([
  ['text', Array.from({ length: 500 }, (_, n) => `${n} ${'x'.repeat(32_000)}`)],
  ['text that JSON makes six times as long', Array.from({ length: 60 }, () => '\u0001'.repeat(262_144))],
  ['objects', Array.from({ length: 200 }, (_, n) => ({ n, text: 'é€'.repeat(30_000) }))],
])('every portion of %s fits into a frame, and nothing is lost or moved', (_, items) => {
  const portions = portionsOf<unknown>(items, itself);
  expect(portions.length).toBeGreaterThan(1);
  expect(portions.flat()).toEqual(items);
  for (const portion of portions) {
    expect(encodeFrame({ t: 'tasks', portion }).length).toBeLessThanOrEqual(FRAME_BYTES_MAX + 4);
  }
});

test('small items stay together, up to a thousand', () => {
  const items = Array.from({ length: 2_500 }, (_, n) => n);
  expect(portionsOf(items, itself).map(({ length }) => length)).toEqual([1_000, 1_000, 500]);
  expect(portionsOf([], itself)).toEqual([]);
});
