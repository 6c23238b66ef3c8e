import { describe, expect, test } from 'vitest';
import type { MonitorEvent, ShardView, StorePicture } from '../../../containers/protocol/stream.ts';
import type { ClusterPicture } from '../cluster-picture.ts';
import { foldAll } from '../fold.ts';
import type { JournalBody, JournalEvent } from '../journal.ts';
import { awayNodes, chainOf, exposureMs, incidentsOf, progressOf, shortageOf } from './recovery.ts';
import { shardGrid } from './shard-grid.ts';

const NODES = ['datanode-1', 'datanode-2', 'datanode-3', 'datanode-4'];
const view = (shard: number, epoch: number, ...members: string[]): ShardView => ({
  shard,
  epoch,
  primary: members[0] ?? null,
  members,
});
const serving: StorePicture = {
  mode: 'linearizable',
  state: 'serving',
  waitingFor: [],
  replicas: 3,
  minInSync: 2,
  rereplicationDelayMs: 5_000,
  short: [],
  repairs: [],
};
const pictured = (views: ShardView[], store: StorePicture): JournalBody => ({
  type: 'monitor-picture',
  monitor: 'headnode',
  members: NODES.map((node) => ({ node, health: 'ready', incarnation: 1 })),
  views,
  store,
});
const says = (event: MonitorEvent): JournalBody => ({ type: 'monitor-event', monitor: 'headnode', hlc: 'h', event });
const changed = (next: ShardView, reason: string, repair?: string): JournalBody =>
  says({ type: 'view-changed', view: next, reason, ...(repair !== undefined && { repair }) });

/** Four datanodes, two shards of three copies each. */
const begin: [number, JournalBody][] = [
  ...NODES.flatMap((node): [number, JournalBody][] => [
    [1, { type: 'node-wanted', node, role: 'datanode', by: 'user' }],
    [1, { type: 'node-launched', node, role: 'datanode' }],
    [1, { type: 'node-started', node, atMs: 1 }],
    [1, says({ type: 'member-ready', node, incarnation: 1 })],
  ]),
  [
    2,
    pictured(
      [view(0, 1, 'datanode-1', 'datanode-2', 'datanode-3'), view(1, 1, 'datanode-2', 'datanode-3', 'datanode-4')],
      serving,
    ),
  ],
];
const DEAD = { type: 'member-dead', incarnation: 1, cause: 'engine', phi: 0, silentMs: 0 } as const;
const REASON = 'datanode-2 is dead';
/** datanode-2 is killed; both shards lose it, and copies to others begin after the delay. */
const killed: [number, JournalBody][] = [
  ...begin,
  [1_000, { type: 'node-kill-asked', node: 'datanode-2', by: 'user' }],
  [1_040, { type: 'node-exited', node: 'datanode-2', cause: 'killed', exitCode: 137, atMs: 1_039 }],
  [1_050, says({ ...DEAD, node: 'datanode-2' })],
  [1_060, changed(view(0, 2, 'datanode-1', 'datanode-3'), REASON)],
  [1_061, changed(view(1, 2, 'datanode-3', 'datanode-4'), REASON)],
];
const started = (shard: number, to: string, epoch = 2): JournalBody =>
  says({ type: 'repair-started', shard, from: 'datanode-3', to, repair: `${shard}.${epoch}.${to}`, reason: REASON });
const copying: [number, JournalBody][] = [
  ...killed,
  [6_100, started(0, 'datanode-4')],
  [6_101, started(1, 'datanode-1')],
];
const copied: [number, JournalBody][] = [
  ...copying,
  [
    7_100,
    says({
      type: 'repair-finished',
      shard: 0,
      to: 'datanode-4',
      records: 10,
      bytes: 4_000,
      tookMs: 1_000,
      repair: '0.2.datanode-4',
    }),
  ],
  [7_101, changed(view(0, 3, 'datanode-1', 'datanode-3', 'datanode-4'), 'datanode-4 holds a copy', '0.2.datanode-4')],
];
const done: [number, JournalBody][] = [
  ...copied,
  [
    8_100,
    says({
      type: 'repair-finished',
      shard: 1,
      to: 'datanode-1',
      records: 5,
      bytes: 4_000,
      tookMs: 2_000,
      repair: '1.2.datanode-1',
    }),
  ],
  [8_102, changed(view(1, 3, 'datanode-3', 'datanode-4', 'datanode-1'), 'datanode-1 holds a copy', '1.2.datanode-1')],
];

