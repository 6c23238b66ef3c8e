/** Decisions about members and what follows for their tasks. */
import type { Token } from '../protocol/compute-messages.ts';
import type { MonitorEvent } from '../protocol/stream.ts';
import type { MasterEvent } from './core-types.ts';
import { beat, declareDead, drain, greet, hangUp, isGone, judgeProbe, leave, watch } from './membership.ts';
import type { MemberRow } from './membership.ts';
import type { Outbox } from './outbox.ts';
import { adopt } from './scaling/state.ts';
import { heldBy, inFlightOf, sameToken } from './task-queue.ts';
import { loseLease } from './tasks-core.ts';

type EventOf<Kind extends MasterEvent['kind']> = Extract<MasterEvent, { kind: Kind }>;

export function onHello(out: Outbox, event: EventOf<'hello'>): void {
  const { state, nowMs } = out;
  const { node, incarnation, link, info } = event;
  const before = state.membership.members.get(node);
  const oldLink = before?.link ?? null;
  // Who was never told what it is, is new; an active one of before a restart of the master stays active.
  const standby = state.settings.autoscaler.enabled && info.standby !== false;
  const welcome = greet(state.membership, { ...event, standby }, nowMs, state.settings);
  switch (welcome.kind) {
    case 'outdated':
      out.do({ kind: 'hang-up', link, reason: 'a newer incarnation of this node is known' });
      return;
    case 'dead':
      out.do({ kind: 'send', link, message: { t: 'dead', incarnation } });
      out.do({ kind: 'hang-up', link, reason: 'this incarnation was declared dead' });
      return;
    case 'rejoined':
      if (oldLink !== null && oldLink !== link)
        out.do({ kind: 'hang-up', link: oldLink, reason: 'a newer connection' });
      if (before !== undefined && before.drainUntilMs !== null) out.do({ kind: 'send', link, message: { t: 'drain' } });
      break;
    case 'joined':
      if (oldLink !== null) out.do({ kind: 'hang-up', link: oldLink, reason: 'a newer incarnation came' });
      if (welcome.replaced !== null) out.do({ kind: 'publish', event: welcome.replaced });
      out.do({ kind: 'publish', event: { type: 'member-joined', node, role: 'worker', incarnation } });
      if (standby) out.do({ kind: 'send', link, message: { t: 'stand-by' } });
      else if (info.standby !== null) out.do({ kind: 'send', link, message: { t: 'promote' } });
      if (info.standby === false) adopt(state);
      break;
  }
  reconcile(out, node, incarnation, info.holding, 'its worker came back without it', 0);
  cancelUnknown(out, link, node, info.holding);
}

export function onHeartbeat(out: Outbox, { node, link, beat: facts }: EventOf<'heartbeat'>): void {
  const { state, nowMs } = out;
  const member = state.membership.members.get(node);
  if (member === undefined || member.link !== link) return;
  const taken = beat(member, facts, nowMs, state.settings);
  if (taken === null) return;
  state.counters.heartbeats++;
  const { holding, ...shown } = facts;
  const gapMs = taken.gapMs === null ? null : Math.round(taken.gapMs * 10) / 10;
  out.do({ kind: 'beat', beat: { node, atMs: Math.round(nowMs), gapMs, ...shown } });
  if (taken.event !== null) out.do({ kind: 'publish', event: taken.event });
  if (holding.length === 0 && inFlightOf(state.queue, node) === 0) return;
  reconcile(out, node, facts.incarnation, holding, 'its worker never got it', state.settings.notHeldMs);
  cancelUnknown(out, link, node, holding);
}

export function onLeave(out: Outbox, { node, link }: EventOf<'leave'>): void {
  const member = out.state.membership.members.get(node);
  if (member?.link === link) depart(out, member, 'its worker left');
}

export function onDisconnected(out: Outbox, { node, link }: EventOf<'disconnected'>): void {
  const member = out.state.membership.members.get(node);
  if (member?.link === link) publish(out, hangUp(member, out.nowMs, out.state.settings));
}

export function onProbe(out: Outbox, { node, incarnation, alive }: EventOf<'probe-answered'>): void {
  const member = out.state.membership.members.get(node);
  if (member?.incarnation !== incarnation) return;
  const verdict = judgeProbe(member, alive, out.nowMs, out.state.settings);
  if (verdict !== null) bury(out, member, verdict, 'its worker is dead');
}

