/**
 * Who belongs to the cluster's compute half, and how each is.
 *
 *   joining → ready ⇄ suspect → dead        standby: registered, gets no work
 *               └→ draining → left
 *
 * SUSPECT (phi without pause, or a lost connection) only keeps new work away, so it may be wrong. DEAD
 * is final for an incarnation: it needs phi with pause and a failed probe, or the engine's word.
 */
import {
  createDetector,
  deadThreshold,
  forgiveLocalPause,
  LOCAL_PAUSE_MS,
  readPhi,
  recordBeat,
  recordSignOfLife,
} from '../algorithms/phi-accrual.ts';
import type { PhiDetector } from '../algorithms/phi-accrual.ts';
import type { WorkerInfo } from '../protocol/compute-messages.ts';
import type { GuestKind } from '../protocol/guests.ts';
import type { DeathCause, Health, Judgement, MonitorEvent } from '../protocol/stream.ts';
import { createRecord } from './balancing/worker-record.ts';
import type { WorkerRecord } from './balancing/worker-record.ts';
import type { MasterSettings } from './settings.ts';

export type MemberRow = {
  node: string;
  incarnation: number;
  /** Null: a worker of ours. */
  guest: GuestKind | null;
  health: Health;
  sinceMs: number;
  capacity: number;
  kinds: ReadonlySet<string>;
  probe: string;
  /** Gets no work until it is promoted. */
  standby: boolean;
  /** When it must have left at the latest; null when it is not draining. */
  drainUntilMs: number | null;
  /** The shell's number of its connection; null while there is none. */
  link: number | null;
  detector: PhiDetector;
  probing: boolean;
  probeAgainMs: number;
  /** For the balancer. */
  record: WorkerRecord;
};

export type Members = ReadonlyMap<string, MemberRow>;
export type Membership = { members: Map<string, MemberRow>; lastSeenMs: number };

export type Welcome = { kind: 'joined' | 'rejoined'; replaced: MonitorEvent | null } | { kind: 'dead' | 'outdated' };

export function createMembership(nowMs: number): Membership {
  return { members: new Map(), lastSeenMs: nowMs };
}

/**
 * Local-pause guard, to be called before any event: when the master itself stood still, nobody's
 * silence of that time counts. Returns for how long, or 0.
 */
export function notePause(membership: Membership, nowMs: number, settings: MasterSettings): number {
  const lateMs = nowMs - membership.lastSeenMs - settings.tickMs;
  if (lateMs < LOCAL_PAUSE_MS) return 0;
  for (const { detector } of membership.members.values()) forgiveLocalPause(detector, lateMs);
  return lateMs;
}

/** A worker said hello over a connection. The same incarnation keeps what is known of it. */
export function greet(
  membership: Membership,
  hello: { node: string; incarnation: number; link: number; info: WorkerInfo; standby?: boolean },
  nowMs: number,
  settings: MasterSettings,
): Welcome {
  const { node, incarnation, link, info } = hello;
  const known = membership.members.get(node);
  if (known !== undefined && incarnation < known.incarnation) return { kind: 'outdated' };
  if (known !== undefined && incarnation === known.incarnation) {
    if (known.health === 'dead') return { kind: 'dead' };
    known.link = link;
    known.capacity = info.capacity;
    known.probe = info.probe;
    recordSignOfLife(known.detector, nowMs);
    return { kind: 'rejoined', replaced: null };
  }
  const replaced = known === undefined || isGone(known) ? null : declareDead(known, 'replaced', nowMs, settings);
  membership.members.set(node, {
    node,
    incarnation,
    guest: null,
    health: 'joining',
    sinceMs: nowMs,
    capacity: info.capacity,
    kinds: new Set(info.kinds),
    probe: info.probe,
    standby: hello.standby ?? false,
    drainUntilMs: null,
    link,
    detector: createDetector(settings.phi, nowMs),
    probing: false,
    probeAgainMs: 0,
    record: createRecord(nowMs),
  });
  return { kind: 'joined', replaced };
}

/**
 * A heartbeat. Null when it counts for nothing: an older incarnation, an old sequence number, a dead
 * or departed member. `event` tells of a change of health.
 */
export function beat(
  member: MemberRow,
  { incarnation, seq }: { incarnation: number; seq: number },
  nowMs: number,
  settings: MasterSettings,
): { gapMs: number | null; event: MonitorEvent | null } | null {
  if (incarnation !== member.incarnation || isGone(member)) return null;
  const recorded = recordBeat(member.detector, seq, nowMs, settings.phi);
  if (recorded === 'stale') return null;
  const { node, health } = member;
  // A standby is one when it is warm, not when it beats.
  const isNews = health === 'suspect' || (health === 'joining' && !member.standby);
  if (!isNews || member.link === null) return { gapMs: recorded.gapMs, event: null };
  setHealth(member, member.drainUntilMs !== null ? 'draining' : member.standby ? 'standby' : 'ready', nowMs);
  if (member.standby) {
    return { gapMs: recorded.gapMs, event: { type: 'member-standby', node, incarnation, warmUpMs: null } };
  }
  const type = health === 'joining' ? 'member-ready' : 'member-trusted';
  return { gapMs: recorded.gapMs, event: { type, node, incarnation } };
}

