/** Guests as members of the master. */
import { createDetector } from '../../algorithms/phi-accrual.ts';
import { guestBeat } from '../../protocol/guests.ts';
import type { GuestKind } from '../../protocol/guests.ts';
import type { DeathCause } from '../../protocol/stream.ts';
import { createRecord } from '../balancing/worker-record.ts';
import { isGone } from '../membership.ts';
import type { MemberRow } from '../membership.ts';
import type { Outbox } from '../outbox.ts';
import { inFlightOf } from '../task-queue.ts';

/** Guests have no connection; a number that no link has. */
const NO_LINK = -1;

/** Makes it a member; returns its incarnation. Every coming is one of its own: dead is final for the one before. */
export function joinAsGuest(
  out: Outbox,
  { node, guest, health }: { node: string; guest: GuestKind; health: 'joining' | 'ready' },
): number {
  const { state, nowMs } = out;
  const { members } = state.membership;
  const incarnation = Math.max(Math.round(nowMs), (members.get(node)?.incarnation ?? 0) + 1);
  const member: MemberRow = {
    node,
    incarnation,
    guest,
    health: 'joining',
    sinceMs: nowMs,
    capacity: 1,
    // None that the balancing knows: what guests get is decided elsewhere.
    kinds: new Set(),
    probe: '',
    standby: false,
    drainUntilMs: null,
    link: NO_LINK,
    detector: createDetector(state.settings.phi, nowMs),
    probing: false,
    probeAgainMs: 0,
    record: createRecord(nowMs),
  };
  members.set(node, member);
  out.do({ kind: 'publish', event: { type: 'member-joined', node, role: 'worker', incarnation, guest } });
  if (health === 'ready') readyGuest(out, member);
  return incarnation;
}

export function readyGuest(out: Outbox, member: MemberRow): void {
  const { node, incarnation } = member;
  member.health = 'ready';
  member.sinceMs = out.nowMs;
  out.do({ kind: 'publish', event: { type: 'member-ready', node, incarnation } });
}

/** A sign of life. Returns when the last one that counts came, ms. */
export function beatOfGuest(out: Outbox, node: string, beforeMs: number | null): number | null {
  const { state, nowMs } = out;
  const member = state.membership.members.get(node);
  if (member === undefined) return beforeMs;
  const { incarnation } = member;
  const beat = guestBeat({ node, incarnation, inFlight: inFlightOf(state.queue, node) }, beforeMs, nowMs);
  if (beat === null) return beforeMs;
  out.do({ kind: 'beat', beat });
  return nowMs;
}

/** It is taken for dead. False: it was gone already. */
export function loseGuest(out: Outbox, member: MemberRow, cause: DeathCause, silentMs: number): boolean {
  if (isGone(member)) return false;
  const { node, incarnation } = member;
  member.health = 'dead';
  member.sinceMs = out.nowMs;
  member.link = null;
  out.do({ kind: 'publish', event: { type: 'member-dead', node, incarnation, cause, phi: 0, silentMs } });
  return true;
}
