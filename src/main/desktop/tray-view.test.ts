import { expect, test } from 'vitest';
import { EMPTY_PICTURE, type ClusterPicture } from '../../core/cluster-picture.ts';
import type { ActiveFault } from '../../core/faults/fault.ts';
import { wantedNode } from '../../core/fold-node.ts';
import { trayView } from './tray-view.ts';
import { sayIn } from './words.ts';

const say = sayIn('en', 'en');
const node = (name: string) => ({ ...wantedNode(name, 'worker', 0), state: 'ready' as const });
const running: ClusterPicture = { ...EMPTY_PICTURE, phase: 'running', nodes: [node('worker-1'), node('worker-2')] };
const fault = (n: number): ActiveFault => ({
  fault: `f${n}`,
  spec: { kind: 'pause', nodes: ['worker-1'], forMs: 1 },
  by: 'user',
  askedAtMs: 0,
  endsAtMs: 1,
  measured: [],
});
const does = (picture: ClusterPicture) =>
  trayView(picture, 'x', say).entries.flatMap((entry) => (entry === 'separator' ? [] : [entry.does]));

test.each([
  [EMPTY_PICTURE, 'Orrery · No cluster'],
  [{ ...running, phase: 'stopping' as const }, 'Orrery · Stopping'],
  [running, 'Orrery · Running: 2 of 2 nodes ready'],
  [{ ...running, engineLost: 'gone' }, 'Orrery · The engine does not answer'],
  [{ ...running, faults: [fault(1)] }, 'Orrery · Running: 2 of 2 nodes ready · 1 faults on'],
])('its hint says what there is', (picture, tooltip) => {
  expect(trayView(picture, 'x', say).tooltip).toBe(tooltip);
});

test('it offers what can be done now', () => {
  expect(does(EMPTY_PICTURE)).toEqual([null, 'show', 'quit']);
  expect(does(running)).toEqual([null, 'show', 'quit-remove', 'quit-keep']);
  expect(does({ ...running, faults: [fault(1)] })).toContain('heal');
  const many = { ...running, faults: Array.from({ length: 50 }, (_, n) => fault(n)) };
  expect(trayView(many, 'x', say).entries.length).toBeLessThan(15);
});

test('it says under which name data would be kept', () => {
  const keeps = (picture: ClusterPicture) => JSON.stringify(trayView(picture, 'orrery-1', say).entries);
  expect(keeps(running)).toContain('keep its data as orrery-1');
  expect(keeps({ ...running, name: 'lab' })).toContain('keep its data as lab');
});

test('every word is said in three languages, with what belongs into it', () => {
  const said = (language: string) => trayView({ ...running, faults: [fault(1)] }, 'n', sayIn(undefined, language));
  const all = ['en-GB', 'fr-CA', 'es', 'de'].map((language) => JSON.stringify(said(language)));
  expect(new Set(all).size).toBe(3);
  for (const text of all) expect(text).not.toMatch(/[{]\w+[}]|\?/);
  expect(sayIn('fr', 'es')('quit')).toBe('Quitter');
});
