/** How a primary takes office and keeps its followers supplied: RECONCILE, gap fill, resending. */
import type { FollowerMessage } from '../protocol/store-messages.ts';
import type { ShardView } from '../protocol/stream.ts';
import { newFollower, newLead } from './lead-state.ts';
import type { Follower, Lead } from './lead-state.ts';
import { pipeTo, releaseReads, resendConfirm } from './reads-core.ts';
import { onCompared } from './scrub-core.ts';
import type { Shard } from './shard-state.ts';
import { fill, FILL_ENTRIES } from './supply-core.ts';
import {
  addMessage,
  considerAdding,
  goOn,
  onTaught,
  sendLearning,
  startLearning,
  startStreaming,
} from './teach-core.ts';
import type { DatanodeState, Out } from './types.ts';
import { advance, edgeTo, sendEntry, takeAck, trackPending } from './writes-core.ts';

/**
 * Becomes primary of a new view. Clients that wait for writes go on waiting: once every member holds
 * this log, all of it counts as committed.
 */
export function promote(state: DatanodeState, shard: Shard, view: ShardView, nowMs: number, out: Out): void {
  const before = shard.lead;
  const lead = newLead();
  if (before !== null) {
    closeEdges(state, before);
    lead.nextReads = [...(before.round?.reads ?? []), ...before.nextReads, ...before.afterCommit];
  }
  shard.role = 'promoting';
  shard.epoch = view.epoch;
  shard.view = view;
  shard.lead = lead;
  shard.reconciledEpoch = view.epoch;
  lead.promotionLast = shard.last;
  for (let seq = shard.committed + 1; seq <= shard.last; seq++) {
    const entry = shard.log.get(seq);
    if (entry === undefined) throw new Error(`shard ${shard.shard} lacks entry ${seq}`);
    trackPending(lead, before?.pending.get(seq) ?? { entry, waiting: [], preparedMs: nowMs, hops: [], traced: null });
  }
  for (const node of view.members) {
    if (node === state.settings.node) continue;
    const follower = newFollower(node, false, nowMs);
    lead.followers.set(node, follower);
    sendReconcile(shard, follower, nowMs, out);
  }
  const event = { kind: 'adopted', shard: shard.shard, epoch: view.epoch } as const;
  out.push({
    kind: 'persist',
    entries: [{ kind: 'view', view, keepTo: shard.last }],
    then: [{ kind: 'self', event }],
  });
}

/** Own log and adoption are on disk. */
export function onAdopted(state: DatanodeState, shard: Shard, nowMs: number, out: Out): void {
  const { lead } = shard;
  if (lead === null || lead.isAdopted) return;
  lead.isAdopted = true;
  shard.durable = Math.max(shard.durable, lead.promotionLast);
  advance(state, shard, nowMs, out);
}

/** Leaves office: a prepared write may survive under the next primary, so its client is left unsure. */
export function stepDown(state: DatanodeState, shard: Shard, out: Out): void {
  const { lead } = shard;
  if (lead === null) return;
  for (const { waiting } of lead.pending.values()) {
    for (const to of waiting)
      out.push({ kind: 'answer', to, answer: { t: 'unsure', shard: shard.shard, epoch: shard.epoch } });
  }
  closeEdges(state, lead);
  shard.lead = null;
  shard.role = 'deposed';
  releaseReads(state, shard, lead, out);
}

function closeEdges(state: DatanodeState, lead: Lead): void {
  for (const { node, sent, acked } of lead.followers.values()) edgeTo(state, node).failed += Math.max(0, sent - acked);
}

export function onFollowerMessage(
  state: DatanodeState,
  from: string,
  message: Exclude<FollowerMessage, { t: 'confirmed' }>,
  nowMs: number,
  out: Out,
): void {
  const shard = state.shards.get(message.shard);
  const lead = shard?.lead;
  const follower = lead?.followers.get(from);
  if (shard === undefined || !lead) return;
  if (message.t === 'nack' && message.epoch > shard.epoch) {
    depose(state, shard, out);
    return;
  }
  if (follower === undefined || message.epoch !== shard.epoch) return;
  switch (message.t) {
    case 'ack':
      if (follower.state !== 'streaming' || message.seq > shard.last) return;
      follower.told = message.committed;
      if (message.synced !== undefined) lead.pending.get(message.synced.seq)?.traced?.spans.push(message.synced.span);
      takeAck(state, lead, follower, message.seq, nowMs);
      fill(state, shard, follower, nowMs, out);
      considerAdding(state, shard, lead, follower, nowMs, out);
      advance(state, shard, nowMs, out);
      return;
    case 'reconciled':
      if (message.lacks) complain(shard, follower, 'lacks', nowMs, out);
      else if (follower.state === 'reconciling') startStreaming(state, shard, follower, message.last, nowMs, out);
      return;
    case 'learned':
      onTaught(state, shard, lead, follower, message, nowMs, out);
      return;
    case 'compared':
      onCompared(shard, from, message, out);
      return;
    case 'nack':
      onNack(state, shard, follower, message, nowMs, out);
  }
}

/** Somebody knows a newer view: serve nothing until it came here too. */
export function depose(state: DatanodeState, shard: Shard, out: Out): void {
  stepDown(state, shard, out);
  out.push({ kind: 'report', message: { t: 'ask-views', epochSum: null } });
}

