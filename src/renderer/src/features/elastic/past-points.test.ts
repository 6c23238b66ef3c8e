import { expect, test } from 'vitest';
import type { MonitorEvent } from '../../../../../containers/protocol/stream.ts';
import type { JournalBody, JournalEvent } from '../../../../core/journal.ts';
import { pastPoints } from './past-points.ts';

const begin: JournalBody = {
  type: 'cluster-starting',
  cluster: 'c',
  run: 'r',
  engine: 'fake',
  engineTitle: '',
  name: null,
  adopted: false,
};
const wanted = (node: string): JournalBody => ({ type: 'node-wanted', node, role: 'worker', by: 'user' });
const says = (event: object): JournalBody => ({
  type: 'monitor-event',
  monitor: 'master',
  hlc: '',
  event: event as MonitorEvent,
});
const member = (type: string, node: string): JournalBody => says({ type, node, incarnation: 1 });

/** What happened in which second. */
function journal(...seconds: JournalBody[][]): JournalEvent[] {
  return seconds.flatMap((bodies, second) =>
    bodies.map((body, at) => ({ seq: second * 100 + at + 1, hlc: '', atMs: second * 1_000, body })),
  );
}

const shape = (events: JournalEvent[], seconds: number) =>
  pastPoints(events, undefined, { fromMs: 0, toMs: seconds * 1_000 }).map(
    ({ active, standby, starting, desired }) => `${starting} ${standby} ${active} of ${desired ?? '–'}`,
  );

test('workers start, stand by, are promoted, drain and die; the target is that of the newest decision', () => {
  const events = journal(
    [begin, wanted('worker-1'), wanted('worker-2')],
    [member('member-ready', 'worker-1'), member('member-standby', 'worker-2')],
    [says({ type: 'scaling-decided', decision: { to: 2 } }), member('member-promoted', 'worker-2')],
    [member('member-draining', 'worker-1')],
    [says({ type: 'autoscaler-set', settings: { enabled: false } })],
    [{ type: 'node-exited', node: 'worker-2', cause: 'killed', exitCode: 137, atMs: 0 }],
  );
  expect(shape(events, 6)).toEqual([
    '2 0 0 of –',
    '0 1 1 of –',
    '0 0 2 of 2',
    '0 0 1 of 2',
    '0 0 1 of –',
    '0 0 0 of –',
  ]);
});

test('nothing is told of the time before the cluster, nor after its end; a new one begins with nothing', () => {
  const left = { nodes: 0, networks: 0, volumes: 0 };
  const events = journal([], [begin, wanted('worker-1')], [{ type: 'cluster-stopped', left }], [], [begin]);
  expect(pastPoints(events, undefined, { fromMs: 0, toMs: 6_000 }).map(({ atMs }) => atMs)).toEqual([
    1_000, 4_000, 5_000,
  ]);
  expect(shape(events, 6)).toEqual(['1 0 0 of –', '0 0 0 of –', '0 0 0 of –']);
});

test('rates and p95 are those that the panel kept', () => {
  const points = [{ atMs: 2_000, count: 30, values: [120], heat: [] }];
  const seen = pastPoints(journal([begin]), { stepMs: 2_000, points }, { fromMs: 0, toMs: 5_000 });
  expect(seen.map(({ ratePerS, p95Ms }) => [ratePerS, p95Ms])).toEqual([
    [0, null],
    [0, null],
    [15, 120],
    [15, 120],
    [0, null],
  ]);
});
