import { beforeEach, describe, expect, test } from 'vitest';
import type { Precondition } from '../protocol/store-messages.ts';
import { Bench, ME, OTHERS } from './datanode-bench.ts';
import { dropTombstones } from './shard-state.ts';

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});

describe('a write', () => {
  test('goes to all followers at once and is answered when all and the own disk hold it', () => {
    bench.lead();
    const token = bench.put('a', '1');
    expect(bench.mail()).toEqual(['prepare datanode-2', 'prepare datanode-3']);
    bench.ack('datanode-2', 1);
    bench.ack('datanode-3', 1);
    expect(bench.answers.get(token)).toBeUndefined();
    bench.sync();
    expect(bench.answers.get(token)).toMatchObject({
      t: 'done',
      version: 1,
      isCreation: true,
      replicas: [ME, ...OTHERS],
    });
  });

  test('is not answered while one follower is missing', () => {
    bench.lead();
    const token = bench.put('a', '1');
    bench.sync();
    bench.ack('datanode-2', 1);
    expect(bench.answers.get(token)).toBeUndefined();
    bench.ack('datanode-3', 1);
    expect(bench.answers.get(token)).toMatchObject({
      t: 'done',
      hops: [{ to: 'datanode-1' }, { to: 'datanode-2' }, { to: 'datanode-3' }],
    });
  });

  test('needs enough members, a disk and the right epoch', () => {
    bench.lead([ME]);
    expect(bench.answers.get(bench.put('a', '1'))).toEqual({
      t: 'refused',
      code: 'too-few-replicas',
      details: { have: 1, need: 2 },
    });
    expect(bench.answers.get(bench.put('a', '1', { epoch: 2 }))).toEqual({ t: 'elsewhere', shard: 0, epoch: 1 });
    bench = new Bench();
    bench.lead();
    bench.take({ kind: 'disk', state: 'low' });
    expect(bench.answers.get(bench.put('a', '1'))).toMatchObject({ t: 'refused', code: 'disk-full' });
    bench.take({ kind: 'disk', state: 'ok' });
    expect(bench.write('a', '1')).toMatchObject({ t: 'done' });
    bench.take({ kind: 'disk', state: 'failed' });
    bench.take({ kind: 'disk', state: 'ok' });
    expect(bench.answers.get(bench.put('a', '2'))).toMatchObject({ t: 'refused', code: 'disk-full' });
  });

  test('is refused when too much waits already', () => {
    bench.state.settings.pendingBytesMax = 1_000;
    bench.lead();
    const large = 'x'.repeat(700);
    bench.put('a', large);
    expect(bench.answers.get(bench.put('b', large))).toMatchObject({ t: 'refused', code: 'too-many' });
    bench.ack('datanode-2', 1);
    bench.ack('datanode-3', 1);
    bench.sync();
    expect(bench.write('b', large)).toMatchObject({ t: 'done' });
  });

  test('with a known opId is answered as before, also while the first is on its way; another body is a conflict', () => {
    bench.lead();
    const first = bench.put('a', '1', { opId: 'once' });
    const twin = bench.put('a', '1', { opId: 'once' });
    bench.sync();
    for (const node of OTHERS) bench.ack(node, 1);
    expect(bench.answers.get(twin)).toEqual(bench.answers.get(first));
    bench.write('a', '2');
    expect(bench.answers.get(bench.put('a', '1', { opId: 'once' }))).toMatchObject({ t: 'done', version: 1 });
    expect(bench.answers.get(bench.put('a', 'other', { opId: 'once' }))).toMatchObject({
      t: 'refused',
      code: 'conflict',
    });
    expect(bench.write('b', '1', { opId: 'once' })).toMatchObject({ t: 'done', version: 1 });
    expect(bench.shard.last).toBe(3);
  });

  test('our own retry ids are forgotten sooner than those of clients', () => {
    bench.lead();
    bench.write('a', '1', { opId: '~mine' });
    bench.write('a', '2', { opId: 'theirs' });
    bench.nowMs += 31_000;
    bench.write('b', '1');
    expect([bench.shard.retries.size, bench.shard.operations.size]).toEqual([0, 1]);
    bench.nowMs += 600_000;
    bench.write('b', '2');
    expect(bench.shard.operations.size).toBe(0);
  });

  test('whose condition fails is told so only when confirmed, and never because of what may not be', () => {
    bench.lead();
    bench.write('a', '1');
    const uncommitted = bench.put('a', '2');
    const losing = bench.put('a', '3', { precondition: { match: [1] } });
    bench.confirm();
    expect(bench.answers.get(losing)).toBeUndefined();
    bench.sync();
    for (const node of OTHERS) bench.ack(node, 2);
    expect(bench.answers.get(uncommitted)).toMatchObject({ t: 'done', version: 2 });
    expect(bench.answers.get(losing)).toEqual({ t: 'refused', code: 'precondition-failed', details: { version: 2 } });
  });

  test.each<[string, Precondition, boolean]>([
    ['none, absent', { match: 'none' }, true],
    ['any, absent', { match: 'any' }, false],
    ['versions, absent', { match: [1] }, false],
  ])('condition %s', (_, precondition, holds) => {
    bench.lead();
    const token = bench.put('a', '1', { precondition });
    bench.confirm();
    expect(bench.shard.last).toBe(holds ? 1 : 0);
    if (!holds)
      expect(bench.answers.get(token)).toMatchObject({ code: 'precondition-failed', details: { version: 0 } });
  });

  test('after a delete goes on counting versions, even when the tombstone was dropped', () => {
    bench.lead();
    bench.write('a', '1');
    const gone = bench.ask({ t: 'delete', shard: 0, epoch: 1, key: 'a', opId: '' });
    bench.sync();
    for (const node of OTHERS) bench.ack(node, 2);
    expect(bench.answers.get(gone)).toMatchObject({ t: 'done', version: 2, isCreation: false });
    dropTombstones(bench.shard, bench.nowMs + 1);
    expect(bench.shard.records.size).toBe(0);
    expect(bench.write('a', '2')).toMatchObject({ version: 3, isCreation: true });
  });
});

