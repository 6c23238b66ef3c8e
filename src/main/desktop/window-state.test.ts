import { mkdtempSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { placeWindow, readWindowState, SIZE, writeWindowState } from './window-state.ts';

const LAPTOP = { x: 0, y: 25, width: 1_440, height: 875 };
const BESIDE = { x: 1_440, y: 0, width: 1_920, height: 1_080 };
const at = (x: number, y: number, width = 1_000, height = 700) => ({
  bounds: { x, y, width, height },
  maximized: false,
});

test('the first start leaves the place to the system', () => {
  expect(placeWindow(null, [LAPTOP])).toEqual({ width: SIZE.width, height: SIZE.height });
});

test.each([
  ['on the first screen', at(100, 100), { x: 100, y: 100, width: 1_000, height: 700 }],
  ['on the second', at(1_500, 0), { x: 1_500, y: 0, width: 1_000, height: 700 }],
  ['partly outside', at(-900, 100), { x: -900, y: 100, width: 1_000, height: 700 }],
  ['larger than its screen', at(10, 30, 3_000, 2_000), { x: 10, y: 30, width: 1_440, height: 875 }],
  ['too small to use', at(10, 30, 10, 10), { width: SIZE.minWidth, height: SIZE.minHeight }],
])('it opens as it was: %s', (_, kept, expected) => {
  expect(placeWindow(kept, [LAPTOP, BESIDE])).toMatchObject(expected);
});

test.each([
  ['its screen is gone', at(1_500, 0)],
  ['its title bar is above', at(100, -50)],
  ['nearly all is outside', at(-950, 100)],
])('where it could not be reached it opens in the middle: %s', (_, kept) => {
  const placed = placeWindow(kept, [LAPTOP]);
  expect(placed).toEqual({ width: 1_000, height: 700 });
});

test('what was written is read, and anything else is as if nothing were there', () => {
  const file = path.join(mkdtempSync(path.join(os.tmpdir(), 'orrery-window-')), 'window.json');
  expect(readWindowState(file)).toBeNull();
  writeWindowState(file, at(1, 2));
  expect(readWindowState(file)).toEqual(at(1, 2));
  for (const text of [
    '',
    '{}',
    '{"bounds":{"x":"1"}}',
    '{"bounds":{"x":1e9,"y":0,"width":1,"height":1},"maximized":true}',
  ]) {
    writeFileSync(file, text);
    expect(readWindowState(file)).toBeNull();
  }
  expect(() => writeWindowState('/no/such/folder/window.json', at(1, 2))).not.toThrow();
});
