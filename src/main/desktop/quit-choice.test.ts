import { expect, test } from 'vitest';
import { EMPTY_PICTURE, type ClusterPicture } from '../../core/cluster-picture.ts';
import { chooseQuit, suggestName } from './quit-choice.ts';

const running: ClusterPicture = { ...EMPTY_PICTURE, phase: 'running', cluster: 'c' };
const named: ClusterPicture = { ...running, name: 'lab' };

test.each([
  ['ask', EMPTY_PICTURE, { do: 'close', keepAs: null }],
  ['ask', { ...running, phase: 'stopped' }, { do: 'close', keepAs: null }],
  ['keep', { ...named, phase: 'stopping' }, { do: 'close', keepAs: null }],
  ['ask', running, { do: 'ask', keepAs: 'orrery-x', nodes: 0 }],
  ['ask', named, { do: 'close', keepAs: 'lab' }],
  ['signal', running, { do: 'close', keepAs: null }],
  ['signal', named, { do: 'close', keepAs: 'lab' }],
  ['remove', running, { do: 'close', keepAs: null }],
  ['remove', named, { do: 'close', keepAs: null }],
  ['keep', running, { do: 'close', keepAs: 'orrery-x' }],
  ['keep', named, { do: 'close', keepAs: 'lab' }],
] as const)('who wishes to %s', (wish, picture, choice) => {
  expect(chooseQuit(wish, picture, 'orrery-x')).toEqual(choice);
});

test('a name that is taken gets a number', () => {
  const nowMs = Date.UTC(2026, 10, 26);
  expect(suggestName(nowMs, [])).toBe('orrery-20261126');
  expect(suggestName(nowMs, ['orrery-20261126', 'orrery-20261126-2'])).toBe('orrery-20261126-3');
});
