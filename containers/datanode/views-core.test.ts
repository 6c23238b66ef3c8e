import { beforeEach, describe, expect, test } from 'vitest';
import type { PeerMessage } from '../protocol/store-messages.ts';
import { createDatanode } from './core.ts';
import { Bench, ME, OTHERS, view } from './datanode-bench.ts';
import { decodeLogEntry, encodeSnapshot, finishReplay, replay, replaySnapshot } from './recovery-core.ts';
import type { DatanodeState } from './types.ts';

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});

describe('a follower', () => {
  const prepared = (seq: number, epoch: number): Extract<PeerMessage, { t: 'prepare' }> => {
    const other = new Bench();
    other.lead();
    for (let at = 1; at <= seq; at++) other.put(`key-${at}`, `value-${at}`);
    const message = other.sent.at(-1)?.message;
    if (message?.t !== 'prepare') throw new Error('no prepare');
    return { ...message, epoch };
  };

  function follower(epoch = 1): void {
    const mine = view(epoch, [ME, ...OTHERS], 'datanode-2');
    bench.from('datanode-2', { t: 'reconcile', view: mine, committed: 0, tailEpochs: [] });
    bench.sync();
    bench.sent = [];
  }

  test('acknowledges when its disk holds the entry, not before', () => {
    follower();
    bench.from('datanode-2', prepared(1, 1));
    expect(bench.sent).toEqual([]);
    bench.sync();
    expect(bench.sent).toMatchObject([
      { to: 'datanode-2', message: { t: 'ack', shard: 0, epoch: 1, seq: 1, committed: 0 } },
    ]);
  });

  test('refuses an older epoch, asks for what is missing, takes nothing twice', () => {
    follower(2);
    bench.from('datanode-2', prepared(1, 1));
    expect(bench.sent[0]?.message).toMatchObject({ t: 'nack', epoch: 2, reason: 'epoch' });
    bench.sent = [];
    bench.from('datanode-2', prepared(2, 2));
    expect(bench.sent[0]?.message).toMatchObject({ t: 'nack', last: 0, reason: 'gap' });
    bench.from('datanode-2', prepared(1, 2));
    bench.from('datanode-2', prepared(1, 2));
    bench.sync();
    expect(bench.log).toHaveLength(2);
  });

  test('takes nothing of an epoch that it has not reconciled', () => {
    bench.take({ kind: 'views', views: [view(1, [ME, ...OTHERS], 'datanode-2')] });
    bench.from('datanode-2', prepared(1, 1));
    bench.sync();
    expect(bench.shard.last).toBe(0);
  });

  test('drops what a new primary lacks and keeps what it has', () => {
    follower();
    for (let seq = 1; seq <= 3; seq++) bench.from('datanode-2', prepared(seq, 1));
    bench.sync();
    bench.sent = [];
    bench.from('datanode-3', {
      t: 'reconcile',
      view: view(2, [ME, 'datanode-3'], 'datanode-3'),
      committed: 0,
      tailEpochs: [1, 1],
    });
    bench.sync();
    expect(bench.sent.map(({ message }) => message)).toEqual([
      { t: 'reconciled', shard: 0, epoch: 2, last: 2, lacks: false },
    ]);
    expect([bench.shard.last, bench.shard.durable]).toEqual([2, 2]);
  });

  test('says that it lacks what is committed', () => {
    bench.from('datanode-3', {
      t: 'reconcile',
      view: view(4, [ME, 'datanode-3'], 'datanode-3'),
      committed: 7,
      tailEpochs: [],
    });
    expect(bench.sent[0]?.message).toMatchObject({ t: 'reconciled', lacks: true });
  });

  test('with a full disk refuses to take more, and goes on confirming', () => {
    follower();
    bench.take({ kind: 'disk', state: 'failed' });
    bench.from('datanode-2', prepared(1, 1));
    expect(bench.sent[0]?.message).toMatchObject({ t: 'nack', reason: 'disk-full' });
    bench.from('datanode-2', { t: 'confirm', round: 5, shards: [[0, 1]] });
    expect(bench.sent[1]?.message).toEqual({ t: 'confirmed', round: 5, stale: [] });
  });

  test('becomes primary with everything it holds, once the members hold it too', () => {
    follower();
    for (let seq = 1; seq <= 2; seq++) bench.from('datanode-2', prepared(seq, 1));
    bench.sync();
    bench.sent = [];
    bench.take({ kind: 'views', views: [view(2, [ME, 'datanode-3'])] });
    expect(bench.sent).toMatchObject([
      { to: 'datanode-3', message: { t: 'reconcile', committed: 0, tailEpochs: [1, 1] } },
    ]);
    bench.from('datanode-3', { t: 'reconciled', shard: 0, epoch: 2, last: 1, lacks: false });
    expect(bench.sent[1]).toMatchObject({
      to: 'datanode-3',
      message: { t: 'prepare', epoch: 2, entry: { seq: 2, epoch: 1 } },
    });
    bench.ack('datanode-3', 2, 2);
    expect(bench.shard.role).toBe('promoting');
    bench.sync();
    expect([bench.shard.role, bench.shard.committed]).toEqual(['primary', 2]);
  });
});

