/** The primary's writes: decide, prepare everywhere at once, commit when all of the ack set hold it. */
import { crc32c } from '../algorithms/crc32c.ts';
import type { ErrorCode, ErrorDetails } from '../protocol/errors.ts';
import { encodeWrite } from '../protocol/record-codec.ts';
import type { WriteEntry } from '../protocol/record-codec.ts';
import type { ClientAnswer, Precondition, ReplicationHop, WriteRequest } from '../protocol/store-messages.ts';
import type { Span } from '../protocol/traces.ts';
import type { Follower, Lead, Pending, Token } from './lead-state.ts';
import { prepareContext, replicationSpans } from './request-trace.ts';
import { addRead, serveCommitted, startRound } from './reads-core.ts';
import { appendEntry, commitTo, findOperation, fingerprintOf, operationId, trimLog } from './shard-state.ts';
import type { Shard } from './shard-state.ts';
import type { DatanodeState, Out } from './types.ts';

const NO_VALUE = new Uint8Array(0);

/** Takes a client's write at an active primary; everything else is sent elsewhere or refused. */
export function onWrite(state: DatanodeState, from: Token, request: WriteRequest, nowMs: number, out: Out): void {
  const shard = state.shards.get(request.shard);
  if (shard === undefined || shard.lead === null || shard.role !== 'primary' || shard.epoch !== request.epoch) {
    out.push({ kind: 'answer', to: from, answer: elsewhere(request.shard, shard?.epoch ?? 0) });
    return;
  }
  const { lead } = shard;
  const id = operationId(request.opId, request.key);
  const value = request.t === 'put' ? request.value : NO_VALUE;
  const draft = {
    isDelete: request.t === 'delete',
    checksum: crc32c(value),
    contentType: request.t === 'put' ? request.contentType : '',
  };
  const fingerprint = (): string => fingerprintOf(draft, value.length);
  if (request.opId !== '' && repeated(state, shard, lead, { from, id, fingerprint }, out)) return;

  const newest = lead.newestByKey.get(request.key) ?? shard.records.get(request.key);
  const live = newest !== undefined && !newest.isDelete ? newest : null;
  const failure = failedCondition(request, live);
  if (failure !== null) {
    // What the client is told must be true: confirmed, and nothing uncommitted shows through.
    addRead(
      state,
      shard,
      { from, answer: failure, afterSeq: lead.newestByKey.has(request.key) ? (newest?.seq ?? 0) : 0 },
      nowMs,
      out,
    );
    return;
  }
  const refusal = cannotWrite(state, shard, lead, value.length);
  if (refusal !== null) {
    out.push({ kind: 'answer', to: from, answer: refusal });
    return;
  }
  const entry = encodeWrite({
    ...draft,
    shard: shard.shard,
    epoch: shard.epoch,
    seq: shard.last + 1,
    committed: shard.committed,
    key: request.key,
    version: (newest?.version ?? shard.versionFloor) + 1,
    isCreation: live === null && !draft.isDelete,
    opId: request.opId,
    atMs: Math.floor(nowMs),
    value,
  });
  const traced = request.trace === undefined ? null : { context: request.trace, spans: [] };
  prepare(state, shard, lead, { entry, waiting: [from], preparedMs: nowMs, hops: [], traced }, nowMs, out);
}

function prepare(state: DatanodeState, shard: Shard, lead: Lead, pending: Pending, nowMs: number, out: Out): void {
  const { entry, traced } = pending;
  appendEntry(shard, entry);
  trackPending(lead, pending);
  for (const follower of lead.followers.values()) {
    // One that lags is fed by its acknowledgements.
    if (follower.state === 'streaming' && follower.sent === entry.seq - 1)
      sendEntry(state, shard, follower, entry, nowMs, out, traced?.context);
  }
  const { epoch, seq } = entry;
  const durable = { kind: 'durable', shard: shard.shard, epoch, seq } as const;
  out.push({ kind: 'persist', entries: [entry], then: [{ kind: 'self', event: durable }] });
}

