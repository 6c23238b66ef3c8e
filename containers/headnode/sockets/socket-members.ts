/**
 * Datanodes of the course at the headnode (protocol C): they say `Alive` every 4 s and are looked at every
 * 5 s. One silent time makes a suspect, two a dead one; an ended connection is an end at once. Pure.
 */
import { guestBeat } from '../../protocol/guests.ts';
import type { GuestStep } from '../../protocol/guests.ts';
import type { Beat, DeathCause, Health, Member, MonitorEvent } from '../../protocol/stream.ts';

export const CHECK_INTERVAL_MS = 5_000;
const MISSES_MAX = 2;
const FORGET_AFTER_MS = 60_000;

export type SocketMember = {
  node: string;
  /** The shell's number of its connection. */
  connection: number;
  /** `ip:port`, as seen from here. */
  peer: string;
  incarnation: number;
  health: Health;
  sinceMs: number;
  heardAtMs: number;
  beatAtMs: number | null;
  /** Said that it lives since the last look. */
  heard: boolean;
  misses: number;
};

export type SocketMembers = Map<number, SocketMember>;
export type Happened = { events: MonitorEvent[]; steps: GuestStep[]; beat?: Beat | null };

/** A connection says that it is a datanode. */
export function joinSocket(members: SocketMembers, connection: number, peer: string, nowMs: number): Happened {
  const port = peer.slice(peer.lastIndexOf(':') + 1);
  // By its port, as the course does it, unless another has the same one on another machine.
  const isTaken = [...members.values()].some(({ node }) => node === `socket-${port}`);
  const node = isTaken ? `socket-${peer.replace(/[^\w.-]+/g, '-')}-${connection}` : `socket-${port}`;
  const member: SocketMember = {
    node,
    connection,
    peer,
    incarnation: Math.round(nowMs),
    health: 'ready',
    sinceMs: nowMs,
    heardAtMs: nowMs,
    beatAtMs: null,
    heard: true,
    misses: 0,
  };
  members.set(connection, member);
  return { events: arrival(member), steps: [stepOf(member, nowMs, { step: 'joined', ok: true })] };
}

/** It says that it lives. */
export function heardSocket(members: SocketMembers, connection: number, nowMs: number): Happened {
  const member = members.get(connection);
  if (member === undefined) return { events: [], steps: [] };
  member.heard = true;
  member.heardAtMs = nowMs;
  member.misses = 0;
  const events = revived(member, nowMs);
  const { node, incarnation } = member;
  const beat = guestBeat({ node, incarnation, inFlight: 0 }, member.beatAtMs, nowMs);
  if (beat !== null) member.beatAtMs = nowMs;
  return { events, steps: [], beat };
}

function revived(member: SocketMember, nowMs: number): MonitorEvent[] {
  const { node, health, incarnation } = member;
  if (health === 'ready') return [];
  setHealth(member, 'ready', nowMs);
  if (health === 'suspect') return [{ type: 'member-trusted', node, incarnation }];
  // Dead is final for an incarnation.
  member.incarnation = Math.max(Math.round(nowMs), incarnation + 1);
  return arrival(member);
}

/** Its connection ended. */
export function endSocket(members: SocketMembers, connection: number, nowMs: number): Happened {
  const member = members.get(connection);
  if (member === undefined || member.health === 'dead') return { events: [], steps: [] };
  const events = [died(member, 'hung-up', nowMs)];
  return { events, steps: [stepOf(member, nowMs, { step: 'left', ok: true })] };
}

/** A look at all of them, every CHECK_INTERVAL_MS. */
export function checkSockets(members: SocketMembers, nowMs: number): Happened {
  const events: MonitorEvent[] = [];
  const steps: GuestStep[] = [];
  for (const member of members.values()) {
    const { node, incarnation, heard, health } = member;
    if (health === 'dead') {
      if (nowMs - member.sinceMs < FORGET_AFTER_MS) continue;
      members.delete(member.connection);
      events.push({ type: 'member-left', node, incarnation });
      continue;
    }
    member.heard = false;
    if (heard) {
      steps.push(stepOf(member, nowMs, { step: 'heartbeat', ok: true }));
      continue;
    }
    const silentMs = Math.round(nowMs - member.heardAtMs);
    steps.push(stepOf(member, nowMs, { step: 'heartbeat', ok: false, reason: `no Alive for ${silentMs} ms` }));
    if (++member.misses >= MISSES_MAX) events.push(died(member, 'silence', nowMs));
    else if (health === 'ready') {
      setHealth(member, 'suspect', nowMs);
      events.push({ type: 'member-suspect', node, incarnation, phi: 0, silentMs });
    }
  }
  return { events, steps };
}

/** Connections of those that get copies of messages. */
export function livingSockets(members: SocketMembers): SocketMember[] {
  return [...members.values()].filter(({ health }) => health !== 'dead');
}

export function memberOfSocket({ node, incarnation, health, sinceMs }: SocketMember): Member {
  return { node, role: 'datanode', incarnation, health, sinceMs: Math.round(sinceMs), inFlight: 0, guest: 'socket' };
}

function arrival({ node, incarnation }: SocketMember): MonitorEvent[] {
  return [
    { type: 'member-joined', node, role: 'datanode', incarnation, guest: 'socket' },
    { type: 'member-ready', node, incarnation },
  ];
}

function died(member: SocketMember, cause: DeathCause, nowMs: number): MonitorEvent {
  const { node, incarnation, heardAtMs } = member;
  setHealth(member, 'dead', nowMs);
  return { type: 'member-dead', node, incarnation, cause, phi: 0, silentMs: Math.round(nowMs - heardAtMs) };
}

function setHealth(member: SocketMember, health: Health, nowMs: number): void {
  member.health = health;
  member.sinceMs = nowMs;
}

function stepOf(
  { node, peer }: SocketMember,
  nowMs: number,
  step: Pick<GuestStep, 'step' | 'ok' | 'reason'>,
): GuestStep {
  return { atMs: Math.round(nowMs), guest: 'socket', node, peer, ...step };
}