function after(bodies: [number, JournalBody][]): ClusterPicture {
  return foldAll(bodies.map(([atMs, body], at): JournalEvent => ({ seq: at + 1, hlc: String(at), atMs, body })));
}

describe('shards with too few copies', () => {
  test('are counted, with the time since the first and the moment at which copying is due', () => {
    expect(shortageOf(after(begin))).toMatchObject({ shards: 2, short: 0, copiesMissing: 0, exposedSinceMs: null });
    expect(shortageOf(after(killed))).toEqual({
      shards: 2,
      short: 2,
      unwritable: 0,
      lost: 0,
      copiesMissing: 2,
      copiesRunning: 0,
      copiesWithoutNode: 0,
      exposedSinceMs: 1_060,
      isSinceKnown: true,
      dueAtMs: 6_060,
    });
    expect(shortageOf(after(copying))).toMatchObject({ copiesMissing: 2, copiesRunning: 2, dueAtMs: null });
    expect(shortageOf(after(done))).toMatchObject({ short: 0, copiesMissing: 0, exposedSinceMs: null });
  });

  test('nothing is counted before the headnode told how many copies are wanted', () => {
    expect(shortageOf(after(begin.slice(0, -1)))).toBeNull();
  });

  test('copies that no node is there for are told apart', () => {
    const two = after([
      ...killed,
      [2_000, { type: 'node-exited', node: 'datanode-1', cause: 'crashed', exitCode: 1, atMs: 2_000 }],
    ]);
    expect(shortageOf(two)).toMatchObject({ copiesMissing: 2, copiesWithoutNode: 2 });
  });

  test('exposure begins with the first short shard and ends with the last', () => {
    expect(after(killed).store.exposures).toEqual([{ fromMs: 1_060, toMs: null, shards: 2 }]);
    const [exposure] = after(done).store.exposures;
    expect(exposure).toEqual({ fromMs: 1_060, toMs: 8_102, shards: 2 });
    expect(exposure && exposureMs(exposure, 99_999)).toBe(7_042);
  });

  test('a picture after a loss of the stream keeps the earlier time, or says that it knows none', () => {
    const short = [view(0, 2, 'datanode-1', 'datanode-3'), view(1, 1, 'datanode-2', 'datanode-3', 'datanode-4')];
    const again = after([...killed, [9_000, pictured(short, { ...serving, short: [[0, 8_900]] })]]);
    expect(again.store.short).toMatchObject({ 0: { sinceMs: 1_060 } });
    expect(shortageOf(after([[1, pictured(short, serving)]]))).toMatchObject({
      short: 1,
      exposedSinceMs: null,
      isSinceKnown: false,
    });
  });
});

describe('the chain of a repair', () => {
  test('goes from the kill to the view in which the copy counts', () => {
    const [incident, ...others] = incidentsOf(after(done).store.repairs);
    expect(others).toEqual([]);
    expect(incident && chainOf(incident).map(({ what, atMs }) => [what, atMs])).toEqual([
      ['asked', 1_000],
      ['exited', 1_039],
      ['dead', 1_050],
      ['lost', 1_060],
      ['started', 6_100],
      ['finished', 8_100],
      ['joined', 8_102],
    ]);
    expect(incident).toMatchObject({ reason: REASON, endedAtMs: 8_100 });
    expect(incident && chainOf(incident)).toContainEqual({
      what: 'finished',
      atMs: 8_100,
      copies: 2,
      records: 15,
      bytes: 8_000,
    });
  });

  test('one that was given up, and is begun again under another name', () => {
    const given = says({
      type: 'repair-abandoned',
      shard: 0,
      to: 'datanode-4',
      repair: '0.2.datanode-4',
      reason: 'the view changed',
    });
    const { repairs } = after([...copying, [6_500, given], [6_600, started(0, 'datanode-4', 3)]]).store;
    expect(repairs.map(({ repair, end }) => [repair, end?.how])).toEqual([
      ['0.2.datanode-4', 'abandoned'],
      ['1.2.datanode-1', undefined],
      ['0.3.datanode-4', undefined],
    ]);
    expect(incidentsOf(repairs)).toHaveLength(1);
  });

  test('one that ended while nobody could see it is unseen; one that runs is known from the picture', () => {
    const running = {
      repair: '1.2.datanode-1',
      shard: 1,
      from: 'datanode-3',
      to: 'datanode-1',
      reason: REASON,
      startedMs: 6_101,
    };
    const views = [view(0, 3, 'datanode-1', 'datanode-3', 'datanode-4'), view(1, 2, 'datanode-3', 'datanode-4')];
    const picture = pictured(views, { ...serving, short: [[1, 1_061]], repairs: [running] });
    expect(after([...copying, [7_000, picture]]).store.repairs.map(({ end }) => end?.how)).toEqual([
      'unseen',
      undefined,
    ]);
    expect(after([[7_000, picture]]).store.repairs).toMatchObject([
      { repair: '1.2.datanode-1', startedAtMs: 6_101, end: null },
    ]);
  });

  test('copies that only spread are an incident without a loss', () => {
    const spread = says({
      type: 'repair-started',
      shard: 0,
      from: 'datanode-1',
      to: 'datanode-4',
      repair: 'x',
      reason: 'copies are spread anew',
    });
    const [incident] = incidentsOf(after([...begin, [50, spread]]).store.repairs);
    expect(incident).toMatchObject({ reason: 'copies are spread anew', loss: null, endedAtMs: null });
  });
});

