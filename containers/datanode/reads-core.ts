/**
 * Reads at the primary: what is committed, once every member has said that its view still holds. One
 * round serves all reads that came before it was sent; a node's rounds to one peer share frames.
 */
import type { ClientAnswer, ListRequest } from '../protocol/store-messages.ts';
import { compareKeys } from '../protocol/record-limits.ts';
import type { WriteEntry } from '../protocol/record-codec.ts';
import type { Lead, ListOperation, Read, Token } from './lead-state.ts';
import { isSound, reportDamage } from './scrub-core.ts';
import type { Shard } from './shard-state.ts';
import type { ConfirmItem, ConfirmPipe, DatanodeState, Out } from './types.ts';

/** Bytes of values in a page: what fits a frame, with room. One record always fits. */
const PAGE_BYTES_MAX = 4 * 1024 * 1024;

export function onGet(
  state: DatanodeState,
  from: Token,
  request: { shard: number; epoch: number; key: string },
  nowMs: number,
  out: Out,
): void {
  const shard = state.shards.get(request.shard);
  if (state.settings.mode === 'eventual' && shard !== undefined && isReadable(shard)) {
    serve(state, shard, { from, key: request.key, afterSeq: 0 }, out);
    return;
  }
  if (shard === undefined || shard.role !== 'primary' || shard.epoch !== request.epoch) {
    out.push({ kind: 'answer', to: from, answer: { t: 'elsewhere', shard: request.shard, epoch: shard?.epoch ?? 0 } });
    return;
  }
  addRead(state, shard, { from, key: request.key, afterSeq: 0 }, nowMs, out);
}

/** R = 1: any copy that is whole will do, however old. */
function isReadable({ role, learned }: Shard): boolean {
  return role !== 'absent' && role !== 'learner' && (learned === null || learned.taken === learned.chunks);
}

export function onList(state: DatanodeState, from: Token, request: ListRequest, nowMs: number, out: Out): void {
  const list: ListOperation = { from, request, awaiting: new Set(), served: [], missing: [] };
  const ready: Shard[] = [];
  for (const [number, epoch] of request.shards) {
    const shard = state.shards.get(number);
    if (shard === undefined || shard.role !== 'primary' || shard.epoch !== epoch) {
      list.missing.push(number);
      continue;
    }
    list.awaiting.add(number);
    ready.push(shard);
  }
  if (ready.length === 0) out.push({ kind: 'answer', to: from, answer: page(state, list, out) });
  for (const shard of ready) addRead(state, shard, { list, afterSeq: 0 }, nowMs, out);
}

/** Queues a read for the next confirming round, which starts at once when none is on its way. */
export function addRead(state: DatanodeState, shard: Shard, read: Read, nowMs: number, out: Out): void {
  const { lead } = shard;
  if (lead === null) throw new Error(`shard ${shard.shard} is not led here`);
  if (state.settings.mode === 'eventual') {
    serve(state, shard, read, out);
    return;
  }
  lead.nextReads.push(read);
  if (lead.round === null) startRound(state, shard, lead, nowMs, out);
}

export function startRound(state: DatanodeState, shard: Shard, lead: Lead, nowMs: number, out: Out): void {
  state.lastRound += 1;
  const round = { id: state.lastRound, awaiting: new Set<string>(), reads: lead.nextReads };
  lead.round = round;
  lead.nextReads = [];
  for (const follower of lead.followers.values()) {
    // The joiner too: once added, it may be the one that knows of a newer view.
    if (!follower.isInAckSet) continue;
    round.awaiting.add(follower.node);
    const pipe = pipeTo(state, follower.node);
    pipe.queued.push({ shard: shard.shard, epoch: shard.epoch, roundId: round.id });
    if (pipe.outstanding === null) sendConfirm(state, follower.node, pipe, nowMs, out);
  }
  if (round.awaiting.size === 0) finishRound(state, shard, lead, nowMs, out);
}

