import { expect, test } from 'vitest';
import type { FaultSpec } from '../../../core/faults/fault.ts';
import type { JournalBody, JournalEvent } from '../../../core/journal.ts';
import { faultSpans, faultsAt, rowsOf } from './fault-spans.ts';

const spec: FaultSpec = { kind: 'pause', nodes: ['worker-1'], forMs: 30_000 };
const event = (seq: number, body: JournalBody): JournalEvent => ({ seq, hlc: '', atMs: seq * 1_000, body });
const asked = (seq: number, fault: string) =>
  event(seq, { type: 'fault-asked', fault, spec, by: 'user', endsAtMs: null });
const ended = (seq: number, fault: string) => event(seq, { type: 'fault-ended', fault, reason: 'healed' });

test('a fault spans from its beginning to its end, or to now', () => {
  const spans = faultSpans([asked(1, 'a'), asked(2, 'b'), ended(3, 'a'), asked(4, 'c'), ended(9, 'stranger')]);
  expect(spans.map(({ fault, fromMs, toMs }) => [fault, fromMs, toMs])).toEqual([
    ['a', 1_000, 3_000],
    ['b', 2_000, null],
    ['c', 4_000, null],
  ]);
  expect(faultsAt(spans, 3_500).map(({ fault }) => fault)).toEqual(['b']);
  expect(rowsOf(spans).map((row) => row.map(({ fault }) => fault))).toEqual([['a', 'c'], ['b']]);
});

test('a cluster that stops takes its faults with it', () => {
  const stopped = event(5, { type: 'cluster-stopped', left: { nodes: 0, networks: 0, volumes: 0 } });
  expect(faultSpans([asked(1, 'a'), stopped, asked(6, 'b')]).map(({ toMs }) => toMs)).toEqual([5_000, null]);
});