describe('a view change', () => {
  test('over a prepared write leaves the client unsure when another leads on', () => {
    bench.lead();
    const token = bench.put('a', '1');
    bench.take({ kind: 'views', views: [view(2, [ME, ...OTHERS], 'datanode-2')] });
    expect(bench.answers.get(token)).toMatchObject({ t: 'unsure' });
  });

  test('keeps the client waiting when the same leads on', () => {
    bench.lead();
    const token = bench.put('a', '1');
    bench.take({ kind: 'views', views: [view(2, [ME, 'datanode-2'])] });
    bench.sync();
    bench.from('datanode-2', { t: 'reconciled', shard: 0, epoch: 2, last: 1, lacks: false });
    expect(bench.answers.get(token)).toMatchObject({ t: 'done', replicas: [ME, 'datanode-2'] });
  });

  test('without this node drops its data', () => {
    bench.lead();
    bench.write('a', '1');
    bench.take({ kind: 'views', views: [view(2, OTHERS, 'datanode-2')] });
    expect([bench.shard.role, bench.shard.records.size, bench.shard.epoch]).toEqual(['absent', 0, 2]);
  });

  test('that is old or repeated changes nothing', () => {
    bench.lead();
    bench.write('a', '1');
    bench.mail();
    bench.take({ kind: 'views', views: [view(1), view(1, OTHERS, 'datanode-2')] });
    expect(bench.shard.role).toBe('primary');
    expect(bench.mail()).toEqual([]);
  });
});

describe('silence', () => {
  test('is met with sending again, then with a complaint', () => {
    bench.lead();
    bench.put('a', '1');
    bench.sync();
    bench.ack('datanode-2', 1);
    bench.mail();
    bench.nowMs += 600;
    bench.take({ kind: 'tick' });
    expect(bench.mail()).toEqual(['prepare datanode-3']);
    bench.nowMs += 600;
    bench.take({ kind: 'tick' });
    expect(bench.reports).toEqual([{ t: 'complain', shard: 0, epoch: 1, node: 'datanode-3', reason: 'silent' }]);
  });

  test('ends with a new connection: what is unanswered is sent at once', () => {
    bench.lead();
    bench.put('a', '1');
    bench.get('a');
    bench.mail();
    bench.take({ kind: 'peer-up', node: 'datanode-2' });
    expect(bench.mail()).toEqual(['prepare datanode-2', 'confirm datanode-2']);
  });

  test('an answer to an earlier sending of a round counts, one to a former round does not', () => {
    bench.lead();
    const first = bench.get('a');
    const { lastRound } = bench.state;
    bench.nowMs += 600;
    bench.take({ kind: 'tick' });
    bench.from('datanode-2', { t: 'confirmed', round: lastRound - 1, stale: [] });
    bench.from('datanode-3', { t: 'confirmed', round: lastRound, stale: [] });
    expect(bench.answers.get(first)?.t).toBe('absent');
    const second = bench.get('a');
    bench.from('datanode-2', { t: 'confirmed', round: lastRound - 1, stale: [] });
    bench.from('datanode-3', { t: 'confirmed', round: lastRound, stale: [] });
    expect(bench.answers.get(second)).toBeUndefined();
  });
});

describe('a restart', () => {
  const rebuilt = (feed: (state: DatanodeState) => void): DatanodeState => {
    const state = createDatanode({ node: ME, minInSync: 2 });
    feed(state);
    finishReplay(state);
    return state;
  };

  test('finds what was synced, and takes part in no epoch that it knew', () => {
    bench.lead();
    bench.write('a', '1', { opId: 'once' });
    bench.write('b', '2');
    bench.put('c', '3');
    bench.sync();
    const fromLog = rebuilt((state) => bench.log.forEach((bytes) => replay(state, decodeLogEntry(bytes))));
    const fromSnapshot = rebuilt((state) => replaySnapshot(state, encodeSnapshot(bench.state)));
    for (const state of [fromLog, fromSnapshot]) {
      bench.state = state;
      expect([bench.shard.role, bench.shard.epoch, bench.shard.last, bench.shard.durable]).toEqual([
        'restarted',
        1,
        3,
        3,
      ]);
      expect(bench.answers.get(bench.get('a'))).toMatchObject({ t: 'elsewhere' });
      bench.sent = [];
      bench.from('datanode-2', { t: 'confirm', round: 1, shards: [[0, 1]] });
      expect(bench.sent[0]?.message).toEqual({ t: 'confirmed', round: 1, stale: [[0, 1]] });
      bench.take({ kind: 'views', views: [view(2, [ME])] });
      bench.sync();
      expect(bench.shard.role).toBe('primary');
      expect([...bench.shard.records.keys()].toSorted()).toEqual(['a', 'b', 'c']);
      expect(bench.shard.operations.get('once\na')?.version).toBe(1);
    }
  });

  test('drops a copy that was not finished', () => {
    bench.from('datanode-2', {
      t: 'learn-begin',
      view: view(3, OTHERS, 'datanode-2'),
      chunks: 2,
      base: 9,
      versionFloor: 0,
    });
    bench.from('datanode-2', { t: 'learn-chunk', shard: 0, epoch: 3, base: 9, number: 1, entries: [], operations: [] });
    bench.sync();
    const state = rebuilt((empty) => bench.log.forEach((bytes) => replay(empty, decodeLogEntry(bytes))));
    expect([state.shards.get(0)?.role, state.shards.get(0)?.epoch]).toEqual(['absent', 3]);
  });

  test('refuses a log with a hole, and bytes that are no entry', () => {
    bench.lead();
    bench.write('a', '1');
    bench.write('b', '2');
    const [adopted, , second] = bench.log;
    expect(() =>
      rebuilt((state) =>
        [adopted, second].forEach((bytes) => replay(state, decodeLogEntry(bytes ?? new Uint8Array()))),
      ),
    ).toThrow('damaged');
    expect(() => decodeLogEntry(Uint8Array.from([2, 123]))).toThrow('damaged');
    expect(() => decodeLogEntry(Uint8Array.from([99]))).toThrow('damaged');
  });
});