describe('a read', () => {
  test('waits for every follower to confirm the epoch, and shows nothing uncommitted', () => {
    bench.lead();
    bench.write('a', '1');
    bench.put('a', '2');
    bench.mail();
    const token = bench.get('a');
    expect(bench.mail()).toEqual(['confirm datanode-2', 'confirm datanode-3']);
    bench.from('datanode-2', { t: 'confirmed', round: bench.state.lastRound - 1, stale: [] });
    expect(bench.answers.get(token)).toBeUndefined();
    bench.from('datanode-3', { t: 'confirmed', round: bench.state.lastRound, stale: [] });
    expect(bench.answers.get(token)).toMatchObject({ t: 'value', entry: { version: 1 } });
  });

  test('that comes during a round waits for the next one, together with others', () => {
    bench.lead();
    bench.get('a');
    const late = [bench.get('a'), bench.get('b')];
    expect(bench.sent).toHaveLength(2);
    bench.confirm();
    expect(late.map((token) => bench.answers.get(token))).toEqual([undefined, undefined]);
    expect(bench.sent).toHaveLength(2);
    bench.confirm();
    expect(late.map((token) => bench.answers.get(token)?.t)).toEqual(['absent', 'absent']);
  });

  test('is given back when a follower knows a newer view', () => {
    bench.lead();
    const token = bench.get('a');
    const { message } = bench.sent[0] ?? {};
    if (message?.t !== 'confirm') throw new Error('no round');
    bench.from('datanode-2', { t: 'confirmed', round: message.round, stale: [[0, 2]] });
    expect(bench.answers.get(token)).toMatchObject({ t: 'elsewhere' });
    expect(bench.shard.role).toBe('deposed');
    expect(bench.reports).toEqual([{ t: 'ask-views', epochSum: null }]);
  });

  test('asks a joiner too, from when it is to be added', () => {
    bench.lead();
    bench.take({ kind: 'learn', shard: 0, epoch: 1, node: 'datanode-4', store: 'disk-4' });
    bench.from('datanode-4', { t: 'learned', shard: 0, epoch: 1, base: 0, number: 0 });
    bench.from('datanode-4', { t: 'learned', shard: 0, epoch: 1, base: 0, number: 1 });
    bench.mail();
    bench.get('a');
    expect(bench.mail()).toEqual(['confirm datanode-2', 'confirm datanode-3', 'confirm datanode-4']);
    bench.sync();
    expect(bench.reports).toMatchObject([{ t: 'add', epoch: 1, node: 'datanode-4', store: 'disk-4' }]);
  });
});
