import { expect, test } from 'vitest';
import type { FaultSpec } from '../../../../core/faults/fault.ts';
import type { JournalBody, JournalEvent } from '../../../../core/journal.ts';
import { doneBy, stepAfter, TOUR_STEPS, type TourStep } from './tour-steps.ts';

const events = (...bodies: JournalBody[]): JournalEvent[] =>
  bodies.map((body, at) => ({ seq: at + 1, hlc: '', atMs: at, body }));
const cut: FaultSpec = { kind: 'partition', sideA: ['a'], sideB: ['b'], oneWay: false, forMs: 1_000 };
const asked = (spec: FaultSpec): JournalBody => ({ type: 'fault-asked', fault: 'f', spec, by: 'user', endsAtMs: 1 });
const measured = (phase: 'before' | 'during'): JournalBody => ({
  type: 'fault-measured',
  fault: 'f',
  phase,
  measures: [],
});
const exited = (cause: 'killed' | 'crashed'): JournalBody => ({
  type: 'node-exited',
  node: 'a',
  cause,
  exitCode: 137,
  atMs: 1,
});
const proved = (clean: boolean | null): JournalBody => ({ type: 'faults-proved', clean, unknown: null, checks: [] });

test.each<[TourStep, JournalBody[], JournalBody[]]>([
  ['spawn', [{ type: 'node-started', node: 'a', atMs: 1 }], [{ type: 'node-ready', node: 'a', tookMs: 1 }]],
  ['kill', [exited('crashed')], [exited('killed')]],
  [
    'partition',
    [asked({ kind: 'pause', nodes: ['a'], forMs: 1 }), measured('during')],
    [asked(cut), measured('during')],
  ],
  ['partition', [asked(cut), measured('before')], [asked(cut), measured('before'), measured('during')]],
  ['heal', [proved(null), proved(false)], [proved(true)]],
])('%s is over by what happened, not by anything else', (step, before, after) => {
  expect(doneBy(step, events(...before))).toBeNull();
  expect(doneBy(step, events(...after))?.body).toEqual(after.at(-1));
});

test('the steps follow each other to the end', () => {
  expect(TOUR_STEPS.map(stepAfter)).toEqual(['load', 'kill', 'partition', 'heal', null]);
});