function onNack(
  state: DatanodeState,
  shard: Shard,
  follower: Follower,
  { last, reason }: Extract<FollowerMessage, { t: 'nack' }>,
  nowMs: number,
  out: Out,
): void {
  if (reason === 'disk-full') {
    complain(shard, follower, 'disk-full', nowMs, out);
  } else if (reason === 'gap' && follower.state === 'streaming') {
    if (last < shard.logFloor) {
      complain(shard, follower, 'lacks', nowMs, out);
      return;
    }
    // Everything sent behind the gap is refused and says so: filled once, or each refusal would bring more.
    if (follower.filledAfter === last && nowMs - follower.filledMs < state.settings.resendAfterMs) return;
    follower.filledAfter = last;
    follower.filledMs = nowMs;
    for (let seq = last + 1; seq <= follower.sent && seq <= last + FILL_ENTRIES; seq++) {
      const entry = shard.log.get(seq);
      if (entry !== undefined) sendEntry(state, shard, follower, entry, nowMs, out);
    }
  } else if (reason === 'restarted' && follower.isLearner && !follower.isInAckSet) {
    startLearning(state, shard, follower, nowMs, out);
  }
}

function sendReconcile(shard: Shard, follower: Follower, nowMs: number, out: Out): void {
  if (shard.view === null) return;
  const tailEpochs: number[] = [];
  for (let seq = shard.committed + 1; seq <= shard.last; seq++) tailEpochs.push(shard.log.get(seq)?.epoch ?? 0);
  follower.owesSinceMs ??= nowMs;
  follower.sentMs = nowMs;
  out.push({
    kind: 'send',
    to: follower.node,
    message: { t: 'reconcile', view: shard.view, committed: shard.committed, tailEpochs },
  });
}

function complain(
  shard: Shard,
  follower: Follower,
  reason: 'silent' | 'lacks' | 'disk-full',
  nowMs: number,
  out: Out,
): void {
  follower.complainedMs = nowMs;
  out.push({
    kind: 'report',
    message: { t: 'complain', shard: shard.shard, epoch: shard.epoch, node: follower.node, reason },
  });
}

/** A new connection to a follower: whatever is unanswered may be lost, so it is sent again at once. */
export function onPeerUp(state: DatanodeState, node: string, nowMs: number, out: Out): void {
  for (const shard of state.shards.values()) {
    const follower = shard.lead?.followers.get(node);
    if (follower !== undefined && follower.owesSinceMs !== null) resend(state, shard, follower, nowMs, out);
  }
  resendConfirm(state, node, pipeTo(state, node), nowMs, out);
}

/** Sends again what stays unanswered, tells the headnode of who stays silent. */
export function tickLeads(state: DatanodeState, nowMs: number, out: Out): void {
  const { resendAfterMs, ackTimeoutMs } = state.settings;
  for (const shard of state.shards.values()) {
    for (const follower of shard.lead?.followers.values() ?? []) tickFollower(state, shard, follower, nowMs, out);
  }
  for (const [node, pipe] of state.confirms) {
    const { outstanding } = pipe;
    if (outstanding === null) continue;
    if (nowMs - outstanding.sinceMs >= ackTimeoutMs) {
      outstanding.sinceMs = nowMs;
      for (const { shard, epoch } of outstanding.items) {
        out.push({ kind: 'report', message: { t: 'complain', shard, epoch, node, reason: 'silent' } });
      }
    }
    if (nowMs - outstanding.sentMs >= resendAfterMs) resendConfirm(state, node, pipe, nowMs, out);
  }
}

function tickFollower(state: DatanodeState, shard: Shard, follower: Follower, nowMs: number, out: Out): void {
  const { resendAfterMs, ackTimeoutMs } = state.settings;
  const { owesSinceMs } = follower;
  if (follower.copying?.isHeld === true) {
    goOn(state, shard, follower, nowMs, out);
  } else if (owesSinceMs !== null) {
    if (nowMs - follower.sentMs >= resendAfterMs) resend(state, shard, follower, nowMs, out);
    if (!follower.isLearner && nowMs - owesSinceMs >= ackTimeoutMs && nowMs - follower.complainedMs >= ackTimeoutMs) {
      complain(shard, follower, 'silent', nowMs, out);
    }
  } else if (
    follower.state === 'streaming' &&
    follower.told < shard.committed &&
    nowMs - follower.sentMs >= resendAfterMs
  ) {
    follower.sentMs = nowMs;
    const { shard: number, epoch, committed } = shard;
    out.push({ kind: 'send', to: follower.node, message: { t: 'committed', shard: number, epoch, committed } });
  }
  if (follower.addSentMs !== null && nowMs - follower.addSentMs >= resendAfterMs) {
    follower.addSentMs = nowMs;
    out.push({ kind: 'report', message: addMessage(shard, follower) });
  }
}

function resend(state: DatanodeState, shard: Shard, follower: Follower, nowMs: number, out: Out): void {
  switch (follower.state) {
    case 'reconciling':
      sendReconcile(shard, follower, nowMs, out);
      return;
    case 'snapshot':
      sendLearning(shard, follower, nowMs, out);
      return;
    case 'streaming':
      for (let seq = follower.acked + 1; seq <= follower.sent && seq <= follower.acked + FILL_ENTRIES; seq++) {
        const entry = shard.log.get(seq);
        if (entry !== undefined) sendEntry(state, shard, follower, entry, nowMs, out);
      }
  }
}