/** A peer answered a CONFIRM. Returns the shards for which it knows a newer view. */
export function onConfirmed(
  state: DatanodeState,
  from: string,
  answer: { round: number; stale: [shard: number, epoch: number][] },
  nowMs: number,
  out: Out,
): [shard: number, epoch: number][] {
  const pipe = pipeTo(state, from);
  const { outstanding } = pipe;
  // An answer to an earlier sending of the same items is as good: the reads were there by then.
  if (outstanding === null || answer.round < outstanding.firstRound || answer.round > outstanding.round) return [];
  const { items } = outstanding;
  pipe.outstanding = null;
  const stale = new Map(answer.stale);
  for (const item of items) {
    const shard = state.shards.get(item.shard);
    const lead = shard?.lead;
    // A stale one stays unanswered: the newer view settles it.
    if (shard === undefined || !lead || lead.round?.id !== item.roundId || stale.has(item.shard)) continue;
    lead.round.awaiting.delete(from);
    if (lead.round.awaiting.size === 0) finishRound(state, shard, lead, nowMs, out);
  }
  if (pipe.outstanding === null && pipe.queued.length > 0) sendConfirm(state, from, pipe, nowMs, out);
  return answer.stale;
}

function finishRound(state: DatanodeState, shard: Shard, lead: Lead, nowMs: number, out: Out): void {
  const reads = lead.round?.reads ?? [];
  lead.round = null;
  for (const read of reads) {
    if (read.afterSeq > shard.committed) lead.afterCommit.push(read);
    else serve(state, shard, read, out);
  }
  if (lead.nextReads.length > 0) startRound(state, shard, lead, nowMs, out);
}

/** Serves confirmed reads whose dependency is committed by now. */
export function serveCommitted(state: DatanodeState, shard: Shard, lead: Lead, out: Out): void {
  if (lead.afterCommit.length === 0) return;
  const reads = lead.afterCommit;
  lead.afterCommit = [];
  for (const read of reads) {
    if (read.afterSeq > shard.committed) lead.afterCommit.push(read);
    else serve(state, shard, read, out);
  }
}

function serve(state: DatanodeState, shard: Shard, read: Read, out: Out): void {
  if ('list' in read) {
    const { list } = read;
    list.served.push(shard.shard);
    finishList(state, list, shard.shard, out);
    return;
  }
  if ('answer' in read) {
    out.push({ kind: 'answer', to: read.from, answer: read.answer });
    return;
  }
  out.push({ kind: 'answer', to: read.from, answer: valueOf(state, shard, read.key, out) });
}

/** The record as this copy has it; a value that fails its checksum is not shown to anybody. */
function valueOf(state: DatanodeState, shard: Shard, key: string, out: Out): ClientAnswer {
  const { mode, node } = state.settings;
  const pending = mode === 'eventual' ? shard.lead?.newestByKey.get(key) : undefined;
  const entry = pending ?? shard.records.get(key);
  if (entry === undefined || entry.isDelete) return { t: 'absent' };
  if (isSound(entry))
    return { t: 'value', entry, replicas: mode === 'eventual' ? [node] : (shard.view?.members ?? []) };
  reportDamage(state, shard, key, out);
  const isOnly = shard.view?.members.every((member) => member === node) ?? true;
  // With others in the view the headnode is about to replace this copy: the client asks again.
  return isOnly
    ? { t: 'refused', code: 'record-corrupt', details: { key: JSON.stringify(key), node } }
    : { t: 'elsewhere', shard: shard.shard, epoch: shard.epoch };
}

/** Gives waiting reads back unanswered: the client asks whoever is primary by then. */
export function releaseReads(state: DatanodeState, shard: Shard, lead: Lead, out: Out): void {
  const reads = [...(lead.round?.reads ?? []), ...lead.nextReads, ...lead.afterCommit];
  lead.round = null;
  lead.nextReads = [];
  lead.afterCommit = [];
  for (const read of reads) {
    if ('list' in read) {
      read.list.missing.push(shard.shard);
      finishList(state, read.list, shard.shard, out);
    } else {
      out.push({ kind: 'answer', to: read.from, answer: { t: 'elsewhere', shard: shard.shard, epoch: shard.epoch } });
    }
  }
}

function finishList(state: DatanodeState, list: ListOperation, shard: number, out: Out): void {
  list.awaiting.delete(shard);
  if (list.awaiting.size === 0) out.push({ kind: 'answer', to: list.from, answer: page(state, list, out) });
}

