import { describe, expect, test } from 'vitest';
import { bucketOf } from '../../../containers/algorithms/histogram.ts';
import {
  groupOf,
  historyOf,
  keyed,
  stepFor,
  tierFor,
  TIERS,
  type LatencyQuery,
  type LatencyRow,
} from './latency-history.ts';

const QUERY: LatencyQuery = { fromMs: 0, toMs: 60_000, quantiles: [0.5, 0.95, 1], by: 'series', group: null };
const row = (part: Partial<LatencyRow>, ...valuesMs: number[]): LatencyRow => ({
  startMs: 0,
  series: 'task-sync',
  kind: 'echo',
  node: 'master',
  counts: [...Map.groupBy(valuesMs, (ms) => bucketOf(ms * 1_000))]
    .map(([bucket, list]): [number, number] => [bucket, list.length])
    .sort((a, b) => a[0] - b[0]),
  ...part,
});
const near = (ms: number) => expect.closeTo(ms, -Math.log10(ms * 0.02));

describe('resolutions', () => {
  test('the finest that reaches back far enough', () => {
    expect(tierFor(5 * 60_000)).toBe(TIERS[0]);
    expect(tierFor(3 * 3_600_000)).toBe(TIERS[1]);
    expect(tierFor(24 * 3_600_000)).toBe(TIERS[2]);
    expect(tierFor(365 * 86_400_000)).toBe(TIERS[3]);
  });
  test('points are whole windows, and not too many', () => {
    expect(stepFor(300_000, TIERS[0])).toBe(2_000);
    expect(stepFor(1_800_000, TIERS[0])).toBe(6_000);
  });
});

describe('what is read from rows', () => {
  const rows = [
    row({ startMs: 0 }, 1, 1, 1, 1, 1, 1, 1, 1, 1, 100),
    row({ startMs: 2_000 }, 200),
    row({ startMs: 2_000, kind: 'work' }, 50),
    row({ startMs: 2_000, node: 'worker-1' }, 40),
    row({ startMs: 2_000, node: 'worker-2' }, 2),
    row({ startMs: 0, series: 'record-put', kind: '', node: 'headnode' }, 7),
    row({ startMs: 0, series: 'record-put', kind: '', node: 'datanode-1' }, 5),
  ];

  test('windows are added up before a percentile is taken', () => {
    const { points } = historyOf(rows, { ...QUERY, group: 'task-sync' }, 4_000);
    expect(points).toHaveLength(1);
    // Nine of 1 ms, then 50, 100, 200: the mean of the windows' medians would be far above 1 ms.
    expect(points[0]).toMatchObject({ atMs: 0, count: 12, values: [near(1), near(200), near(200)] });
    expect(points[0]?.heat.reduce((sum, [, count]) => sum + count, 0)).toBe(12);
  });
  test('all whole requests when no group is chosen, and none twice', () => {
    const { points } = historyOf(rows, QUERY, 2_000);
    expect(points.map(({ atMs, count }) => [atMs, count])).toEqual([
      [0, 11],
      [2_000, 2],
    ]);
  });
  test('groups of every kind', () => {
    const counts = (by: LatencyQuery['by']) =>
      historyOf(rows, { ...QUERY, by }, 2_000).groups.map(({ group, count }) => [group, count]);
    expect(counts('series')).toEqual([
      ['task-sync', 12],
      ['record-put', 1],
    ]);
    expect(counts('kind')).toEqual([
      ['echo', 11],
      ['work', 1],
    ]);
    expect(counts('role')).toEqual([
      ['master', 12],
      ['worker', 2],
      ['datanode', 1],
      ['headnode', 1],
    ]);
    expect(counts('node').map(([node]) => node)).toEqual(['master', 'datanode-1', 'headnode', 'worker-1', 'worker-2']);
  });
  test("records that the master passes on are the master's requests, and the headnode's are not", () => {
    expect(groupOf({ series: 'record-get', kind: '', node: 'master' }, 'role')).toBe('master');
    expect(groupOf({ series: 'record-get', kind: '', node: 'master' }, 'series')).toBe('record-get');
  });
});

test("a monitor's sample is kept under its own name and those of the nodes", () => {
  const latencies = [{ series: 'task-sync' as const, kind: 'echo', buckets: [[1, 2]] as [number, number][] }];
  const nodeLatencies = [
    { series: 'record-put' as const, node: 'datanode-1', buckets: [[3, 4]] as [number, number][] },
  ];
  expect(keyed({ latencies, nodeLatencies }, 'master')).toEqual([
    { key: { series: 'task-sync', kind: 'echo', node: 'master' }, buckets: [[1, 2]] },
    { key: { series: 'record-put', kind: '', node: 'datanode-1' }, buckets: [[3, 4]] },
  ]);
});
