/** Applies log entries to the queue, live and at replay alike, and turns snapshots into queues and back. */
import { endEvent } from './batch-row.ts';
import type { BatchEnd, BatchRow, Tally } from './batch-row.ts';
import { remember } from './idempotency.ts';
import type { LogEntry, Snapshot } from './log-entry.ts';
import type { TaskQueue } from './queue-state.ts';
import { note } from './task-history.ts';
import { createRow, keptLaneOf, tenantOf } from './task-row.ts';
import type { TaskRow } from './task-row.ts';

/** Ends of batches that are kept for readers who were away. */
const EVENTS_MAX = 1_000;

/** Takes a snapshot's content; entries after it are then applied. */
export function restoreSnapshot(queue: TaskQueue, snapshot: Snapshot): void {
  const { epoch, rows, batches = [], events = [], lastEvent = 0, keys = [], weights = [] } = snapshot;
  queue.epoch = epoch;
  for (const row of snapshot.webhooks ?? []) queue.webhooks.set(row.node, row);
  queue.orders = snapshot.orders ?? queue.orders;
  queue.lastFruit = snapshot.lastFruit ?? 0;
  for (const row of rows) queue.rows.set(row.id, row);
  for (const batch of batches) queue.batches.set(batch.id, batch);
  queue.events = events;
  queue.lastEvent = lastEvent;
  for (const [name, row] of keys) queue.keys.set(name, row);
  for (const [tenant, weight] of weights) queue.tenants.weights.set(tenant, weight);
  queue.detector = snapshot.detector ?? null;
  queue.balancer = snapshot.balancer ?? null;
  queue.lineMode = snapshot.lines ?? null;
  queue.autoscaler = snapshot.autoscaler ?? null;
}

/** Only what is kept: rows of the synchronous lane, and their keys, live and die with the process. */
export function takeSnapshot(queue: TaskQueue): Snapshot {
  const { epoch, rows, batches, events, lastEvent, keys, tenants, detector, balancer, autoscaler } = queue;
  const isKept = (what: string, id: string): boolean => what === 'batch' || rows.get(id)?.kept !== false;
  return {
    version: 1,
    epoch,
    rows: [...rows.values()].filter(({ kept }) => kept),
    batches: [...batches.values()],
    events,
    lastEvent,
    keys: [...keys].filter(([, { what, id }]) => isKept(what, id)),
    weights: [...tenants.weights],
    detector,
    balancer,
    lines: queue.lineMode,
    webhooks: [...queue.webhooks.values()],
    autoscaler,
    orders: queue.orders,
    lastFruit: queue.lastFruit,
  };
}

/** Changes the queue as an entry says; unknown tasks are passed over (forgotten before the snapshot). */
export function applyEntry(queue: TaskQueue, entry: LogEntry): void {
  switch (entry.e) {
    case 'boot':
      queue.epoch = Math.max(queue.epoch, entry.epoch);
      return;
    case 'new':
      putRow(queue, createRow(entry.spec, 'durable', entry.atMs));
      return;
    case 'kept':
      putRow(queue, entry.row);
      return;
    case 'batch':
      queue.batches.set(entry.batch.id, { ...entry.batch });
      for (const spec of entry.specs) putRow(queue, createRow(spec, keptLaneOf(spec), entry.atMs));
      if (entry.idempotency !== null) {
        remember(queue.keys, entry.batch.tenant, entry.idempotency, 'batch', entry.batch.id, entry.atMs);
      }
      return;
    case 'sealed': {
      const batch = queue.batches.get(entry.id);
      if (batch === undefined) return;
      batch.sealed = true;
      batch.updatedAtMs = entry.atMs;
      if (entry.end !== null) endBatch(queue, batch, entry.end, entry.atMs);
      return;
    }
    case 'detector':
      queue.detector = entry.phi;
      return;
    case 'balancer':
      queue.balancer = entry.balancer;
      return;
    case 'lines':
      queue.lineMode = entry.lines;
      return;
    case 'autoscaler':
      queue.autoscaler = entry.settings;
      return;
    case 'weight':
      queue.tenants.weights.set(entry.tenant, entry.weight);
      return;
    case 'announced':
    case 'handed-over':
    case 'orders':
      return applyToOrders(queue, entry);
    case 'webhook':
      queue.webhooks.set(entry.row.node, entry.row);
      return;
    case 'webhook-gone':
      queue.webhooks.delete(entry.node);
      return;
    default:
      applyToRow(queue.rows.get(entry.id), entry);
      if (entry.e === 'finished' || entry.e === 'redriven') applyTally(queue, entry);
  }
}

