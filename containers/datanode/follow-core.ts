/** What a follower does with its primary's messages, and nothing that the epoch does not allow. */
import type { WriteEntry } from '../protocol/record-codec.ts';
import type { PrimaryMessage, StoredOperation, SyncedEntry } from '../protocol/store-messages.ts';
import { stepDown } from './lead-core.ts';
import { digestOf } from './scrub-core.ts';
import { appendEntry, commitTo, cutLog, emptyShard, putOperation, putRecord, trimLog, wipe } from './shard-state.ts';
import type { Shard } from './shard-state.ts';
import type { DatanodeState, Out } from './types.ts';

export function onPrimaryMessage(
  state: DatanodeState,
  from: string,
  message: PrimaryMessage,
  nowMs: number,
  out: Out,
): void {
  switch (message.t) {
    case 'prepare':
      onPrepare(state, from, message, nowMs, out);
      return;
    case 'committed': {
      const shard = state.shards.get(message.shard);
      if (shard === undefined || !follows(shard, message.epoch)) return;
      followCommit(state, shard, message.committed);
      acknowledge(shard, from, out);
      return;
    }
    case 'compare': {
      const shard = state.shards.get(message.shard);
      if (shard === undefined || !follows(shard, message.epoch)) return;
      followCommit(state, shard, message.committed);
      if (shard.committed !== message.committed) return;
      const { shard: number, epoch, committed, liveRecords: records } = shard;
      const compared = { t: 'compared', shard: number, epoch, committed, digest: digestOf(shard), records } as const;
      out.push({ kind: 'send', to: from, message: compared });
      return;
    }
    case 'confirm': {
      const stale = message.shards.filter(([number, epoch]) => !holds(state.shards.get(number), epoch));
      const known = stale.map(([number]): [number, number] => [number, state.shards.get(number)?.epoch ?? 0]);
      out.push({ kind: 'send', to: from, message: { t: 'confirmed', round: message.round, stale: known } });
      return;
    }
    case 'reconcile':
      onReconcile(state, from, message, out);
      return;
    case 'learn-begin':
      onLearnBegin(state, from, message, out);
      return;
    case 'learn-chunk':
      onLearnChunk(state, from, message, out);
  }
}

function onPrepare(
  state: DatanodeState,
  from: string,
  message: Extract<PrimaryMessage, { t: 'prepare' }>,
  nowMs: number,
  out: Out,
): void {
  const { entry, epoch, trace } = message;
  const shard = state.shards.get(entry.shard) ?? emptyShard(entry.shard);
  const nack = (reason: 'epoch' | 'gap' | 'restarted' | 'disk-full'): void => {
    const { epoch: known, last } = shard;
    out.push({ kind: 'send', to: from, message: { t: 'nack', shard: entry.shard, epoch: known, last, reason } });
  };
  if (epoch < shard.epoch) {
    nack('epoch');
    return;
  }
  if (!follows(shard, epoch)) {
    if (shard.epoch === epoch || shard.role === 'absent') {
      out.push({
        kind: 'send',
        to: from,
        message: { t: 'nack', shard: entry.shard, epoch, last: 0, reason: 'restarted' },
      });
    }
    return;
  }
  if (entry.seq > shard.last && state.disk === 'failed') {
    // Before the gap that its refusals leave: asked to fill that, the primary would only send more.
    nack('disk-full');
    return;
  }
  if (entry.seq > shard.last + 1) {
    nack('gap');
    return;
  }
  if (entry.seq <= shard.last) {
    // Sent again. What is not durable yet is acknowledged when it is.
    if (entry.seq <= shard.durable) acknowledge(shard, from, out);
  } else {
    appendEntry(shard, entry);
    const traced = trace === undefined ? undefined : { context: trace, startMs: nowMs };
    const event = { kind: 'durable', shard: shard.shard, epoch, seq: entry.seq, ...(traced && { traced }) } as const;
    out.push({ kind: 'persist', entries: [entry], then: [{ kind: 'self', event }] });
  }
  followCommit(state, shard, message.committed);
}

/** A follower's entries are on disk. */
export function acknowledge(shard: Shard, to: string, out: Out, synced?: SyncedEntry): void {
  const { shard: number, epoch, durable: seq, committed } = shard;
  out.push({
    kind: 'send',
    to,
    message: { t: 'ack', shard: number, epoch, seq, committed, ...(synced && { synced }) },
  });
}

