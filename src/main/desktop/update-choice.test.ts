import { expect, test } from 'vitest';
import { isWorthTelling, lineOf, readUpdateSettings } from './update-choice.ts';

const anything = readUpdateSettings({});

test.each([
  ['1.2.3', '1.2.4', true],
  ['1.2.3', '1.10.0', true],
  ['1.2.3', '2.0.0', true],
  ['1.2.3', '1.2.3', false],
  ['1.2.3', '1.1.9', false],
  ['1.2.3', '1.3.0-beta.1', false],
  ['1.2.3', 'latest', false],
])('running %s, %s is told: %s', (current, offered, told) => {
  expect(isWorthTelling(anything, current, offered)).toBe(told);
});

test('skipped, pinned to a line, or off', () => {
  expect(isWorthTelling({ ...anything, skipped: '1.3.0' }, '1.2.3', '1.3.0')).toBe(false);
  expect(isWorthTelling({ ...anything, skipped: '1.3.0' }, '1.2.3', '1.3.1')).toBe(true);
  expect(isWorthTelling({ ...anything, line: lineOf('1.2.3') }, '1.2.3', '1.3.0')).toBe(false);
  expect(isWorthTelling({ ...anything, line: '1.2' }, '1.2.3', '1.2.9')).toBe(true);
  expect(isWorthTelling({ ...anything, mode: 'off' }, '1.2.3', '2.0.0')).toBe(false);
});

test('odd settings count as none', () => {
  expect(anything).toEqual({ mode: 'notify', skipped: null, line: null });
  expect(readUpdateSettings({ 'updates.mode': 'force', 'updates.skipped': 7, 'updates.line': '1.x' })).toEqual(
    anything,
  );
  expect(readUpdateSettings({ 'updates.mode': 'off', 'updates.skipped': '1.0.0', 'updates.line': '1.0' })).toEqual({
    mode: 'off',
    skipped: '1.0.0',
    line: '1.0',
  });
});