/** Makes an uncommitted entry findable by place, key and operation. */
export function trackPending(lead: Lead, pending: Pending): void {
  const { entry } = pending;
  lead.pending.set(entry.seq, pending);
  lead.pendingBytes += entry.bytes.length;
  lead.newestByKey.set(entry.key, entry);
  if (entry.opId !== '') lead.pendingById.set(operationId(entry.opId, entry.key), pending);
}

/** `context`: of the request whose way is kept; sent again, an entry goes without. */
export function sendEntry(
  state: DatanodeState,
  shard: Shard,
  follower: Follower,
  entry: WriteEntry,
  nowMs: number,
  out: Out,
  context?: string,
): void {
  if (entry.seq > follower.sent) {
    follower.sent = entry.seq;
    edgeTo(state, follower.node).sent += 1;
  }
  follower.owesSinceMs ??= nowMs;
  follower.sentMs = nowMs;
  const { epoch, committed } = shard;
  const trace = context === undefined ? undefined : prepareContext(context, follower.node);
  const message = { t: 'prepare', epoch, committed, entry, ...(trace && { trace }) } as const;
  out.push({ kind: 'send', to: follower.node, message });
}

/** W = 1: what is durable here is answered, whoever else has it. */
export function acknowledgeEarly(state: DatanodeState, shard: Shard, out: Out): void {
  if (state.settings.mode !== 'eventual' || shard.lead === null) return;
  for (const { entry, waiting } of shard.lead.pending.values()) {
    if (entry.seq > shard.durable) return;
    for (const to of waiting) out.push({ kind: 'answer', to, answer: doneHere(state, entry) });
    waiting.length = 0;
  }
}

function doneHere({ settings }: DatanodeState, { version, isCreation }: WriteEntry): ClientAnswer {
  return { t: 'done', version, isCreation, replicas: [settings.node] };
}

/** A follower holds everything up to `seq` durably. */
export function takeAck(state: DatanodeState, lead: Lead, follower: Follower, seq: number, nowMs: number): void {
  if (seq <= follower.acked) return;
  const edge = edgeTo(state, follower.node);
  for (let each = follower.acked + 1; each <= Math.min(seq, follower.sent); each++) {
    edge.ok += 1;
    const pending = lead.pending.get(each);
    pending?.hops.push({ to: follower.node, startMs: pending.preparedMs, endMs: nowMs });
  }
  follower.acked = seq;
  follower.sent = Math.max(follower.sent, seq);
  follower.owesSinceMs = follower.sent > follower.acked ? nowMs : null;
}

/** Commits what the whole ack set holds; during promotion nothing before it holds the whole log. */
export function advance(state: DatanodeState, shard: Shard, nowMs: number, out: Out): void {
  const { lead } = shard;
  if (lead === null) return;
  let target = shard.durable;
  for (const follower of lead.followers.values()) {
    if (follower.isInAckSet) target = Math.min(target, follower.state === 'streaming' ? follower.acked : 0);
  }
  if (shard.role === 'promoting') {
    if (!lead.isAdopted || target < lead.promotionLast) return;
    for (const follower of lead.followers.values()) if (follower.isInAckSet && follower.state !== 'streaming') return;
    shard.role = 'primary';
  }
  commitTo(shard, target, state.settings.windows, (entry) => committed(state, shard, lead, entry, out));
  trimLog(shard, retainAfter(lead, shard.committed));
  serveCommitted(state, shard, lead, out);
  if (lead.round === null && lead.nextReads.length > 0) startRound(state, shard, lead, nowMs, out);
}

function committed(state: DatanodeState, shard: Shard, lead: Lead, entry: WriteEntry, out: Out): void {
  const pending = lead.pending.get(entry.seq);
  if (pending === undefined) return;
  lead.pending.delete(entry.seq);
  lead.pendingBytes -= entry.bytes.length;
  if (lead.newestByKey.get(entry.key) === entry) lead.newestByKey.delete(entry.key);
  if (entry.opId !== '') lead.pendingById.delete(operationId(entry.opId, entry.key));
  const answer = applied(state, shard, { version: entry.version, isCreation: entry.isCreation, hops: pending.hops });
  if (pending.traced !== null) answer.spans = spansOf(state.settings.node, pending.traced, pending.hops);
  for (const to of pending.waiting) out.push({ kind: 'answer', to, answer });
}