/** The engine knows that the container exited. Its word is about the process of that time, not about a later one. */
export function onEngineWord(out: Outbox, { node, type, atMs }: EventOf<'engine-word'>): void {
  if (type !== 'exited') return;
  const { state, nowMs } = out;
  const member = state.membership.members.get(node);
  if (member === undefined) {
    for (const row of heldBy(state.queue, node)) loseLease(out, row, 'its worker is dead');
    return;
  }
  if (isGone(member) || atMs < member.incarnation) return;
  bury(out, member, declareDead(member, 'engine', nowMs, state.settings), 'its worker is dead');
}

export function onDrain(out: Outbox, node: string): void {
  const { state } = out;
  const member = state.membership.members.get(node);
  if (member !== undefined) drainMember(out, member);
}

export function drainMember(out: Outbox, member: MemberRow): void {
  const { state, nowMs } = out;
  const event = drain(member, inFlightOf(state.queue, member.node), nowMs, state.settings);
  if (event === null) return;
  publish(out, event);
  if (member.link !== null) out.do({ kind: 'send', link: member.link, message: { t: 'drain' } });
  leaveWhenIdle(out, member);
}

/** Looks at every member's silence, and at those that drain. */
export function watchAll(out: Outbox): void {
  const { state, nowMs } = out;
  const { settings } = state;
  for (const member of state.membership.members.values()) {
    // Guests have no heartbeats to be silent with.
    if (member.guest !== null) {
      leaveWhenIdle(out, member);
      continue;
    }
    const { events, probe } = watch(member, nowMs, settings);
    for (const event of events) publish(out, event);
    if (probe) {
      const { node, incarnation, probe: address } = member;
      out.do({ kind: 'probe', node, incarnation, address, timeoutMs: settings.probeTimeoutMs });
    }
    leaveWhenIdle(out, member);
  }
}

function leaveWhenIdle(out: Outbox, member: MemberRow): void {
  if (member.drainUntilMs === null || isGone(member)) return;
  const isIdle = inFlightOf(out.state.queue, member.node) === 0;
  if (isIdle || out.nowMs >= member.drainUntilMs) depart(out, member, 'its worker was drained');
}

function depart(out: Outbox, member: MemberRow, reason: string): void {
  const event = leave(member, out.nowMs);
  if (event === null) return;
  const tokens = releaseAll(out, member.node, reason);
  if (member.link !== null && tokens.length > 0) {
    out.do({ kind: 'send', link: member.link, message: { t: 'cancel', tokens } });
  }
  publish(out, event);
}

function bury(out: Outbox, member: MemberRow, verdict: MonitorEvent, reason: string): void {
  publish(out, verdict);
  releaseAll(out, member.node, reason);
  if (member.link === null) return;
  out.do({ kind: 'send', link: member.link, message: { t: 'dead', incarnation: member.incarnation } });
  out.do({ kind: 'hang-up', link: member.link, reason: 'this incarnation was declared dead' });
  member.link = null;
}

/** Ends all leases of a worker; gives their tokens. */
export function releaseAll(out: Outbox, node: string, reason: string): Token[] {
  return heldBy(out.state.queue, node).flatMap((row) => {
    const token = row.lease?.token;
    loseLease(out, row, reason);
    return token === undefined ? [] : [token];
  });
}

/**
 * Compares our leases of a worker with what it says it holds: those it holds are renewed; those of an
 * earlier incarnation, or that it does not hold `afterMs` after they were sent, are lost.
 */
function reconcile(
  out: Outbox,
  node: string,
  incarnation: number,
  holding: readonly Token[],
  reason: string,
  afterMs: number,
): void {
  const { state, nowMs } = out;
  for (const row of heldBy(state.queue, node)) {
    const held = row.lease;
    if (held === null) continue;
    if (held.incarnation !== incarnation) loseLease(out, row, 'its worker was restarted');
    else if (holding.some((token) => sameToken(token, held.token))) held.untilMs = nowMs + state.settings.leaseMs;
    else if (nowMs - held.sinceMs >= afterMs) loseLease(out, row, reason);
  }
}

/** Work on leases that are over is wasted; the worker is told. */
function cancelUnknown(out: Outbox, link: number, node: string, holding: readonly Token[]): void {
  if (holding.length === 0) return;
  const current = heldBy(out.state.queue, node).map(({ lease }) => lease?.token);
  const tokens = holding.filter((token) => !current.some((other) => other !== undefined && sameToken(token, other)));
  if (tokens.length > 0) out.do({ kind: 'send', link, message: { t: 'cancel', tokens } });
}

function publish(out: Outbox, event: MonitorEvent | null): void {
  if (event !== null) out.do({ kind: 'publish', event });
}
