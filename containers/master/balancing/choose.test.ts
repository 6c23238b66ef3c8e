import { describe, expect, test } from 'vitest';
import { createRandom } from '../../algorithms/seeded-random.ts';
import { BALANCER_POLICIES } from '../../protocol/balancing.ts';
import type { BalancerPolicy } from '../../protocol/balancing.ts';
import { chooseWorker, explain } from './choose.ts';
import type { Choosing } from './choose.ts';
import { recordResponse } from './worker-record.ts';
import { createMembership, greet } from '../membership.ts';
import type { MemberRow } from '../membership.ts';
import { defaultSettings } from '../settings.ts';
import { WORKER_INFO } from '../test-rig.ts';

const TAU_MS = 10_000;

/** Workers that take work, by name and how much each has. */
function fleet(names: readonly string[], capacity = 4, policy: BalancerPolicy = 'pull') {
  const membership = createMembership(0);
  for (const node of names) {
    greet(membership, { node, incarnation: 1, link: 1, info: { ...WORKER_INFO, capacity } }, 0, defaultSettings(1_000));
  }
  const members = [...membership.members.values()];
  for (const member of members) member.health = 'ready';
  const inFlight = new Map(names.map((node) => [node, 0]));
  const { next: random } = createRandom('fleet');
  const choosing = (nowMs: number): Choosing => ({
    policy,
    nowMs,
    tauMs: TAU_MS,
    slowStartMs: 0,
    panic: false,
    random,
    outstandingOf: (node) => inFlight.get(node) ?? 0,
  });
  const wanted = { kind: 'echo', avoid: null };
  const choose = (nowMs: number, change: Partial<Choosing> = {}): MemberRow | null =>
    chooseWorker(membership.members, wanted, { ...choosing(nowMs), ...change });
  const member = (node: string): MemberRow => membership.members.get(node) ?? expect.fail(`no ${node}`);
  return { members, all: membership.members, member, inFlight, choosing, choose };
}

/** One task after the other, each taking 2 ms, from `startMs` on: how many each worker got. */
function countTasks({ choose }: ReturnType<typeof fleet>, startMs: number, tasks: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let n = 0; n < tasks; n++) {
    const nowMs = startMs + n * 10;
    const member = choose(nowMs) ?? expect.fail('nobody has room');
    counts.set(member.node, (counts.get(member.node) ?? 0) + 1);
    recordResponse(member.record, 2, nowMs + 2, TAU_MS);
  }
  return counts;
}

test('after one slow first task a worker gets a fair share again', () => {
  const rig = fleet(['slow-start', 'other']);
  for (const member of rig.members) recordResponse(member.record, member.node === 'slow-start' ? 3_000 : 2, 0, TAU_MS);
  expect(countTasks(rig, 100, 100).get('slow-start') ?? 0).toBe(0);
  const later = countTasks(rig, 10 * TAU_MS, 400);
  expect(later.get('slow-start')).toBeGreaterThan(120);
});

test('equal workers share evenly, also while none has a history', () => {
  const { choose, inFlight } = fleet(['a', 'b', 'c']);
  for (let n = 0; n < 12; n++) {
    const node = choose(0)?.node ?? expect.fail('nobody has room');
    inFlight.set(node, (inFlight.get(node) ?? 0) + 1);
    expect(Math.max(...inFlight.values()) - Math.min(...inFlight.values())).toBeLessThanOrEqual(1);
  }
  expect(choose(0)).toBeNull();
});

test('a worker four times as slow has a quarter of the tasks of the other', () => {
  const { members, choose, inFlight } = fleet(['fast', 'slow'], 20);
  for (const member of members) recordResponse(member.record, member.node === 'fast' ? 100 : 400, 0, TAU_MS);
  for (let n = 0; n < 10; n++) {
    const node = choose(0)?.node ?? expect.fail('nobody has room');
    inFlight.set(node, (inFlight.get(node) ?? 0) + 1);
  }
  expect(inFlight).toEqual(
    new Map([
      ['fast', 8],
      ['slow', 2],
    ]),
  );
});

/** Chosen so often of `times`, with nothing in flight but what `inFlight` says. */
function shares(rig: ReturnType<typeof fleet>, nowMs: number, times: number, change: Partial<Choosing> = {}) {
  const counts = Object.fromEntries(rig.members.map(({ node }) => [node, 0]));
  for (let n = 0; n < times; n++) {
    const { node } = rig.choose(nowMs, change) ?? expect.fail('nobody was chosen');
    counts[node] = (counts[node] ?? 0) + 1;
  }
  return counts;
}

