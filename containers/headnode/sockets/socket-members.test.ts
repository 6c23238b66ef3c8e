import { expect, test } from 'vitest';
import {
  checkSockets,
  CHECK_INTERVAL_MS,
  endSocket,
  heardSocket,
  joinSocket,
  livingSockets,
} from './socket-members.ts';
import type { SocketMembers } from './socket-members.ts';

const types = ({ events }: { events: { type: string }[] }): string[] => events.map(({ type }) => type);

test('one that says that it lives is alive at every look; one that stops is suspected, then dead, then forgotten', () => {
  const members: SocketMembers = new Map();
  expect(types(joinSocket(members, 1, '127.0.0.1:40001', 0))).toEqual(['member-joined', 'member-ready']);
  let nowMs = 0;
  for (; nowMs < 60_000; nowMs += 1_000) {
    if (nowMs % 4_000 === 0) {
      const { beat } = heardSocket(members, 1, nowMs);
      expect(beat).toMatchObject({ node: 'socket-40001', atMs: nowMs, gapMs: nowMs === 0 ? null : 4_000 });
      expect(heardSocket(members, 1, nowMs + 1).beat).toBeNull();
    }
    if (nowMs % CHECK_INTERVAL_MS !== 0 || nowMs === 0) continue;
    const { events, steps } = checkSockets(members, nowMs);
    expect([events, steps.map(({ ok }) => ok)]).toEqual([[], [true]]);
  }
  checkSockets(members, 60_000);
  const suspected = checkSockets(members, 65_000);
  expect([types(suspected), suspected.steps[0]?.ok]).toEqual([['member-suspect'], false]);
  expect(types(checkSockets(members, 70_000))).toEqual(['member-dead']);
  expect(livingSockets(members)).toEqual([]);
  expect(types(checkSockets(members, 125_000))).toEqual([]);
  expect(types(checkSockets(members, 130_000))).toEqual(['member-left']);
  expect(members.size).toBe(0);
});

test('one that was paused is trusted again, or comes back as a new incarnation', () => {
  const members: SocketMembers = new Map();
  joinSocket(members, 1, '127.0.0.1:40001', 0);
  for (const nowMs of [5_000, 10_000]) checkSockets(members, nowMs);
  expect(types(heardSocket(members, 1, 11_000))).toEqual(['member-trusted']);
  for (const nowMs of [15_000, 20_000, 25_000]) checkSockets(members, nowMs);
  const back = heardSocket(members, 1, 26_000);
  expect(types(back)).toEqual(['member-joined', 'member-ready']);
  expect(back.events[0]).toMatchObject({ node: 'socket-40001', incarnation: 26_000 });
});

test('an ended connection is an end at once, said once', () => {
  const members: SocketMembers = new Map();
  joinSocket(members, 1, '127.0.0.1:40001', 0);
  expect(endSocket(members, 1, 10).events).toMatchObject([{ type: 'member-dead', cause: 'hung-up', silentMs: 10 }]);
  expect(endSocket(members, 1, 20).events).toEqual([]);
  expect(endSocket(members, 2, 20).events).toEqual([]);
});

test('the same port on another machine, or again, is another node', () => {
  const members: SocketMembers = new Map();
  joinSocket(members, 1, '10.0.0.1:40001', 0);
  joinSocket(members, 2, '10.0.0.2:40001', 0);
  joinSocket(members, 3, '::1:40001', 0);
  const names = [...members.values()].map(({ node }) => node);
  expect(new Set(names).size).toBe(3);
  for (const name of names) expect(name).toMatch(/^socket-[\w.-]+$/);
});
