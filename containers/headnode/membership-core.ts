/** Who lives: hello, heartbeats, suspicion, verdicts. The states are drawn in protocol/stream.ts. */
import { changedBy } from '../algorithms/detector-parameters.ts';
import {
  changePace,
  createDetector,
  forgiveLocalPause,
  LOCAL_PAUSE_MS,
  readPhi,
  recordBeat,
  recordSignOfLife,
} from '../algorithms/phi-accrual.ts';
import type { PhiSettings } from '../algorithms/phi-accrual.ts';
import type { DatanodeInfo } from '../protocol/store-messages.ts';
import type { DeathCause, Health, ShardView } from '../protocol/stream.ts';
import type { DatanodeMember, HeadnodeEvent, HeadnodeState, Out } from './types.ts';
import { forgetStore, isNewest, removeMember, renewEpochs } from './views-core.ts';

/** How often the shell ticks, ms. */
export const TICK_INTERVAL_MS = 200;

export function onHello(
  state: HeadnodeState,
  event: Extract<HeadnodeEvent, { kind: 'hello' }>,
  nowMs: number,
  out: Out,
): void {
  const { node, incarnation, info } = event;
  const known = state.members.get(node);
  if (
    known !== undefined &&
    (incarnation < known.incarnation || (incarnation === known.incarnation && isOver(known)))
  ) {
    out.push({ kind: 'outdated', node });
    return;
  }
  if (known !== undefined && incarnation === known.incarnation) {
    Object.assign(known, { info, isConnected: true, isFromLog: false });
    recordSignOfLife(known.detector, nowMs);
    if (known.health === 'suspect') trust(known, nowMs, out);
    sendAllViews(state, node, out);
    return;
  }
  if (known !== undefined && !isOver(known)) bury(state, known, 'replaced', nowMs, out);
  if (state.views.size === 0 && info.epoch > 0) state.isLogLost = true;
  // What an earlier process told is not what this one holds.
  state.blocks.delete(node);
  const member = newMember(state, node, incarnation, info, 'ready', nowMs);
  member.isConnected = true;
  state.members.set(node, member);
  state.lastJoinedMs = nowMs;
  out.push({ kind: 'event', event: { type: 'member-joined', node, role: 'datanode', incarnation } });
  out.push({ kind: 'event', event: { type: 'member-ready', node, incarnation } });
  if (known !== undefined && known.info.store !== info.store) forgetStore(state, node, nowMs, out);
  else renewEpochs(state, node, out);
  // Behind the views: if only these survive a crash, the next hello finds the disk exchanged once more.
  out.push({ kind: 'persist', entries: [{ kind: 'member', node, incarnation, info }], then: [] });
  sendAllViews(state, node, out);
}

/** An announcement may be lost on its way; whoever does not know the sum of all epochs gets all views. */
export function sendMissedViews(state: HeadnodeState, to: string, epochSum: number | null, out: Out): void {
  if (epochSum !== sumOfEpochs(state.announced.values())) sendAllViews(state, to, out);
}

export function sumOfEpochs(views: Iterable<ShardView>): number {
  let sum = 0;
  for (const { epoch } of views) sum += epoch;
  return sum;
}

/**
 * All of them: what does not name the node tells it what to drop. Except those that a newer decision
 * replaces as soon as it is on disk: a node that lost its disk must not hear of the views in which it
 * still counts as a member, or it would take office with nothing.
 */
export function sendAllViews(state: HeadnodeState, to: string, out: Out): void {
  const views = [...state.announced.values()].filter((view) => isNewest(state, view));
  out.push({ kind: 'send-views', to, views });
}

export function newMember(
  state: HeadnodeState,
  node: string,
  incarnation: number,
  info: DatanodeInfo,
  health: Health,
  nowMs: number,
): DatanodeMember {
  return {
    node,
    incarnation,
    health,
    sinceMs: nowMs,
    joinedMs: nowMs,
    info,
    isConnected: false,
    isFromLog: health === 'suspect',
    isProbing: false,
    isDiskFailed: false,
    detector: createDetector(state.settings.phi, nowMs),
    inFlight: 0,
  };
}

/** The incarnation has come to its end. */
export function isOver({ health }: DatanodeMember): boolean {
  return health === 'dead' || health === 'left';
}

/** Nodes that may hold copies. */
export function eligible(state: HeadnodeState): string[] {
  return [...state.members.values()]
    .filter(({ health, isDiskFailed }) => health === 'ready' && !isDiskFailed)
    .map(({ node }) => node);
}

export function onHeartbeat(
  state: HeadnodeState,
  event: Extract<HeadnodeEvent, { kind: 'heartbeat' }>,
  nowMs: number,
  out: Out,
): void {
  const { node, incarnation, seq, inFlight, eventLoopLagMs, rssBytes, epochSum } = event;
  const member = state.members.get(node);
  if (member === undefined || incarnation !== member.incarnation) return;
  if (isOver(member)) {
    out.push({ kind: 'outdated', node });
    return;
  }
  const beat = recordBeat(member.detector, seq, nowMs, state.settings.phi);
  if (beat === 'stale') return;
  sendMissedViews(state, node, epochSum, out);
  member.inFlight = inFlight;
  out.push({
    kind: 'beat',
    beat: { node, incarnation, seq, atMs: nowMs, gapMs: beat.gapMs, inFlight, eventLoopLagMs, rssBytes },
  });
  if (member.health === 'suspect') trust(member, nowMs, out);
}