const spansOf = (node: string, traced: { context: string; spans: Span[] }, hops: readonly ReplicationHop[]): Span[] => [
  ...replicationSpans(traced.context, node, hops),
  ...traced.spans,
];

/**
 * What the client of a committed write is told. Prepared in a view that has since lost members, it may
 * lie on fewer than minInSync disks: it is there, but that is not what an acknowledgement promises.
 */
function applied(
  state: DatanodeState,
  shard: Shard,
  { version, isCreation, hops }: { version: number; isCreation: boolean; hops?: ReplicationHop[] },
): ClientAnswer {
  const replicas = shard.view?.members ?? [];
  if (state.settings.mode !== 'eventual' && replicas.length < state.settings.minInSync)
    return { t: 'unsure', shard: shard.shard, epoch: shard.epoch };
  return { t: 'done', version, isCreation, replicas, ...(hops && { hops }) };
}

/** A learner that streams still needs what it has not acknowledged. */
function retainAfter(lead: Lead, committedSeq: number): number {
  let after = committedSeq;
  for (const { copying, acked } of lead.followers.values()) after = Math.min(after, copying?.base ?? acked);
  return after;
}

/** Answers a known operation as it was answered before; true when there was one. */
function repeated(
  state: DatanodeState,
  shard: Shard,
  lead: Lead,
  { from, id, fingerprint }: { from: Token; id: string; fingerprint(): string },
  out: Out,
): boolean {
  const pending = lead.pendingById.get(id);
  const stored = findOperation(shard, id);
  const known = pending === undefined ? stored?.fingerprint : fingerprintOf(pending.entry, pending.entry.valueBytes);
  if (known === undefined) return false;
  if (known !== '' && known !== fingerprint()) {
    const reason = 'This Idempotency-Key was used for another request';
    out.push({ kind: 'answer', to: from, answer: { t: 'refused', code: 'conflict', details: { reason } } });
  } else if (pending !== undefined && state.settings.mode === 'eventual' && pending.entry.seq <= shard.durable) {
    out.push({ kind: 'answer', to: from, answer: doneHere(state, pending.entry) });
  } else if (pending !== undefined) {
    pending.waiting.push(from);
  } else if (stored !== undefined) {
    const { version, isCreation } = stored;
    out.push({ kind: 'answer', to: from, answer: applied(state, shard, { version, isCreation }) });
  }
  return true;
}

function cannotWrite(state: DatanodeState, shard: Shard, lead: Lead, valueBytes: number): ClientAnswer | null {
  const { node, minInSync, pendingBytesMax, mode } = state.settings;
  const have = shard.view?.members.length ?? 0;
  if (have < minInSync && mode !== 'eventual') return refused('too-few-replicas', { have, need: minInSync });
  if (state.disk !== 'ok') return refused('disk-full', { node });
  if (lead.pendingBytes + valueBytes > pendingBytesMax) {
    return refused('too-many', { what: 'The write queue of this shard', limit: pendingBytesMax, retryAfterS: 1 });
  }
  return null;
}

function failedCondition(request: WriteRequest, live: WriteEntry | null): ClientAnswer | null {
  if (request.precondition !== undefined && !holds(request.precondition, live)) {
    return refused('precondition-failed', { version: live?.version ?? 0 });
  }
  return request.t === 'delete' && live === null ? { t: 'absent' } : null;
}

function holds({ match }: Precondition, live: WriteEntry | null): boolean {
  if (match === 'none') return live === null;
  if (live === null) return false;
  return match === 'any' || match.includes(live.version);
}

export function refused(code: ErrorCode, details: ErrorDetails): ClientAnswer {
  return { t: 'refused', code, details };
}

export function elsewhere(shard: number, epoch: number): ClientAnswer {
  return { t: 'elsewhere', shard, epoch };
}

export function edgeTo(state: DatanodeState, node: string): { sent: number; ok: number; failed: number } {
  let edge = state.edges.get(node);
  if (edge === undefined) state.edges.set(node, (edge = { sent: 0, ok: 0, failed: 0 }));
  return edge;
}
