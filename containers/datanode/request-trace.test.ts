import { beforeEach, expect, test } from 'vitest';
import { readTraceparent } from '../algorithms/trace-context.ts';
import type { PeerMessage } from '../protocol/store-messages.ts';
import { Bench, ME, OTHERS, view } from './datanode-bench.ts';

const CONTEXT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const VALUE = new TextEncoder().encode('1');
const PUT = { t: 'put', shard: 0, epoch: 1, key: 'a', contentType: 'text/plain', opId: '', value: VALUE } as const;

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});

const prepares = (from: Bench): Extract<PeerMessage, { t: 'prepare' }>[] =>
  from.sent.flatMap(({ message }) => (message.t === 'prepare' ? [message] : []));

/** What a replica on a node of its own answers to a PREPARE, once its disk has synced. */
function ackOf(node: string, message: PeerMessage): PeerMessage | undefined {
  const replica = new Bench(node);
  replica.take({ kind: 'views', views: [view(1)] });
  replica.from(ME, { t: 'reconcile', view: view(1), committed: 0, tailEpochs: [] });
  replica.sync();
  replica.mail();
  replica.from(ME, message);
  replica.nowMs += 7;
  replica.sync();
  return replica.sent.find(({ message: { t } }) => t === 'ack')?.message;
}

test('a write with a trace is one tree: each copy, and each disk', () => {
  bench.lead();
  const token = bench.ask({ ...PUT, trace: CONTEXT });
  const sent = prepares(bench);
  expect(new Set(sent.map(({ trace }) => readTraceparent(trace)?.traceId))).toEqual(
    new Set(['4bf92f3577b34da6a3ce929d0e0e4736']),
  );
  bench.sync();
  OTHERS.forEach((node, at) => {
    const message = sent[at];
    const ack = message === undefined ? undefined : ackOf(node, message);
    if (ack !== undefined) bench.from(node, ack);
  });
  const { spans = [] } = bench.answers.get(token) ?? {};
  const copies = spans.filter(({ name }) => name === 'prepare');
  expect(copies.map(({ node }) => node)).toEqual(OTHERS);
  // The part of the primary, under which the copies hang, is its service's to tell.
  expect(new Set(copies.map(({ parent }) => parent)).size).toBe(1);
  const disks = spans.filter(({ name }) => name === 'fsync');
  expect(disks.map(({ node }) => node).toSorted()).toEqual([ME, ...OTHERS]);
  for (const { node, parent, startMs, endMs } of disks) {
    if (node === ME) continue;
    expect(parent).toBe(copies.find((copy) => copy.node === node)?.id);
    expect(endMs - startMs).toBe(7);
  }
});

test('a write without one carries and tells nothing of the kind', () => {
  bench.lead();
  const token = bench.ask(PUT);
  const [sent] = prepares(bench);
  expect(sent).not.toHaveProperty('trace');
  const ack = sent === undefined ? undefined : ackOf('datanode-2', sent);
  expect(ack).toMatchObject({ t: 'ack', seq: 1 });
  expect(ack).not.toHaveProperty('synced');
  bench.sync();
  for (const node of OTHERS) bench.ack(node, 1);
  expect(bench.answers.get(token)).toMatchObject({ t: 'done' });
  expect(bench.answers.get(token)).not.toHaveProperty('spans');
});