/** The connection is gone: no proof of death, but the node is not reached now. */
export function onClosed(
  state: HeadnodeState,
  event: { node: string; incarnation: number },
  nowMs: number,
  out: Out,
): void {
  const member = state.members.get(event.node);
  if (member === undefined || member.incarnation !== event.incarnation) return;
  member.isConnected = false;
  if (member.health === 'ready') suspect(state, member, nowMs, out);
}

export function onProbed(
  state: HeadnodeState,
  event: { node: string; incarnation: number; isAlive: boolean },
  nowMs: number,
  out: Out,
): void {
  const member = state.members.get(event.node);
  if (member === undefined || member.incarnation !== event.incarnation) return;
  member.isProbing = false;
  if (isOver(member)) return;
  if (event.isAlive) recordSignOfLife(member.detector, nowMs);
  else if (readPhi(member.detector, nowMs, state.settings.phi).phiDead >= state.settings.phi.threshold) {
    bury(state, member, 'phi-and-probe', nowMs, out);
  }
}

/** The engine saw the container end. Older news than the node's start are about its predecessor. */
export function onEngineWord(
  state: HeadnodeState,
  event: Extract<HeadnodeEvent, { kind: 'engine-word' }>,
  nowMs: number,
  out: Out,
): void {
  const member = state.members.get(event.node);
  if (event.type !== 'exited' || member === undefined || isOver(member) || event.atMs < member.incarnation) return;
  bury(state, member, 'engine', nowMs, out);
}

/** Verdicts are by the new parameters at once; datanodes hear of a new interval with the reply to their next beat. */
export function onSetDetector(
  state: HeadnodeState,
  { request, change }: Extract<HeadnodeEvent, { kind: 'set-detector' }>,
  nowMs: number,
  out: Out,
): void {
  const phi = changedBy(state.settings.phi, change);
  watchBy(state, phi, nowMs);
  out.push({ kind: 'persist', entries: [{ kind: 'detector', phi }], then: [{ kind: 'set', request }] });
}

/** Parameters that were set hold from now on. */
export function watchBy(state: HeadnodeState, phi: PhiSettings, nowMs: number): void {
  const { heartbeatIntervalMs } = state.settings.phi;
  state.detector = phi;
  state.settings = { ...state.settings, phi };
  for (const { detector } of state.members.values()) changePace(detector, phi, heartbeatIntervalMs, nowMs);
}

export function tickMembers(state: HeadnodeState, nowMs: number, out: Out): void {
  const { phi, restartGraceMs } = state.settings;
  const lateMs = state.lastTickMs === null ? 0 : nowMs - state.lastTickMs - TICK_INTERVAL_MS;
  state.lastTickMs = nowMs;
  for (const member of state.members.values()) {
    if (isOver(member) || (member.isFromLog && nowMs - member.joinedMs < restartGraceMs)) continue;
    // Whoever slept itself judges nobody for it.
    if (lateMs > LOCAL_PAUSE_MS) forgiveLocalPause(member.detector, lateMs);
    const reading = readPhi(member.detector, nowMs, phi);
    if (reading.phiRoute >= phi.threshold && member.health === 'ready') suspect(state, member, nowMs, out);
    if (reading.phiDead >= phi.threshold && !member.isProbing && lateMs <= LOCAL_PAUSE_MS) {
      member.isProbing = true;
      const { node, incarnation, info } = member;
      out.push({ kind: 'probe', node, incarnation, address: info.probeAddress });
    }
  }
}

function suspect(state: HeadnodeState, member: DatanodeMember, nowMs: number, out: Out): void {
  setHealth(member, 'suspect', nowMs);
  const { node, incarnation } = member;
  const { phiRoute, lastBeatAgoMs } = readPhi(member.detector, nowMs, state.settings.phi);
  out.push({
    kind: 'event',
    event: { type: 'member-suspect', node, incarnation, phi: phiRoute, silentMs: lastBeatAgoMs },
  });
}

function trust(member: DatanodeMember, nowMs: number, out: Out): void {
  setHealth(member, 'ready', nowMs);
  const { node, incarnation } = member;
  out.push({ kind: 'event', event: { type: 'member-trusted', node, incarnation } });
}

/** The verdict, final for this incarnation. When the node was replaced, its data lives on. */
function bury(state: HeadnodeState, member: DatanodeMember, cause: DeathCause, nowMs: number, out: Out): void {
  const { node, incarnation } = member;
  const { phiDead, lastBeatAgoMs } = readPhi(member.detector, nowMs, state.settings.phi);
  setHealth(member, 'dead', nowMs);
  member.isConnected = false;
  out.push({
    kind: 'event',
    event: { type: 'member-dead', node, incarnation, cause, phi: phiDead, silentMs: lastBeatAgoMs },
  });
  if (cause !== 'replaced') removeMember(state, node, state.views.keys(), nowMs, `${node} is dead`, out);
}

export function setHealth(member: DatanodeMember, health: Health, nowMs: number): void {
  member.health = health;
  member.sinceMs = nowMs;
}
