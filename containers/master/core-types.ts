/** What the master's core knows, hears and asks for. */
import type { ChurnMap } from '../algorithms/churn-map.ts';
import type { MasterToWorker, ResultVerdict, TaskResult, Token, WorkerInfo } from '../protocol/compute-messages.ts';
import type { BalancerChange, Why } from '../protocol/balancing.ts';
import type { AutoscalerChange } from '../protocol/autoscaler.ts';
import type { DetectorChange, LineSettings } from '../protocol/control.ts';
import type { ErrorCode, ErrorDetails } from '../protocol/errors.ts';
import type { GuestStep, OrderChange, WebhookTask } from '../protocol/guests.ts';
import type { PersistEffect, SelfEffect } from '../protocol/step.ts';
import type { Beat, LatencySeries, MonitorEvent } from '../protocol/stream.ts';
import type { TaskFilter } from '../protocol/tasks.ts';
import type { BalancingState } from './balancing/balancing-state.ts';
import type { BatchRow, BatchSpec } from './batch-row.ts';
import type { Counters } from './counters.ts';
import type { Webhook, WebhookRow } from './guests/guest-row.ts';
import type { Puller } from './guests/pullers-core.ts';
import type { HealthFacts } from './guests/webhook-health.ts';
import type { LogEntry } from './log-entry.ts';
import type { Membership } from './membership.ts';
import type { MasterSettings } from './settings.ts';
import type { Scaling } from './scaling/state.ts';
import type { TaskQueue } from './queue-state.ts';
import type { Idempotency, TaskRow, TaskSpec } from './task-row.ts';

export type MasterState = {
  settings: MasterSettings;
  /** False until the boot epoch is durable: no token is given out before. */
  booted: boolean;
  queue: TaskQueue;
  membership: Membership;
  counters: Counters;
  balancing: BalancingState;
  scaling: Scaling;
  /** Requests that wait for a task's outcome, by task. */
  waiters: ChurnMap<string, number[]>;
  /** The task that a request waits for. */
  waitingFor: ChurnMap<number, string>;
  /** When a request's client wants no answer any more; only of those that said so. */
  deadlines: ChurnMap<number, number>;
  entriesSinceSnapshot: number;
  /** Guests by webhook, by their id. */
  webhooks: Map<string, Webhook>;
  /** Guests that ask for work, by their name as members. */
  pullers: Map<string, Puller>;
};

/** The shell numbers requests and links (connections); a number is never used again. */
export type MasterEvent =
  | { kind: 'boot' }
  | { kind: 'booted' }
  /** `watched`: a panel listens. */
  | { kind: 'tick'; watched?: boolean }
  /**
   * `wait`: the synchronous lane. `queue` false: refuse rather than queue when no worker has room. `deadlineMs`:
   * after so long its client wants no answer any more; the shell says when that is (`wait-ended`).
   */
  | { kind: 'submit'; request: number; spec: TaskSpec; wait: boolean; queue: boolean; deadlineMs?: number }
  /** Tasks that are not keyed get their ids here. */
  | {
      kind: 'submit-batch';
      request: number;
      batch: BatchSpec;
      tasks: readonly TaskSpec[];
      idempotency: Idempotency | null;
    }
  | { kind: 'add-to-batch'; request: number; id: string; tasks: readonly TaskSpec[]; idempotency: Idempotency | null }
  | { kind: 'seal-batch'; request: number; id: string }
  /** The end of a batch, told by the event's number, is durable. */
  | { kind: 'batch-ended'; number: number }
  | ({ kind: 'redrive'; request: number; preview: boolean } & (
      { ids: readonly string[]; filter: null } | { ids: null; filter: TaskFilter }
    ))
  | { kind: 'set-detector'; request: number; change: DetectorChange }
  | { kind: 'set-balancer'; request: number; change: BalancerChange }
  | { kind: 'set-lines'; request: number; lines: LineSettings }
  | { kind: 'set-autoscaler'; request: number; change: AutoscalerChange }
  | { kind: 'set-weight'; request: number; tenant: string; weight: number }
  /** Somebody wants the outcome of a task that is known. */
  | { kind: 'await'; request: number; task: string }
  /** Its waiting time is over; of one with a deadline: that is. */
  | { kind: 'wait-ended'; request: number }
  | { kind: 'client-gone'; request: number }
  | { kind: 'hello'; link: number; node: string; incarnation: number; info: WorkerInfo }
  /** A worker that is to stand by has run its warm-up tasks. */
  | { kind: 'warmed'; link: number; node: string; tookMs: number }
  | { kind: 'heartbeat'; link: number; node: string; beat: HeartbeatFacts }
  | { kind: 'results'; link: number; node: string; reply: number; results: readonly TaskResult[] }
  | { kind: 'leave'; link: number; node: string }
  | { kind: 'disconnected'; link: number; node: string }
  | { kind: 'probe-answered'; node: string; incarnation: number; alive: boolean }
  | { kind: 'engine-word'; node: string; type: 'exited' | 'started'; atMs: number }
  | { kind: 'drain'; node: string }
  /** A webhook worker has taken its id. `replaces`: the id of the process that was at its URL before, if it is known to be gone. */
  | { kind: 'webhook-join'; request: number; row: WebhookRow; replaces: string | null }
  | { kind: 'webhook-checked'; node: string; registeredAtMs: number; facts: HealthFacts }
  | { kind: 'webhook-took'; node: string; task: string; token: Token; facts: HealthFacts }
  | { kind: 'webhook-result'; request: number; task: string; result: string | number | null }
  /** An order of fruit. */
  | { kind: 'order'; request: number; fruits: readonly string[] }
  | { kind: 'pull'; request: number; worker: string }
  | { kind: 'pulled-result'; request: number; worker: string; id: number; fruit: string; result: string }
  | { kind: 'take-command'; request: number }
  | { kind: 'hand-over'; request: number }
  | { kind: 'set-orders'; request: number; change: OrderChange };

