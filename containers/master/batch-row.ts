/**
 * A batch as the master keeps it: counts, and how it ended.
 *
 *   OPEN ──seal──► RUNNING ──last task is final──► COMPLETE (all done) or PARTIAL (some dead)
 *                     ▲                                              │
 *                     └───────────────redrive of a dead task─────────┘
 */
import type { BatchEvent, BatchState, BatchView, OrderState } from '../protocol/tasks.ts';

export type BatchRow = {
  id: string;
  name: string | null;
  tenant: string;
  /** Of the body that made it: the same batch sent again is known by it. */
  hash: string;
  sealed: boolean;
  total: number;
  done: number;
  dead: number;
  /** How often it has come to its end. */
  round: number;
  createdAtMs: number;
  updatedAtMs: number;
  /** Null while it has not ended, and again after a redrive. */
  endedAtMs: number | null;
  /** An order of fruit: what was said of it. Absent for all other batches. */
  order?: OrderState;
};

/** What a submission fixes about a batch. */
export type BatchSpec = Pick<BatchRow, 'id' | 'name' | 'tenant' | 'hash' | 'sealed'>;

/** An end of a batch: the number of its event, and which end of this batch it is. */
export type BatchEnd = { number: number; round: number };

/** Counts as they are after a change, and the end when that change ended the batch. */
export type Tally = { done: number; dead: number; end?: BatchEnd };

export function stateOf({ endedAtMs, dead, sealed, order }: BatchRow): BatchState {
  if (order === 'handed-over') return order;
  if (endedAtMs !== null) return dead > 0 ? 'partial' : 'complete';
  return sealed ? 'running' : 'open';
}

/** Whether it is at its end with these counts. */
export function endsWith({ sealed, total }: BatchRow, done: number, dead: number): boolean {
  return sealed && done + dead === total;
}

export function batchViewOf(batch: Readonly<BatchRow>): BatchView {
  const { id, name, tenant, sealed, total, done, dead, round, createdAtMs, endedAtMs, order } = batch;
  return {
    id,
    name,
    tenant,
    state: stateOf(batch),
    sealed,
    total,
    done,
    failed: dead,
    round,
    created_at: new Date(createdAtMs).toISOString(),
    ended_at: endedAtMs === null ? null : new Date(endedAtMs).toISOString(),
    took_ms: endedAtMs === null ? null : Math.max(0, Math.round(endedAtMs - createdAtMs)),
    ...(order !== undefined && { order }),
  };
}

/** The event of a batch that has just ended. */
export function endEvent({ id, round, total, done, dead }: BatchRow, number: number, atMs: number): BatchEvent {
  const state = dead > 0 ? 'partial' : 'complete';
  return { number, batch: id, round, state, total, done, failed: dead, atMs: Math.round(atMs) };
}
