/** How a primary brings a learner up to date, within the node's rate, and asks to have it as a member. */
import { newFollower } from './lead-state.ts';
import type { Follower, Lead } from './lead-state.ts';
import { beginCopy, nextChunk } from './learn-core.ts';
import { isSound, reportDamage } from './scrub-core.ts';
import type { Shard } from './shard-state.ts';
import { fill } from './supply-core.ts';
import type { DatanodeState, Out } from './types.ts';
import { advance } from './writes-core.ts';

/** So much of a second's bytes may go out at once. */
const BURST_S = 0.25;

/** The headnode wants `node` to hold this shard too. Asked again and again until it is so. */
export function onLearn(
  state: DatanodeState,
  order: { shard: number; epoch: number; node: string; store: string },
  nowMs: number,
  out: Out,
): void {
  const shard = state.shards.get(order.shard);
  if (shard === undefined || shard.lead === null || shard.role !== 'primary' || shard.epoch !== order.epoch) return;
  const { followers } = shard.lead;
  const known = followers.get(order.node);
  if (known !== undefined) reportProgress(shard, known, out);
  if (order.node === state.settings.node || known !== undefined) return;
  for (const other of followers.values()) {
    // One at a time; and whoever was asked to be added stays for the whole epoch.
    if (other.isLearner && other.isInAckSet) return;
    if (other.isLearner) followers.delete(other.node);
  }
  const follower = { ...newFollower(order.node, true, nowMs), store: order.store };
  followers.set(order.node, follower);
  startLearning(state, shard, follower, nowMs, out);
}

function reportProgress(shard: Shard, { node, isLearner, copying }: Follower, out: Out): void {
  if (!isLearner) return;
  const { shard: number, epoch, valueBytes } = shard;
  const { sentBytes, totalBytes } = copying ?? { sentBytes: valueBytes, totalBytes: valueBytes };
  out.push({ kind: 'report', message: { t: 'learning', shard: number, epoch, node, sentBytes, totalBytes } });
}

export function startLearning(state: DatanodeState, shard: Shard, follower: Follower, nowMs: number, out: Out): void {
  follower.state = 'snapshot';
  follower.copying = beginCopy(shard, state.settings);
  follower.acked = 0;
  follower.sent = 0;
  sendLearning(shard, follower, nowMs, out);
}

/** Sends the announcement or the chunk that is on its way, for the first time or again. */
export function sendLearning(shard: Shard, follower: Follower, nowMs: number, out: Out): void {
  const { copying } = follower;
  if (copying === null || shard.view === null) return;
  follower.owesSinceMs ??= nowMs;
  follower.sentMs = nowMs;
  const { number, chunk, chunks, base } = copying;
  const message =
    chunk === null
      ? ({ t: 'learn-begin', view: shard.view, chunks, base, versionFloor: shard.versionFloor } as const)
      : ({ t: 'learn-chunk', shard: shard.shard, epoch: shard.epoch, base, number, ...chunk } as const);
  out.push({ kind: 'send', to: follower.node, message });
}

export function onTaught(
  state: DatanodeState,
  shard: Shard,
  lead: Lead,
  follower: Follower,
  { base, number }: { base: number; number: number },
  nowMs: number,
  out: Out,
): void {
  const { copying } = follower;
  if (copying === null || copying.isHeld || number !== copying.number || base !== copying.base) return;
  follower.owesSinceMs = null;
  if (number < copying.chunks) {
    copying.isHeld = true;
    goOn(state, shard, follower, nowMs, out);
    return;
  }
  follower.copying = null;
  startStreaming(state, shard, follower, copying.base, nowMs, out);
  considerAdding(state, shard, lead, follower, nowMs, out);
}

/** Sends the next chunk of a copy that waits for its turn, if the rate allows one now. */
export function goOn(state: DatanodeState, shard: Shard, follower: Follower, nowMs: number, out: Out): void {
  const { copying } = follower;
  if (copying?.isHeld !== true || !mayTransfer(state, nowMs)) return;
  copying.isHeld = false;
  const chunk = nextChunk(copying);
  const damaged = chunk.entries.filter((entry) => !isSound(entry));
  if (damaged.length > 0) {
    // A copy without them would look whole and not be it.
    for (const { key } of damaged) reportDamage(state, shard, key, out);
    shard.lead?.followers.delete(follower.node);
    return;
  }
  let bytes = 0;
  for (const entry of chunk.entries) bytes += entry.bytes.length;
  copying.sentBytes += bytes;
  state.transfer.budgetBytes -= bytes;
  sendLearning(shard, follower, nowMs, out);
}

/** A bucket that fills at the node's rate; a chunk may overdraw it, the next then waits for longer. */
function mayTransfer({ transfer, settings }: DatanodeState, nowMs: number): boolean {
  const { transferBytesPerS } = settings;
  const gained = (Math.max(0, nowMs - transfer.atMs) / 1_000) * transferBytesPerS;
  transfer.budgetBytes = Math.min(transferBytesPerS * BURST_S, transfer.budgetBytes + gained);
  transfer.atMs = nowMs;
  return transfer.budgetBytes > 0;
}

export function startStreaming(
  state: DatanodeState,
  shard: Shard,
  follower: Follower,
  last: number,
  nowMs: number,
  out: Out,
): void {
  follower.state = 'streaming';
  follower.acked = last;
  follower.sent = last;
  follower.owesSinceMs = null;
  fill(state, shard, follower, nowMs, out);
  advance(state, shard, nowMs, out);
}

/** A learner that holds everything committed joins the ack set for good and the headnode is asked to add it. */
export function considerAdding(
  state: DatanodeState,
  shard: Shard,
  lead: Lead,
  follower: Follower,
  nowMs: number,
  out: Out,
): void {
  if (!follower.isLearner || follower.isInAckSet || shard.role !== 'primary' || shard.view === null) return;
  if (follower.state !== 'streaming' || follower.acked < shard.committed) return;
  follower.isInAckSet = true;
  follower.addSentMs = nowMs;
  // A round on its way asked without the joiner; the reads wait for one that asks it too.
  if (lead.round !== null) {
    lead.nextReads = [...lead.round.reads, ...lead.nextReads];
    lead.round = null;
  }
  shard.view = { ...shard.view, joiner: follower.node };
  const add = { kind: 'report', message: addMessage(shard, follower) } as const;
  out.push({ kind: 'persist', entries: [{ kind: 'view', view: shard.view, keepTo: shard.last }], then: [add] });
  advance(state, shard, nowMs, out);
}

export function addMessage(shard: Shard, follower: Follower) {
  const { shard: number, epoch, liveRecords: records, valueBytes: bytes } = shard;
  const { node, store } = follower;
  return { t: 'add', shard: number, epoch, node, store, records, bytes } as const;
}
