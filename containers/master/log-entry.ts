/** What the master writes to its log, and how a replay reads it. Entries say what is so, not what to add: applying one twice changes nothing. */
import type { PhiSettings } from '../algorithms/phi-accrual.ts';
import type { BalancerParameters } from '../protocol/balancing.ts';
import type { AutoscalerSettings } from '../protocol/autoscaler.ts';
import type { Token } from '../protocol/compute-messages.ts';
import type { LineSettings } from '../protocol/control.ts';
import { OrreryError } from '../protocol/errors.ts';
import type { BatchEvent } from '../protocol/tasks.ts';
import type { OrderSettings } from '../protocol/guests.ts';
import type { BatchEnd, BatchRow, Tally } from './batch-row.ts';
import type { WebhookRow } from './guests/guest-row.ts';
import type { IdempotencyRow } from './idempotency.ts';
import type { Idempotency, TaskRow, TaskSpec } from './task-row.ts';

export type LogEntry =
  /** A start of the master. Its number fences the tokens of all starts before. */
  | { e: 'boot'; epoch: number; atMs: number }
  /** A new task of the durable lane. */
  | { e: 'new'; spec: TaskSpec; atMs: number }
  /** The task as it stands: of the synchronous lane and now to be kept. */
  | { e: 'kept'; row: TaskRow }
  /** A batch as it stands, with tasks that are new in it. One entry, so that all of them are there or none. */
  | { e: 'batch'; batch: BatchRow; specs: TaskSpec[]; idempotency: Idempotency | null; atMs: number }
  /** Nothing more comes into a batch. `end`: that ended it. */
  | { e: 'sealed'; id: string; end: BatchEnd | null; atMs: number }
  | { e: 'leased'; id: string; worker: string; incarnation: number; token: Token; attempts: number; atMs: number }
  | { e: 'released'; id: string; reason: string; notBeforeMs: number; atMs: number }
  /** `tally`, when it belongs to a batch: the result and what it does to the batch are one entry. */
  | {
      e: 'finished';
      id: string;
      state: 'DONE' | 'DEAD';
      result: string | number | null;
      error: string | null;
      batch?: string;
      tally?: Tally;
      atMs: number;
    }
  /** A DEAD task is to be tried anew. */
  | { e: 'redriven'; id: string; batch?: string; tally?: Tally; atMs: number }
  | { e: 'detector'; phi: PhiSettings }
  | { e: 'balancer'; balancer: BalancerParameters }
  | { e: 'lines'; lines: LineSettings }
  | { e: 'autoscaler'; settings: AutoscalerSettings }
  | { e: 'weight'; tenant: string; weight: number }
  /** A webhook worker belongs, or does not any more. */
  | { e: 'webhook'; row: WebhookRow }
  | { e: 'webhook-gone'; node: string }
  /** The salad of an order is ready, and somebody was told. */
  | { e: 'announced'; id: string }
  /** Orders that an external master fetched; their tasks are gone from here. */
  | { e: 'handed-over'; ids: string[]; tasks: string[]; atMs: number }
  | { e: 'orders'; orders: OrderSettings };

export type Snapshot = {
  version: 1;
  epoch: number;
  rows: TaskRow[];
  batches?: BatchRow[];
  events?: BatchEvent[];
  lastEvent?: number;
  keys?: [string, IdempotencyRow][];
  weights?: [string, number][];
  detector?: PhiSettings | null;
  balancer?: BalancerParameters | null;
  lines?: LineSettings | null;
  webhooks?: WebhookRow[];
  autoscaler?: AutoscalerSettings | null;
  orders?: OrderSettings;
  lastFruit?: number;
};

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function encodeEntry(entry: LogEntry): Uint8Array {
  return encoder.encode(JSON.stringify(entry));
}

/** Entries are checksummed by the log, so what comes back is what this program once wrote. */
export function decodeEntry(bytes: Uint8Array): LogEntry {
  return JSON.parse(decoder.decode(bytes)) as LogEntry;
}

export function encodeSnapshot(snapshot: Snapshot): Uint8Array {
  return encoder.encode(JSON.stringify(snapshot));
}

/** Throws `log-corrupt` for a snapshot of another version. */
export function decodeSnapshot(bytes: Uint8Array, node: string): Snapshot {
  const snapshot = JSON.parse(decoder.decode(bytes)) as Snapshot;
  if (snapshot.version !== 1)
    throw new OrreryError('log-corrupt', { node, where: `snapshot version ${snapshot.version}` });
  return snapshot;
}