function page(state: DatanodeState, { request, served, missing }: ListOperation, out: Out): ClientAnswer {
  const candidates: WriteEntry[] = [];
  for (const number of served) {
    const shard = state.shards.get(number);
    if (shard === undefined) continue;
    const found: WriteEntry[] = [];
    collect(shard, request, found);
    const damaged = request.withValues ? found.filter((entry) => !isSound(entry)) : [];
    for (const { key } of damaged) reportDamage(state, shard, key, out);
    if (damaged.length > 0) missing.push(number);
    else candidates.push(...found);
  }
  candidates.sort((a, b) => compareKeys(a.key, b.key));
  const entries: WriteEntry[] = [];
  let bytes = 0;
  for (const entry of candidates) {
    if (entries.length === request.limit) break;
    if (request.withValues) bytes += entry.bytes.length;
    if (bytes > PAGE_BYTES_MAX && entries.length > 0) break;
    entries.push(entry);
  }
  const sizes = entries.map((entry) => entry.valueBytes);
  return { t: 'page', entries, sizes, more: entries.length < candidates.length, missing };
}

/** Adds the shard's first limit + 1 live records behind `after` that start with the prefix and contain what is wanted. */
function collect(shard: Shard, { prefix, contains = '', after, limit }: ListRequest, into: WriteEntry[]): void {
  shard.sortedKeys ??= [...shard.records.values()]
    .filter((entry) => !entry.isDelete)
    .map((entry) => entry.key)
    .sort(compareKeys);
  const keys = shard.sortedKeys;
  const isBehindAfter = after !== '' && compareKeys(after, prefix) >= 0;
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const key = keys[middle] ?? '';
    const isBefore = isBehindAfter ? compareKeys(key, after) <= 0 : compareKeys(key, prefix) < 0;
    if (isBefore) low = middle + 1;
    else high = middle;
  }
  for (let at = low; at < keys.length && into.length <= limit; at++) {
    const key = keys[at] ?? '';
    if (!key.startsWith(prefix)) return;
    const entry = key.includes(contains) ? shard.records.get(key) : undefined;
    if (entry !== undefined) into.push(entry);
  }
}

export function pipeTo(state: DatanodeState, node: string): ConfirmPipe {
  let pipe = state.confirms.get(node);
  if (pipe === undefined) state.confirms.set(node, (pipe = { outstanding: null, queued: [] }));
  return pipe;
}

function sendConfirm(state: DatanodeState, node: string, pipe: ConfirmPipe, nowMs: number, out: Out): void {
  const items = pipe.queued.filter((item) => isWaitedFor(state, item));
  pipe.queued = [];
  if (items.length === 0) return;
  state.lastRound += 1;
  pipe.outstanding = { firstRound: state.lastRound, round: state.lastRound, items, sentMs: nowMs, sinceMs: nowMs };
  out.push({ kind: 'send', to: node, message: confirmMessage(state.lastRound, items) });
}

/** Sends a CONFIRM once more that may have been lost; drops what no read waits for any more. */
export function resendConfirm(state: DatanodeState, node: string, pipe: ConfirmPipe, nowMs: number, out: Out): void {
  const { outstanding } = pipe;
  if (outstanding === null) return;
  outstanding.items = outstanding.items.filter((item) => isWaitedFor(state, item));
  if (outstanding.items.length === 0) {
    pipe.outstanding = null;
    sendConfirm(state, node, pipe, nowMs, out);
    return;
  }
  state.lastRound += 1;
  outstanding.round = state.lastRound;
  outstanding.sentMs = nowMs;
  out.push({ kind: 'send', to: node, message: confirmMessage(state.lastRound, outstanding.items) });
}

function isWaitedFor(state: DatanodeState, item: ConfirmItem): boolean {
  return state.shards.get(item.shard)?.lead?.round?.id === item.roundId;
}

function confirmMessage(round: number, items: readonly ConfirmItem[]) {
  const shards = items.map(({ shard, epoch }): [number, number] => [shard, epoch]);
  return { t: 'confirm', round, shards } as const;
}