describe.each(BALANCER_POLICIES)('%s', (policy) => {
  test('takes nobody who takes no work, cannot do it, or failed it already', () => {
    const rig = fleet(['suspect', 'standby', 'cut-off', 'other-kind', 'tried', 'good'], 4, policy);
    rig.member('suspect').health = 'suspect';
    rig.member('standby').health = 'standby';
    rig.member('cut-off').link = null;
    Object.assign(rig.member('other-kind'), { kinds: new Set(['fruit']) });
    const wanted = { kind: 'echo', avoid: 'tried' };
    const choosing = rig.choosing(0);
    for (let n = 0; n < 30; n++) expect(chooseWorker(rig.all, wanted, choosing)?.node).toBe('good');
    const why = explain(rig.all, rig.member('good'), wanted, choosing);
    expect(why).toMatchObject({ policy, worker: 'good', reason: 'other-worker' });
    expect(why.candidates.map(({ node, excluded }) => `${node} ${excluded}`)).toEqual([
      'good undefined',
      'suspect suspect',
      'standby standby',
      'cut-off no-link',
      'other-kind kind',
      'tried tried',
    ]);
    rig.member('good').health = 'draining';
    expect(chooseWorker(rig.all, wanted, choosing)).toBeNull();
  });

  test('gives a worker that came lately less than its share, and all of it later', () => {
    const rig = fleet(['old', 'new'], 400, policy);
    rig.member('old').record.warmFromMs = -10_000;
    const early = { slowStartMs: 10_000 };
    for (let n = 0; n < 220; n++) {
      const { node } = rig.choose(1_000, early) ?? expect.fail('nobody was chosen');
      rig.inFlight.set(node, (rig.inFlight.get(node) ?? 0) + 1);
    }
    const got = rig.inFlight.get('new') ?? 0;
    // A tenth of the other's is its due; two drawn at random of two are the same two every time.
    expect(got).toBeGreaterThan(5);
    expect(got).toBeLessThan(45);
    for (const node of ['old', 'new']) rig.inFlight.set(node, 0);
    const later = shares(rig, 10_000, 200, early);
    expect(later['new']).toBeGreaterThan(60);
    expect(later['new']).toBeLessThan(140);
  });

  test('waits for room only under pull', () => {
    const rig = fleet(['a', 'b'], 1, policy);
    for (const node of ['a', 'b']) rig.inFlight.set(node, 1);
    expect(rig.choose(0) === null).toBe(policy === 'pull');
  });
});

test('round-robin goes around, whatever they have', () => {
  const rig = fleet(['a', 'b', 'c'], 1, 'round-robin');
  rig.inFlight.set('a', 50);
  const order = Array.from({ length: 6 }, () => rig.choose(0)?.node);
  expect(order).toEqual(['a', 'b', 'c', 'a', 'b', 'c']);
});

test('least-outstanding takes the fewest, p2c never the worst of three', () => {
  const rig = fleet(['a', 'b', 'c'], 1, 'least-outstanding');
  rig.inFlight.set('a', 5).set('b', 2).set('c', 9);
  expect(shares(rig, 0, 30)).toEqual({ a: 0, b: 30, c: 0 });
  const drawn = shares(rig, 0, 300, { policy: 'p2c' });
  expect(drawn['c']).toBe(0);
  expect(drawn['a']).toBeGreaterThan(60);
  expect(drawn['b']).toBeGreaterThan(160);
});

test('peak-ewma shuns the slow at once, comes back when that has faded, and waits for the first answer', () => {
  const rig = fleet(['a', 'b'], 4, 'peak-ewma');
  for (const { record } of rig.members) recordResponse(record, 10, 0, TAU_MS);
  recordResponse(rig.member('a').record, 500, 1, TAU_MS);
  expect(rig.member('a').record.peakMs).toBe(500);
  rig.inFlight.set('b', 20);
  expect(shares(rig, 2, 20)).toEqual({ a: 0, b: 20 });
  expect(shares(rig, 2 + 6 * TAU_MS, 20)).toMatchObject({ a: expect.any(Number) });
  const fresh = fleet(['known', 'silent'], 4, 'peak-ewma');
  recordResponse(fresh.member('known').record, 1_000, 0, TAU_MS);
  expect(fresh.choose(0)?.node).toBe('silent');
  fresh.inFlight.set('silent', 1).set('known', 30);
  expect(fresh.choose(0)?.node).toBe('known');
});
