import { expect, test } from 'vitest';
import type { ScalingDecision } from '../../../../../containers/protocol/autoscaler.ts';
import type { MonitorEvent } from '../../../../../containers/protocol/stream.ts';
import type { JournalBody, JournalEvent } from '../../../../core/journal.ts';
import { decisionMarks, decisionsIn } from './decisions.ts';

const decided = (number: number, from: number, to: number): MonitorEvent => ({
  type: 'scaling-decided',
  decision: { number, from, to, verdict: 'needs-more' } as ScalingDecision,
});
const tookOver = (node: string, wasStandby: boolean): MonitorEvent => ({
  type: 'took-over',
  node,
  wasStandby,
  givenMs: 3,
  answeredMs: 103,
});
const ready = (node: string, tookMs: number): JournalBody => ({ type: 'node-ready', node, tookMs });
const journal = (...bodies: (JournalBody | MonitorEvent)[]): JournalEvent[] =>
  bodies.map((body, at) => ({
    seq: at + 1,
    hlc: String(at),
    atMs: 1_000 * at,
    body:
      body.type === 'node-ready' || body.type === 'cluster-starting'
        ? (body as JournalBody)
        : { type: 'monitor-event', monitor: 'master', hlc: '', event: body as MonitorEvent },
  }));

test('each growth has those that took over, with how long each of them had taken to start', () => {
  const events = journal(
    ready('worker-2', 410),
    decided(1, 1, 3),
    tookOver('worker-2', true),
    ready('worker-3', 380),
    tookOver('worker-3', false),
    decided(2, 3, 2),
  );
  const [second, first] = decisionsIn(events, 10);
  expect(second).toMatchObject({ decision: { number: 2 }, takenOver: [] });
  expect(first?.takenOver).toEqual([
    { node: 'worker-2', wasStandby: true, givenMs: 3, startMs: 410 },
    { node: 'worker-3', wasStandby: false, givenMs: 3, startMs: 380 },
  ]);
});

test('a worker that took over without a growth, or whose start is not known, invents nothing', () => {
  expect(decisionsIn(journal(tookOver('worker-2', true)), 10)).toEqual([]);
  const [only] = decisionsIn(journal(decided(1, 1, 2), tookOver('worker-9', true)), 10);
  expect(only?.takenOver).toMatchObject([{ startMs: null }]);
});

test('decisions that change nothing stand out on a chart', () => {
  expect(decisionMarks(journal(decided(1, 1, 2), decided(2, 2, 2)))).toMatchObject([
    { colour: 'accent' },
    { colour: 'retry' },
  ]);
});