function applyToOrders(
  queue: TaskQueue,
  entry: Extract<LogEntry, { e: 'announced' | 'handed-over' | 'orders' }>,
): void {
  if (entry.e === 'orders') {
    queue.orders = entry.orders;
    return;
  }
  for (const id of entry.e === 'announced' ? [entry.id] : entry.ids) {
    const batch = queue.batches.get(id);
    if (batch === undefined) continue;
    batch.order = entry.e;
    if (entry.e === 'handed-over') batch.endedAtMs = entry.atMs;
  }
  if (entry.e === 'handed-over') for (const task of entry.tasks) queue.rows.delete(task);
}

type RowEntry = Extract<LogEntry, { e: 'leased' | 'released' | 'finished' | 'redriven' }>;

function applyToRow(row: TaskRow | undefined, entry: RowEntry): void {
  if (row === undefined) return;
  const { atMs } = entry;
  if (entry.e === 'redriven') note(row, { what: 'failed', atMs: row.updatedAtMs, reason: row.error });
  row.updatedAtMs = atMs;
  row.lease = null;
  switch (entry.e) {
    case 'leased': {
      const { worker, incarnation, token } = entry;
      row.state = 'LEASED';
      row.attempts = entry.attempts;
      row.worker = worker;
      row.lease = { token, worker, incarnation, sinceMs: atMs, untilMs: atMs };
      note(row, { what: 'leased', atMs, worker, token });
      return;
    }
    case 'released':
      row.state = 'READY';
      row.notBeforeMs = entry.notBeforeMs;
      row.error = entry.reason;
      note(row, { what: 'retried', atMs, reason: entry.reason, notBeforeMs: entry.notBeforeMs });
      return;
    case 'finished':
      row.state = entry.state;
      row.result = entry.result;
      row.error = entry.error;
      row.tookMs = Math.round(Math.max(0, atMs - (row.redrivenAtMs ?? row.createdAtMs)) * 1_000) / 1_000;
      return;
    case 'redriven':
      row.state = 'READY';
      row.lane = keptLaneOf(row);
      row.attempts = 0;
      row.notBeforeMs = atMs;
      row.tookMs = null;
      row.redrivenAtMs = atMs;
      note(row, { what: 'redriven', atMs });
  }
}

/** The counts are said, not added up, so the batch is right also when the row is forgotten. */
function applyTally(queue: TaskQueue, entry: { batch?: string; tally?: Tally; atMs: number; e: string }): void {
  const { tally } = entry;
  const batch = queue.batches.get(entry.batch ?? '');
  if (batch === undefined || tally === undefined) return;
  batch.done = tally.done;
  batch.dead = tally.dead;
  batch.updatedAtMs = entry.atMs;
  if (entry.e === 'redriven') batch.endedAtMs = null;
  if (tally.end !== undefined) endBatch(queue, batch, tally.end, entry.atMs);
}

function endBatch(queue: TaskQueue, batch: BatchRow, { number, round }: BatchEnd, atMs: number): void {
  batch.endedAtMs = atMs;
  batch.round = round;
  // Behind a snapshot that is ahead of its index the event is there already.
  if (number <= queue.lastEvent) return;
  queue.lastEvent = number;
  queue.events.push(endEvent(batch, number, atMs));
  if (queue.events.length > EVENTS_MAX) queue.events.shift();
}

function putRow(queue: TaskQueue, row: TaskRow): void {
  queue.rows.set(row.id, row);
  if (row.pulled === true) queue.lastFruit = Math.max(queue.lastFruit, Number(row.id.replace(/^\D+/, '')));
  if (row.idempotency !== undefined) {
    remember(queue.keys, tenantOf(row), row.idempotency, 'task', row.id, row.createdAtMs);
  }
}