export type HeartbeatFacts = Omit<Beat, 'node' | 'gapMs' | 'atMs'> & { holding: readonly Token[] };

/** A task as it was when the answer was decided, not as it is when it is sent. */
export type RowView = Readonly<TaskRow>;

export type Answer =
  /** Durable. */
  | { kind: 'accepted'; task: string }
  /** The task as it stands; final, or durable and to be asked for again. */
  | { kind: 'task'; row: RowView }
  /** The batch as it stands, durable, and the ids of its tasks (of those still known, when it is sent again). */
  | { kind: 'batch'; batch: Readonly<BatchRow>; ids: string[] }
  /** What a redrive did, or would do. */
  | { kind: 'redriven'; count: number; remaining: number; skipped: string[]; sample: RowView[] }
  /** What was asked for is so, durably. */
  | { kind: 'set' }
  /** The lease is durable. Null: nothing to do. */
  | { kind: 'pulled'; fruit: { id: number; fruit: string; execution_time: number } | null }
  /** How long the order took, ms; null: none is ready that was not announced. */
  | { kind: 'command'; tookMs: number | null }
  | { kind: 'handed-over'; fruits: string[] }
  | { kind: 'refused'; code: ErrorCode; details: ErrorDetails };

/** A task came to its end: what latencies and traces are made of. */
export type Finished = {
  task: string;
  row: RowView;
  series: LatencySeries;
  kind: string;
  acceptedAtMs: number;
  leasedAtMs: number;
  finishedAtMs: number;
  worker: string | null;
  outcome: 'ok' | 'retried' | 'error';
  /** Of its last dispatch, when that was told. */
  /** What the worker measured; null when the task did not end at a worker. */
  serviceMs: number | null;
  /** When the worker began, its wall clock, if it was asked. */
  startedAtMs: number | null;
  why: Why | undefined;
};

export type ShellEffect =
  | { kind: 'answer'; request: number; answer: Answer }
  | { kind: 'send'; link: number; message: MasterToWorker }
  | { kind: 'settle'; link: number; reply: number; verdicts: ResultVerdict[] }
  | { kind: 'hang-up'; link: number; reason: string }
  | { kind: 'probe'; node: string; incarnation: number; address: string; timeoutMs: number }
  | { kind: 'publish'; event: MonitorEvent }
  | { kind: 'guest-step'; step: GuestStep }
  /** Ask a webhook worker how it is; `holds`: also whether it still works on what it was given. */
  | { kind: 'check-webhook'; node: string; registeredAtMs: number; url: string; holds: boolean }
  | { kind: 'give-webhook'; node: string; url: string; token: Token; task: WebhookTask }
  | { kind: 'beat'; beat: Beat }
  | { kind: 'finished'; finished: Finished }
  /**
   * The log is long: store the state, as it is now, as a snapshot. All entries that made it what it is are
   * appended; the snapshot may become durable only after them, or it would tell of what a crash undid.
   */
  | { kind: 'snapshot' };

/** As an interface, because an alias cannot refer to itself through a generic one. */
export interface MasterPersist extends PersistEffect<LogEntry, MasterEffect> {
  kind: 'persist';
}

export type MasterEffect = ShellEffect | MasterPersist | SelfEffect<MasterEvent>;