/** The connection was lost: no new work, whatever phi says. */
export function hangUp(member: MemberRow, nowMs: number, settings: MasterSettings): MonitorEvent | null {
  member.link = null;
  return isGone(member) || member.health === 'suspect' ? null : suspect(member, nowMs, settings);
}

export type Doubt = { events: MonitorEvent[]; probe: boolean };

/** A look at a member's silence. `probe`: ask it directly now. */
export function watch(member: MemberRow, nowMs: number, settings: MasterSettings): Doubt {
  const events: MonitorEvent[] = [];
  if (isGone(member)) return { events, probe: false };
  const { phiRoute, phiDead } = readPhi(member.detector, nowMs, settings.phi);
  if (member.health !== 'suspect' && phiRoute >= settings.phi.threshold) events.push(suspect(member, nowMs, settings));
  const probe =
    member.health === 'suspect' &&
    phiDead >= deadThreshold(settings.phi) &&
    !member.probing &&
    nowMs >= member.probeAgainMs;
  if (probe) member.probing = true;
  return { events, probe };
}

/** The probe's outcome. Returns the verdict's event when the member is dead now. */
export function judgeProbe(
  member: MemberRow,
  isAlive: boolean,
  nowMs: number,
  settings: MasterSettings,
): MonitorEvent | null {
  member.probing = false;
  member.probeAgainMs = nowMs + settings.probeAgainMs;
  if (isAlive || member.health !== 'suspect') return null;
  // It may have been heard of while the probe was under way.
  if (readPhi(member.detector, nowMs, settings.phi).phiDead < deadThreshold(settings.phi)) return null;
  return declareDead(member, 'phi-and-probe', nowMs, settings);
}

export function declareDead(
  member: MemberRow,
  cause: DeathCause,
  nowMs: number,
  settings: MasterSettings,
): MonitorEvent {
  const { phiDead, lastBeatAgoMs, meanMs, sigmaMs } = readPhi(member.detector, nowMs, settings.phi);
  const { node, incarnation } = member;
  setHealth(member, 'dead', nowMs);
  const judged: Judgement = {
    threshold: deadThreshold(settings.phi),
    pauseMs: settings.phi.deadPauseMs,
    meanMs,
    sigmaMs,
  };
  return { type: 'member-dead', node, incarnation, cause, phi: phiDead, silentMs: lastBeatAgoMs, judged };
}

/** From now on no new work. Null when it drains already or is gone. */
export function drain(
  member: MemberRow,
  inFlight: number,
  nowMs: number,
  settings: MasterSettings,
): MonitorEvent | null {
  if (isGone(member) || member.drainUntilMs !== null) return null;
  member.drainUntilMs = nowMs + settings.drainTimeoutMs;
  if (member.health !== 'suspect') setHealth(member, 'draining', nowMs);
  return { type: 'member-draining', node: member.node, incarnation: member.incarnation, inFlight };
}

/** Its warm-up is over: from now on it stands by. Null when it was promoted meanwhile, or is gone. */
export function warmed(member: MemberRow, warmUpMs: number, nowMs: number): MonitorEvent | null {
  if (member.health !== 'joining' || !member.standby) return null;
  setHealth(member, 'standby', nowMs);
  return { type: 'member-standby', node: member.node, incarnation: member.incarnation, warmUpMs };
}

/** From now on it gets work. */
export function promote(member: MemberRow, nowMs: number): MonitorEvent {
  const wasStandby = member.health === 'standby';
  member.standby = false;
  setHealth(member, 'ready', nowMs);
  return { type: 'member-promoted', node: member.node, incarnation: member.incarnation, wasStandby };
}

/** No new work; what it has it finishes. */
export function demote(member: MemberRow, nowMs: number): MonitorEvent {
  member.standby = true;
  setHealth(member, 'standby', nowMs);
  return { type: 'member-standby', node: member.node, incarnation: member.incarnation, warmUpMs: null };
}

export function leave(member: MemberRow, nowMs: number): MonitorEvent | null {
  if (isGone(member)) return null;
  setHealth(member, 'left', nowMs);
  return { type: 'member-left', node: member.node, incarnation: member.incarnation };
}

/** May it be given new work at all? */
export function takesWork(member: MemberRow): boolean {
  return member.health === 'ready' && member.link !== null;
}

export function isGone(member: MemberRow): boolean {
  return member.health === 'dead' || member.health === 'left';
}

function suspect(member: MemberRow, nowMs: number, settings: MasterSettings): MonitorEvent {
  const { phiRoute, lastBeatAgoMs, meanMs, sigmaMs } = readPhi(member.detector, nowMs, settings.phi);
  const { node, incarnation } = member;
  setHealth(member, 'suspect', nowMs);
  const judged: Judgement = { threshold: settings.phi.threshold, pauseMs: 0, meanMs, sigmaMs };
  return { type: 'member-suspect', node, incarnation, phi: phiRoute, silentMs: lastBeatAgoMs, judged };
}

function setHealth(member: MemberRow, health: Health, nowMs: number): void {
  member.health = health;
  member.sinceMs = nowMs;
}
