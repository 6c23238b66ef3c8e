import { expect, test } from 'vitest';
import { createRandom } from '../algorithms/seeded-random.ts';
import { chooseWorker, recordResponse } from './dispatch.ts';
import { createMembership, greet } from './membership.ts';
import type { MemberRow } from './membership.ts';
import { defaultSettings } from './settings.ts';
import { WORKER_INFO } from './test-rig.ts';

const TAU_MS = 10_000;

/** Workers that take work, by name and how much each has. */
function fleet(names: readonly string[], capacity = 4) {
  const membership = createMembership(0);
  for (const node of names) {
    greet(membership, { node, incarnation: 1, link: 1, info: { ...WORKER_INFO, capacity } }, 0, defaultSettings(1_000));
  }
  const members = [...membership.members.values()];
  for (const member of members) member.health = 'ready';
  const inFlight = new Map(names.map((node) => [node, 0]));
  const { next: random } = createRandom('fleet');
  const choose = (nowMs: number): MemberRow | null =>
    chooseWorker(members, 'echo', (node) => inFlight.get(node) ?? 0, { nowMs, tauMs: TAU_MS, random });
  return { members, inFlight, choose };
}

/** One task after the other, each taking 2 ms, from `startMs` on: how many each worker got. */
function countTasks({ choose }: ReturnType<typeof fleet>, startMs: number, tasks: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let n = 0; n < tasks; n++) {
    const nowMs = startMs + n * 10;
    const member = choose(nowMs) ?? expect.fail('nobody has room');
    counts.set(member.node, (counts.get(member.node) ?? 0) + 1);
    recordResponse(member, 2, nowMs + 2, TAU_MS);
  }
  return counts;
}

test('after one slow first task a worker gets a fair share again', () => {
  const rig = fleet(['slow-start', 'other']);
  for (const member of rig.members) recordResponse(member, member.node === 'slow-start' ? 3_000 : 2, 0, TAU_MS);
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
  for (const member of members) recordResponse(member, member.node === 'fast' ? 100 : 400, 0, TAU_MS);
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