describe('the estimate', () => {
  const of = (bodies: [number, JournalBody][], nowMs: number, bytesRemaining: number | null) => {
    const { store, ...rest } = after(bodies);
    const shortage = shortageOf({ store, ...rest });
    return (
      shortage &&
      progressOf(store, shortage, bytesRemaining === null ? undefined : { bytesRemaining, running: [] }, nowMs)
    );
  };

  test('comes from the rate of the present copies, and is unknown before there is one', () => {
    expect(of(copying, 6_600, 8_000)).toEqual({ bytesRemaining: 8_000, bytesPerSecond: null, etaMs: null });
    expect(of(copied, 8_100, 4_000)).toEqual({ bytesRemaining: 4_000, bytesPerSecond: 2_000, etaMs: 2_000 });
    expect(of(copied, 8_100, null)).toMatchObject({ bytesRemaining: null, etaMs: 2_000 });
  });

  test('does not exist while nothing is copied', () => {
    expect(of(killed, 2_000, 8_000)).toMatchObject({ etaMs: null });
    expect(of(done, 9_000, null)).toEqual({ bytesRemaining: 0, bytesPerSecond: null, etaMs: null });
  });
});

test('who is away, and since when', () => {
  expect(awayNodes(after(killed).nodes)).toEqual([{ node: 'datanode-2', state: 'dead', sinceMs: 1_039 }]);
});

test('views lost and found again', () => {
  const lost = after([...begin, [100, says({ type: 'views-lost', waitingFor: ['datanode-2'] })]]);
  expect(lost.store.status).toEqual({ mode: 'linearizable', state: 'views-lost', waitingFor: ['datanode-2'] });
  const found = says({ type: 'views-rebuilt', by: 'unsafe-recovery', shards: 2, doubtful: [0], lost: [1] });
  const { status, rebuilt } = after([
    ...begin,
    [100, says({ type: 'views-lost', waitingFor: ['datanode-2'] })],
    [200, found],
  ]).store;
  expect([status?.state, rebuilt]).toEqual(['serving', { atMs: 200, by: 'unsafe-recovery', doubtful: [0], lost: [1] }]);
});

test('the grid shows each copy, those on their way and those that are missing', () => {
  const rows = (bodies: [number, JournalBody][]) => {
    const { views, nodes, store } = after(bodies);
    return shardGrid(views, nodes, store).rows.map(({ cells }) =>
      cells.map(({ state }) => state.slice(0, 4)).join(' '),
    );
  };
  expect(rows(begin)).toEqual(['prim none', 'seco prim', 'seco seco', 'none seco']);
  expect(rows(killed)).toEqual(['prim none', 'miss miss', 'seco prim', 'none seco']);
  expect(rows(copying)).toEqual(['prim join', 'miss miss', 'seco prim', 'join seco']);
  expect(rows(done)).toEqual(['prim seco', 'none none', 'seco prim', 'seco seco']);
});
