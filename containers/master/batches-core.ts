/** Decisions about batches: all of a batch is accepted or nothing, and each comes to its end once. */
import { endsWith } from './batch-row.ts';
import type { BatchRow, BatchSpec } from './batch-row.ts';
import { CLIENT, countEdge } from './counters.ts';
import type { Answer, MasterEvent } from './core-types.ts';
import { nameOf } from './idempotency.ts';
import type { LogEntry } from './log-entry.ts';
import type { Outbox } from './outbox.ts';
import { applyEntry } from './queue-replay.ts';
import { lineUp } from './task-queue.ts';
import type { Idempotency, TaskSpec } from './task-row.ts';
import { answer, endsIn, refuse } from './replies.ts';
import { whatIsFull } from './tasks-core.ts';

type EventOf<Kind extends MasterEvent['kind']> = Extract<MasterEvent, { kind: Kind }>;

export function onSubmitBatch(
  out: Outbox,
  { request, batch: spec, tasks, idempotency }: EventOf<'submit-batch'>,
): void {
  const { queue } = out.state;
  if (answerRepeated(out, request, spec.tenant, idempotency)) return;
  const known = queue.batches.get(spec.id);
  if (known !== undefined) {
    if (known.hash === spec.hash) answerBatch(out, request, known.id);
    else refuse(out, request, 'conflict', { reason: `batch ${spec.id} exists with another body` });
    return;
  }
  acceptBatch(out, request, createBatch(spec, out.nowMs), tasks, idempotency);
}

/** Takes a new batch with its first tasks, or refuses it when there is no room. */
export function acceptBatch(
  out: Outbox,
  request: number,
  batch: BatchRow,
  tasks: readonly TaskSpec[],
  idempotency: Idempotency | null = null,
): void {
  if (isFullOfBatches(out)) {
    refuse(out, request, 'too-many', {
      what: 'The list of batches',
      limit: out.state.settings.batchesMax,
      retryAfterS: 5,
    });
    return;
  }
  accept(out, request, batch, tasks, idempotency);
}

export function onAddToBatch(out: Outbox, { request, id, tasks, idempotency }: EventOf<'add-to-batch'>): void {
  const batch = out.state.queue.batches.get(id);
  if (batch === undefined) {
    refuse(out, request, 'not-found', { what: `Batch ${id}` });
    return;
  }
  if (answerRepeated(out, request, batch.tenant, idempotency)) return;
  if (batch.sealed) refuse(out, request, 'conflict', { reason: `batch ${id} is sealed` });
  else accept(out, request, { ...batch, updatedAtMs: out.nowMs }, tasks, idempotency);
}

export function onSealBatch(out: Outbox, { request, id }: EventOf<'seal-batch'>): void {
  const { queue } = out.state;
  const batch = queue.batches.get(id);
  if (batch === undefined) {
    refuse(out, request, 'not-found', { what: `Batch ${id}` });
    return;
  }
  const entries: LogEntry[] = [];
  if (!batch.sealed) {
    const isEnd = endsWith({ ...batch, sealed: true }, batch.done, batch.dead);
    const end = isEnd ? { number: queue.lastEvent + 1, round: batch.round + 1 } : null;
    const entry: LogEntry = { e: 'sealed', id, end, atMs: out.nowMs };
    applyEntry(queue, entry);
    entries.push(entry);
  }
  answerBatch(out, request, id, entries);
}

function accept(
  out: Outbox,
  request: number,
  batch: BatchRow,
  tasks: readonly TaskSpec[],
  idempotency: Idempotency | null,
): void {
  const { state, nowMs } = out;
  const { queue } = state;
  const specs = tasks.map((task, at) => inBatch(task, batch, at));
  const ids = new Set(specs.map(({ id }) => id));
  const taken = specs.find(({ id }) => queue.rows.has(id))?.id;
  if (taken !== undefined || ids.size < specs.length) {
    const reason = taken === undefined ? 'two tasks of the batch have the same id' : `task ${taken} exists already`;
    refuse(out, request, 'conflict', { reason });
    return;
  }
  const full = whatIsFull(out, batch.tenant, specs.length);
  if (full !== null) {
    refuse(out, request, 'too-many', { ...full, retryAfterS: 1 });
    return;
  }
  batch.total += specs.length;
  const entry: LogEntry = { e: 'batch', batch: { ...batch }, specs, idempotency, atMs: nowMs };
  applyEntry(queue, entry);
  for (const { id } of specs) {
    lineUp(queue, id, nowMs);
    state.counters.accepted++;
    countEdge(state.counters, CLIENT, 'sent');
  }
  out.persist([entry], [answer(request, { kind: 'batch', batch: { ...batch }, ids: [...ids] })]);
}

/** A task without an id of its own is named after its place in the batch. */
function inBatch(task: TaskSpec, { id, tenant, total }: BatchRow, at: number): TaskSpec {
  const spec: TaskSpec = { ...task, batch: id };
  if (!task.keyed) spec.id = `${id}.${total + at + 1}`;
  if (tenant !== undefined) spec.tenant = tenant;
  return spec;
}

export function createBatch({ id, name, tenant, hash, sealed }: BatchSpec, nowMs: number): BatchRow {
  const counts = { total: 0, done: 0, dead: 0, round: 0 };
  return { id, name, tenant, hash, sealed, ...counts, createdAtMs: nowMs, updatedAtMs: nowMs, endedAtMs: null };
}

/** True when the key is known and the request is answered. */
function answerRepeated(out: Outbox, request: number, tenant: string, idempotency: Idempotency | null): boolean {
  if (idempotency === null) return false;
  const known = out.state.queue.keys.get(nameOf(tenant, idempotency.key));
  if (known === undefined) return false;
  if (known.what === 'batch' && known.hash === idempotency.hash) answerBatch(out, request, known.id);
  else refuse(out, request, 'conflict', { reason: 'the idempotency key was used for another request' });
  return true;
}

/** The batch as it stands, when that is durable. */
function answerBatch(out: Outbox, request: number, id: string, entries: readonly LogEntry[] = []): void {
  const { queue } = out.state;
  const batch = queue.batches.get(id);
  if (batch === undefined) {
    refuse(out, request, 'not-found', { what: `Batch ${id}` });
    return;
  }
  const ids = [...queue.rows.values()].filter((row) => row.batch === id).map((row) => row.id);
  const given: Answer = { kind: 'batch', batch: { ...batch }, ids };
  out.persist(entries, [answer(request, given), ...endsIn(entries)]);
}

function isFullOfBatches({ state }: Outbox): boolean {
  const { batches } = state.queue;
  const { batchesMax } = state.settings;
  if (batches.size < batchesMax) return false;
  return [...batches.values()].filter(({ endedAtMs }) => endedAtMs === null).length >= batchesMax;
}