function followCommit(state: DatanodeState, shard: Shard, committed: number): void {
  commitTo(shard, committed, state.settings.windows);
  trimLog(shard, shard.committed);
}

/** Takes part in this epoch as a follower whose log agrees with the primary's. */
function follows(shard: Shard, epoch: number): boolean {
  if (shard.epoch !== epoch || shard.reconciledEpoch !== epoch || !isWhole(shard)) return false;
  return shard.role === 'secondary' || shard.role === 'learner';
}

/** For a read: this node knows of nothing newer, and did not lose what it knew. */
function holds(shard: Shard | undefined, epoch: number): boolean {
  if (shard === undefined || shard.epoch !== epoch) return false;
  return shard.role === 'secondary' || (shard.role === 'learner' && isWhole(shard));
}

function onReconcile(
  state: DatanodeState,
  from: string,
  message: Extract<PrimaryMessage, { t: 'reconcile' }>,
  out: Out,
): void {
  const { view, committed, tailEpochs } = message;
  const { shard: number, epoch } = view;
  const shard = shardOf(state, number);
  if (epoch < shard.epoch) {
    out.push({
      kind: 'send',
      to: from,
      message: { t: 'nack', shard: number, epoch: shard.epoch, last: shard.last, reason: 'epoch' },
    });
    return;
  }
  if (epoch === shard.epoch && (shard.role !== 'secondary' || shard.reconciledEpoch === epoch)) {
    // Asked twice: the first answer is still to come, or was lost; a restarted node never takes part again.
    if (shard.role === 'secondary' && shard.isViewDurable) {
      const last = Math.min(shard.durable, committed + tailEpochs.length);
      out.push({ kind: 'send', to: from, message: { t: 'reconciled', shard: number, epoch, last, lacks: false } });
    }
    return;
  }
  if (state.disk === 'failed') {
    out.push({
      kind: 'send',
      to: from,
      message: { t: 'nack', shard: number, epoch, last: shard.last, reason: 'disk-full' },
    });
    return;
  }
  stepDown(state, shard, out);
  if (!isWhole(shard)) wipe(shard);
  shard.epoch = epoch;
  shard.view = view;
  shard.role = 'secondary';
  if (shard.last < committed) {
    out.push({
      kind: 'send',
      to: from,
      message: { t: 'reconciled', shard: number, epoch, last: shard.last, lacks: true },
    });
    return;
  }
  const common = commonEnd(shard, committed, tailEpochs);
  if (common < shard.committed) throw new Error(`shard ${number}: the new primary lacks committed entry ${common + 1}`);
  cutLog(shard, common);
  shard.reconciledEpoch = epoch;
  shard.isViewDurable = false;
  commitTo(shard, committed, state.settings.windows);
  trimLog(shard, shard.committed);
  const event = { kind: 'reconciled', shard: number, epoch, last: common, to: from } as const;
  out.push({ kind: 'persist', entries: [{ kind: 'view', view, keepTo: common }], then: [{ kind: 'self', event }] });
}

/** Where this log stops agreeing with the primary's: same place and same epoch means the same entry. */
function commonEnd(shard: Shard, committed: number, tailEpochs: readonly number[]): number {
  // What either side knows to be committed is the same on both.
  let common = Math.max(committed, shard.committed);
  while (common < shard.last && shard.log.get(common + 1)?.epoch === tailEpochs[common - committed]) common += 1;
  return Math.min(common, committed + tailEpochs.length);
}

/** The adoption of a view, and the log up to `last`, are on disk. */
export function onReconciled(shard: Shard, event: { epoch: number; last: number; to: string }, out: Out): void {
  if (shard.epoch !== event.epoch || shard.role !== 'secondary') return;
  shard.durable = Math.max(shard.durable, event.last);
  shard.isViewDurable = true;
  const { epoch, last, to } = event;
  out.push({ kind: 'send', to, message: { t: 'reconciled', shard: shard.shard, epoch, last, lacks: false } });
}

