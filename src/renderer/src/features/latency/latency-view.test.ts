import type { FaultSpec } from '../../../../core/faults/fault.ts';
import { expect, test } from 'vitest';
import type { JournalBody, JournalEvent } from '../../../../core/journal.ts';
import { translate, type Translate } from '../../messages/i18n.ts';
import { heatColumns, marksOf, steps } from './latency-view.ts';

const t: Translate = (key, values) => translate('en', key, values);
const event = (seq: number, body: JournalBody): JournalEvent => ({ seq, hlc: '', atMs: seq * 1_000, body });
const point = (atMs: number) => ({ atMs, count: 3, values: [1], heat: [[4, 3]] as [number, number][] });

test('a step without requests is a gap, not a line from its neighbours', () => {
  const history = { stepMs: 2_000, points: [point(2_000), point(6_000)], groups: [] };
  expect(steps(history, 1_000, 8_000).map(({ atMs, point: found }) => [atMs, found?.count ?? null])).toEqual([
    [2_000, 3],
    [4_000, null],
    [6_000, 3],
  ]);
  const [column] = heatColumns(history);
  expect([column?.second, column?.cells[4], column?.cells[5]]).toEqual([2, 3, 0]);
});

test('marks are what changed the cluster, whatever the kind of event; single requests are not', () => {
  const spec: FaultSpec = { kind: 'pause', nodes: ['worker-1'], forMs: 30_000 };
  const marks = marksOf(
    [
      event(1, { type: 'node-kill-asked', node: 'worker-1', by: 'user' }),
      event(2, { type: 'node-launched', node: 'worker-1', role: 'worker' }),
      event(3, { type: 'fault-asked', fault: 'f1', spec, by: 'user', endsAtMs: 33_000 }),
    ],
    t,
  );
  expect(marks.map(({ atMs, told }) => [atMs, told.text])).toEqual([
    [1_000, 'worker-1: kill, by you'],
    [3_000, 'Pause worker-1, by you'],
  ]);
});
