import { expect, test } from 'vitest';
import { foldAll } from '../../core/fold.ts';
import type { JournalBody } from '../../core/journal.ts';
import { describeCluster, reportCluster, tabulateNodes } from './cluster-report.ts';

const header = { cluster: 'c1', run: 'r1', engine: 'process', engineTitle: 'Processes', name: null } as const;
const joined = { type: 'member-joined', node: 'pull-ana', role: 'worker', incarnation: 5, guest: 'pulling' } as const;

test('guests are listed as what they are, and not counted as nodes', () => {
  const bodies: JournalBody[] = [
    { type: 'cluster-starting', ...header, adopted: false },
    { type: 'node-wanted', node: 'worker-1', role: 'worker', by: 'user' },
    { type: 'monitor-event', monitor: 'master', hlc: '', event: joined },
    {
      type: 'monitor-event',
      monitor: 'master',
      hlc: '',
      event: { type: 'member-ready', node: 'pull-ana', incarnation: 5 },
    },
  ];
  const picture = foldAll(bodies.map((body, at) => ({ seq: at + 1, hlc: '', atMs: at, body })));
  expect(reportCluster(picture)).toMatchObject({
    nodes: [{ id: 'worker-1', role: 'worker', state: 'wanted' }],
    guests: [{ id: 'pull-ana', role: 'worker', state: 'ready', guest: 'pulling' }],
  });
  expect(describeCluster(picture)).toContain('0 of 1 nodes ready');
  expect(tabulateNodes(picture).split('\n').at(-1)).toBe('pull-ana  worker  ready   a program of yours, by pulling');
});
