/**
 * A task as the master keeps it.
 *
 *   READY ──lease──► LEASED ──result──► DONE
 *     ▲                │ └──failed for good, or out of attempts──► DEAD
 *     └──lease lost, or failed and worth a retry (with backoff)──┘
 *
 * DONE and DEAD are final; only a redrive, which somebody has to ask for, makes a DEAD one READY again.
 */
import type { Token } from '../protocol/compute-messages.ts';
import { DEFAULT_TENANT } from '../protocol/tasks.ts';
import type { OperationTaskView, TaskKind, TaskStatus, TaskView } from '../protocol/tasks.ts';

export type TaskState = 'READY' | 'LEASED' | 'DONE' | 'DEAD';
/** `sync`: somebody waits for the answer. `durable`: acknowledged when it is on disk. `pulled`: that, for workers that ask. */
export type Lane = 'sync' | 'durable' | 'pulled';
/** In which form it was submitted; decides how it is shown. */
export type TaskForm = 'expression' | 'operation' | 'kind';

/** Something that happened to a task, but for its coming and its end, which the row itself tells. */
export type Happening =
  | { what: 'leased'; atMs: number; worker: string; token: Token }
  | { what: 'retried'; atMs: number; reason: string; notBeforeMs: number }
  | { what: 'failed'; atMs: number; reason: string | null }
  | { what: 'redriven'; atMs: number };

/** The client's own word for a request; under the same one the same body gives the same task. */
export type Idempotency = { key: string; hash: string };

export type Lease = { token: Token; worker: string; incarnation: number; sinceMs: number; untilMs: number };

/** What a submission fixes about a task. */
export type TaskSpec = {
  id: string;
  kind: TaskKind;
  form: TaskForm;
  payload: unknown;
  /** The client chose the id, so the same id may come again. */
  keyed: boolean;
  /** Absent: the default one. */
  tenant?: string;
  /** Absent: 0. */
  priority?: number;
  batch?: string;
  idempotency?: Idempotency;
  /** Waits for workers that ask for it (an order's); pushed to others only when that is switched on. */
  pulled?: true;
  /** W3C trace context of the request that brought it. */
  traceparent?: string;
};

export type TaskRow = TaskSpec & {
  lane: Lane;
  /** It is in the log (or on its way), and so must be all that happens to it. */
  kept: boolean;
  state: TaskState;
  attempts: number;
  createdAtMs: number;
  updatedAtMs: number;
  /** Not to be leased before this (backoff). */
  notBeforeMs: number;
  lease: Lease | null;
  /** The worker of the last lease. */
  worker: string | null;
  result: string | number | null;
  error: string | null;
  /** From acceptance to the final outcome; null before it. */
  tookMs: number | null;
  /** Oldest first; absent before the first lease. */
  history?: Happening[];
  /** Nobody wants it after this, as long as it is a request; absent: no such time. */
  deadlineAtMs?: number;
  /** When it was last given a new life after its end; absent when never. */
  redrivenAtMs?: number;
};

/** Field by field: made of a copy of the spec, every row would be made several times over, as it grows. */
export function createRow(spec: TaskSpec, lane: Lane, nowMs: number): TaskRow {
  const { id, kind, form, payload, keyed, tenant, priority, batch, idempotency, pulled, traceparent } = spec;
  const row: TaskRow = {
    id,
    kind,
    form,
    payload,
    keyed,
    lane,
    kept: lane !== 'sync',
    state: 'READY',
    attempts: 0,
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
    notBeforeMs: nowMs,
    lease: null,
    worker: null,
    result: null,
    error: null,
    tookMs: null,
  };
  if (tenant !== undefined) row.tenant = tenant;
  if (priority !== undefined) row.priority = priority;
  if (batch !== undefined) row.batch = batch;
  if (idempotency !== undefined) row.idempotency = idempotency;
  if (pulled !== undefined) row.pulled = pulled;
  if (traceparent !== undefined) row.traceparent = traceparent;
  return row;
}

/** The lane of a task that is in the log from its beginning. */
export function keptLaneOf({ pulled }: TaskSpec): 'durable' | 'pulled' {
  return pulled === true ? 'pulled' : 'durable';
}

export function tenantOf({ tenant }: Pick<TaskSpec, 'tenant'>): string {
  return tenant ?? DEFAULT_TENANT;
}

/** Its client waits, and nobody was promised anything yet. */
export function isRequest({ lane, kept }: Pick<TaskRow, 'lane' | 'kept'>): boolean {
  return lane === 'sync' && !kept;
}

export function isFinal(row: TaskRow): boolean {
  return row.state === 'DONE' || row.state === 'DEAD';
}

const STATUS: Record<TaskState, TaskStatus> = { READY: 'pending', LEASED: 'assigned', DONE: 'done', DEAD: 'failed' };

export function statusOf(row: TaskRow): TaskStatus {
  return STATUS[row.state];
}

/** The last texts, by millisecond: many tasks change in the same one, and most are shown when they have. */
const isoTexts = Array.from({ length: 64 }, () => ({ atMs: Number.NaN, text: '' }));

function isoTime(atMs: number): string {
  const wholeMs = Math.trunc(atMs);
  const known = isoTexts[wholeMs & (isoTexts.length - 1)];
  if (known === undefined) return new Date(wholeMs).toISOString();
  if (known.atMs !== wholeMs) {
    known.text = new Date(wholeMs).toISOString();
    known.atMs = wholeMs;
  }
  return known.text;
}

/** As in lists. */
export function viewOf(row: TaskRow): TaskView {
  return {
    id: row.id,
    payload: row.payload,
    status: STATUS[row.state],
    assigned_to: row.state === 'READY' ? null : row.worker,
    created_at: isoTime(row.createdAtMs),
    updated_at: isoTime(row.updatedAtMs),
    result: row.result,
    kind: row.kind,
    error: row.error,
    attempts: row.attempts,
    took_ms: row.tookMs,
    tenant: tenantOf(row),
    priority: row.priority ?? 0,
    batch: row.batch ?? null,
  };
}

/** As by its id: the operation form has a shape of its own. */
export function ownViewOf(row: TaskRow): TaskView | OperationTaskView {
  if (row.form !== 'operation') return viewOf(row);
  const { id, status, assigned_to, result, error, attempts, took_ms } = viewOf(row);
  return {
    task_id: id,
    result,
    status: status === 'done' ? 'completed' : status,
    assigned_to,
    error,
    attempts,
    took_ms,
  };
}

/** Whether a submission under a known id is the same task. */
export function isSameTask(row: TaskRow, spec: TaskSpec): boolean {
  return row.kind === spec.kind && canonical(row.payload) === canonical(spec.payload);
}

/** JSON with sorted keys. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