function onLearnBegin(
  state: DatanodeState,
  from: string,
  message: Extract<PrimaryMessage, { t: 'learn-begin' }>,
  out: Out,
): void {
  const { view, chunks, base, versionFloor } = message;
  const { shard: number, epoch } = view;
  const shard = shardOf(state, number);
  if (epoch < shard.epoch) {
    out.push({
      kind: 'send',
      to: from,
      message: { t: 'nack', shard: number, epoch: shard.epoch, last: shard.last, reason: 'epoch' },
    });
    return;
  }
  if (view.members.includes(state.settings.node) || state.disk === 'failed') return;
  // The whole of it was taken in this epoch: it may be in the ack set and forgets nothing.
  if (epoch === shard.epoch && shard.role === 'learner' && isWhole(shard)) return;
  stepDown(state, shard, out);
  wipe(shard);
  Object.assign(shard, { epoch, view, role: 'learner', reconciledEpoch: epoch, versionFloor });
  shard.learned = { taken: 0, durable: 0, chunks, base };
  const event = { kind: 'learned', shard: number, epoch, base, number: 0, to: from } as const;
  out.push({
    kind: 'persist',
    entries: [{ kind: 'learn-begin', view, chunks, base, versionFloor }],
    then: [{ kind: 'self', event }],
  });
}

function onLearnChunk(
  state: DatanodeState,
  from: string,
  message: Extract<PrimaryMessage, { t: 'learn-chunk' }>,
  out: Out,
): void {
  const { shard: number, epoch, base, entries, operations } = message;
  const shard = shardOf(state, number);
  const { learned } = shard;
  const isLearner = shard.epoch === epoch && shard.role === 'learner' && learned?.base === base;
  if (!isLearner || message.number > learned.taken + 1) {
    if (shard.epoch > epoch || shard.role === 'secondary') return;
    // What came before this chunk was lost with a restart.
    out.push({ kind: 'send', to: from, message: { t: 'nack', shard: number, epoch, last: 0, reason: 'restarted' } });
    return;
  }
  if (message.number <= learned.taken) {
    // Sent again: the acknowledgement is on its way, or was lost.
    if (message.number <= learned.durable) sendLearned(shard, from, base, message.number, out);
    return;
  }
  takeChunk(shard, message);
  const entry = { kind: 'learn-chunk', shard: number, number: message.number, entries, operations } as const;
  const event = { kind: 'learned', shard: number, epoch, base, number: message.number, to: from } as const;
  out.push({ kind: 'persist', entries: [entry], then: [{ kind: 'self', event }] });
}

/** Takes the next chunk in; with the last one the shard stands at its base. */
export function takeChunk(
  shard: Shard,
  chunk: { entries: WriteEntry[]; operations: StoredOperation[]; number: number },
): void {
  const { learned } = shard;
  if (learned === null || chunk.number !== learned.taken + 1) return;
  for (const entry of chunk.entries) putRecord(shard, entry);
  for (const operation of chunk.operations) putOperation(shard, operation);
  learned.taken = chunk.number;
  if (learned.taken < learned.chunks) return;
  const { base } = learned;
  Object.assign(shard, { committed: base, last: base, logFloor: base });
}

/** Chunk `number` is on disk; 0 stands for the begin. */
export function onLearned(
  shard: Shard,
  event: { epoch: number; base: number; number: number; to: string },
  out: Out,
): void {
  const { learned } = shard;
  if (shard.epoch !== event.epoch || shard.role !== 'learner' || learned?.base !== event.base) return;
  learned.durable = Math.max(learned.durable, event.number);
  if (learned.durable === learned.chunks) shard.durable = Math.max(shard.durable, learned.base);
  sendLearned(shard, event.to, event.base, event.number, out);
}

function sendLearned(shard: Shard, to: string, base: number, number: number, out: Out): void {
  out.push({ kind: 'send', to, message: { t: 'learned', shard: shard.shard, epoch: shard.epoch, base, number } });
}

/** A learner that has the whole snapshot, or a shard that did not come by one. */
function isWhole({ learned }: Shard): boolean {
  return learned === null || learned.taken === learned.chunks;
}

export function shardOf(state: DatanodeState, number: number): Shard {
  let shard = state.shards.get(number);
  if (shard === undefined) state.shards.set(number, (shard = emptyShard(number)));
  return shard;
}
