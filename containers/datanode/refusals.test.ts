/** Found by the simulator: refusals that bred messages, and an acknowledgement from too few copies. */
import { expect, test } from 'vitest';
import type { PeerMessage } from '../protocol/store-messages.ts';
import { Bench, ME, OTHERS, view } from './datanode-bench.ts';

const gap = (last: number): PeerMessage => ({ t: 'nack', shard: 0, epoch: 1, last, reason: 'gap' });

test('a gap that several refusals tell of is filled once, and again only when the filling may be lost', () => {
  const bench = new Bench();
  bench.lead();
  for (const value of ['1', '2', '3', '4']) bench.put('a', value);
  bench.mail();
  for (let refusal = 0; refusal < 3; refusal += 1) bench.from('datanode-2', gap(0));
  expect(bench.mail()).toEqual(Array.from({ length: 4 }, () => 'prepare datanode-2'));
  bench.nowMs += bench.state.settings.resendAfterMs;
  bench.from('datanode-2', gap(0));
  expect(bench.mail()).toEqual(Array.from({ length: 4 }, () => 'prepare datanode-2'));
  bench.from('datanode-2', gap(1));
  expect(bench.mail()).toEqual(Array.from({ length: 3 }, () => 'prepare datanode-2'));
});

test('a follower whose disk is full says so of every entry, and never speaks of a gap', () => {
  const leader = new Bench();
  leader.lead();
  leader.put('a', '1');
  leader.put('a', '2');
  const prepares = leader.sent.filter(({ to }) => to === 'datanode-2').map(({ message }) => message);
  const follower = new Bench();
  const led = view(1, [ME, ...OTHERS], 'datanode-2');
  follower.take({ kind: 'views', views: [led] });
  follower.from('datanode-2', { t: 'reconcile', view: led, committed: 0, tailEpochs: [] });
  follower.sync();
  follower.sent = [];
  follower.take({ kind: 'disk', state: 'failed' });
  for (const message of prepares) follower.from('datanode-2', message);
  expect(follower.sent.map(({ message }) => 'reason' in message && message.reason)).toEqual(['disk-full', 'disk-full']);
});

test('a write that a view prepared and a smaller one commits is acknowledged when there are copies enough', () => {
  const bench = new Bench();
  bench.lead();
  const first = bench.put('a', '1', { opId: 'once' });
  bench.sync();
  bench.take({ kind: 'views', views: [view(2, [ME])] });
  bench.sync();
  expect(bench.shard.committed).toBe(1);
  expect(bench.answers.get(first)).toEqual({ t: 'unsure', shard: 0, epoch: 2 });
  expect(bench.answers.get(bench.put('a', '1', { opId: 'once', epoch: 2 }))).toMatchObject({ t: 'unsure' });
  bench.take({ kind: 'views', views: [view(3, [ME, 'datanode-2'])] });
  bench.sync();
  bench.from('datanode-2', { t: 'reconciled', shard: 0, epoch: 3, last: 1, lacks: false });
  expect(bench.answers.get(bench.put('a', '1', { opId: 'once', epoch: 3 }))).toMatchObject({ t: 'done', version: 1 });
});
