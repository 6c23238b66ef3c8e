/** What the task queue consists of; all of it follows from the log. */
import { ChurnMap } from '../algorithms/churn-map.ts';
import type { PhiSettings } from '../algorithms/phi-accrual.ts';
import type { BalancerParameters } from '../protocol/balancing.ts';
import type { AutoscalerSettings } from '../protocol/autoscaler.ts';
import { ORDER_DEFAULTS } from '../protocol/guests.ts';
import type { OrderSettings } from '../protocol/guests.ts';
import type { LineSettings } from '../protocol/control.ts';
import type { BatchEvent } from '../protocol/tasks.ts';
import { Lines } from './balancing/lines.ts';
import type { BatchRow } from './batch-row.ts';
import { FairQueue } from './fair-queue.ts';
import { Fifo } from './fifo.ts';
import type { WebhookRow } from './guests/guest-row.ts';
import type { IdempotencyTable } from './idempotency.ts';
import type { Lane, TaskRow } from './task-row.ts';
import { createTenants } from './tenants.ts';
import type { Tenants } from './tenants.ts';

export type TaskQueue = {
  /** Boot epoch: first half of every token given out. */
  epoch: number;
  lastToken: number;
  /** In order of acceptance. */
  rows: ChurnMap<string, TaskRow>;
  /** May hold ids that are no longer ready; `nextReady` skips them. */
  ready: Record<Lane, FairQueue>;
  /** Those in `lines` included. */
  readyCount: Record<Lane, number>;
  lines: Lines;
  /** READY, but in backoff. */
  delayed: Set<string>;
  /** Leased tasks by worker. */
  held: Map<string, ChurnMap<string, TaskRow>>;
  heldCount: number;
  tenants: Tenants;
  /** Final ones, oldest first, for forgetting; may hold ids that were redriven since. */
  finished: Fifo;
  /** Done ones of the synchronous lane, whose ids nobody was promised: many, and soon forgotten. */
  answered: Fifo;
  /** How many of them came of late, less what each tick takes off. */
  answeredOfLate: number;
  /** Finished in the synchronous lane and not yet in the log. */
  unlogged: TaskRow[];
  sinceSyncTurn: number;
  /** In order of their making. */
  batches: Map<string, BatchRow>;
  /** Ends of batches, oldest first, bounded. */
  events: BatchEvent[];
  lastEvent: number;
  /** Number of the newest event that is known to be durable: only then others may hear of it. */
  toldEvent: number;
  keys: IdempotencyTable;
  /** Parameters of the failure detector that somebody set; they ride along in the log. */
  detector: PhiSettings | null;
  /** The same of the balancer. */
  balancer: BalancerParameters | null;
  lineMode: LineSettings | null;
  /** Registered webhook workers, by id. */
  webhooks: Map<string, WebhookRow>;
  /** And of the autoscaler. */
  autoscaler: AutoscalerSettings | null;
  /** How orders are made, and who may take their tasks. */
  orders: OrderSettings;
  /** Number of the newest task of an order. */
  lastFruit: number;
};

export function createQueue(): TaskQueue {
  const tenants = createTenants();
  const weightOf = (tenant: string): number => tenants.weights.get(tenant) ?? 1;
  return {
    epoch: 0,
    lastToken: 0,
    rows: new ChurnMap(),
    ready: { sync: new FairQueue(weightOf), durable: new FairQueue(weightOf), pulled: new FairQueue(weightOf) },
    readyCount: { sync: 0, durable: 0, pulled: 0 },
    lines: new Lines(),
    delayed: new Set(),
    held: new Map(),
    heldCount: 0,
    tenants,
    finished: new Fifo(),
    answered: new Fifo(),
    answeredOfLate: 0,
    unlogged: [],
    sinceSyncTurn: 0,
    batches: new Map(),
    events: [],
    lastEvent: 0,
    toldEvent: 0,
    keys: new Map(),
    detector: null,
    balancer: null,
    lineMode: null,
    webhooks: new Map(),
    autoscaler: null,
    orders: ORDER_DEFAULTS,
    lastFruit: 0,
  };
}
