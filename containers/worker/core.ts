/**
 * The worker's decisions: which tasks are in hand, and what became of them. A task stays in hand, also
 * without a connection, until the master has settled its result or ended its lease.
 *
 *   taken → running → unreported → settled
 *              └──────────┴→ cancelled
 */
import { ChurnMap } from '../algorithms/churn-map.ts';
import type { TaskOrder, TaskOutcome, TaskResult, Token } from '../protocol/compute-messages.ts';
import { ERROR_LENGTH_MAX, RESULT_LENGTH_MAX } from '../protocol/compute-limits.ts';
import { exhaustive } from '../protocol/step.ts';
import type { Stepped } from '../protocol/step.ts';

type InHand = { order: TaskOrder; startedMs: number; result: TaskResult | null };

const TOO_LATE: TaskOutcome = { ok: false, error: 'its deadline passed', retry: false };
const NO_ROOM: TaskOutcome = { ok: false, error: 'the worker had no room for it', retry: true };

export type WorkerState = {
  capacity: number;
  connected: boolean;
  draining: boolean;
  /** By task: the one lease of it that is in hand. */
  inHand: ChurnMap<string, InHand>;
  /** Those in hand that still run. */
  running: number;
  done: number;
  failed: number;
  dropped: number;
};

export type LeaseRef = { readonly task: string; readonly token: Token };

export type WorkerEvent =
  | { kind: 'connected' }
  | { kind: 'disconnected' }
  | { kind: 'tasks'; tasks: readonly TaskOrder[] }
  | { kind: 'finished'; task: string; token: Token; outcome: TaskOutcome }
  /** The master took these results, or refused them as stale: either way they are done with. */
  | { kind: 'settled'; leases: readonly LeaseRef[] }
  /** No answer came; the master may or may not have them. */
  | { kind: 'report-failed'; leases: readonly LeaseRef[] }
  /** Nobody wants its result any more (`withinMs` of its order). */
  | { kind: 'too-late'; task: string; token: Token }
  | { kind: 'cancel'; tokens: readonly Token[] }
  | { kind: 'drain' }
  /** The master holds this incarnation for dead: nothing of what is in hand counts any more. */
  | { kind: 'declared-dead' };

export type WorkerEffect =
  | { kind: 'run'; order: TaskOrder }
  | { kind: 'abort'; token: Token }
  | { kind: 'report'; results: TaskResult[] }
  | { kind: 'reincarnate' };

export function createWorkerState(capacity: number): WorkerState {
  return {
    capacity,
    connected: false,
    draining: false,
    inHand: new ChurnMap(),
    running: 0,
    done: 0,
    failed: 0,
    dropped: 0,
  };
}

export function stepWorker(state: WorkerState, event: WorkerEvent, nowMs: number): Stepped<WorkerState, WorkerEffect> {
  return { state, effects: decide(state, event, nowMs) };
}

/** Tokens of everything in hand: what heartbeats renew. */
export function holding(state: WorkerState): Token[] {
  return [...state.inHand.values()].map(({ order }) => order.token);
}

/** Tasks that still run. */
export function running(state: WorkerState): number {
  return state.running;
}

function decide(state: WorkerState, event: WorkerEvent, nowMs: number): WorkerEffect[] {
  switch (event.kind) {
    case 'connected':
      state.connected = true;
      return report(state, unreported(state));
    case 'disconnected':
      state.connected = false;
      return [];
    case 'tasks': {
      const effects: WorkerEffect[] = [];
      for (const order of event.tasks) take(state, order, nowMs, effects);
      return effects;
    }
    case 'finished':
      return finish(state, event, event.outcome, nowMs);
    case 'too-late':
      return inHandUnder(state, event)?.result === null
        ? [{ kind: 'abort', token: event.token }, ...finish(state, event, TOO_LATE, nowMs)]
        : [];
    case 'settled':
      for (const lease of event.leases) release(state, lease);
      return [];
    case 'report-failed': {
      const results = event.leases.map((lease) => inHandUnder(state, lease)?.result ?? null);
      return report(
        state,
        results.filter((result) => result !== null),
      );
    }
    case 'cancel': {
      const keys = new Set(event.tokens.map(keyOf));
      const cancelled = [...state.inHand.values()].filter(({ order }) => keys.has(keyOf(order.token)));
      return cancelled.flatMap(({ order }) => drop(state, order));
    }
    case 'drain':
      state.draining = true;
      return [];
    case 'declared-dead':
      state.connected = false;
      state.draining = false;
      return [...[...state.inHand.values()].flatMap(({ order }) => drop(state, order)), { kind: 'reincarnate' }];
    default:
      return exhaustive(event);
  }
}

function take(state: WorkerState, order: TaskOrder, nowMs: number, effects: WorkerEffect[]): void {
  const older = state.inHand.get(order.task);
  if (older !== undefined) {
    if (isSame(older.order.token, order.token)) return;
    // A newer lease of a task in hand: the older one cannot count any more.
    effects.push(...drop(state, older.order));
  }
  const isFull = state.running >= state.capacity;
  state.inHand.set(order.task, { order, startedMs: nowMs, result: null });
  state.running++;
  const isTooLate = order.withinMs !== undefined && order.withinMs <= 0;
  if (isTooLate) effects.push(...finish(state, order, TOO_LATE, nowMs));
  else if (isFull) effects.push(...finish(state, order, NO_ROOM, nowMs));
  else effects.push({ kind: 'run', order });
}

function finish(state: WorkerState, lease: LeaseRef, given: TaskOutcome, nowMs: number): WorkerEffect[] {
  const inHand = inHandUnder(state, lease);
  // Cancelled meanwhile.
  if (inHand === undefined || inHand.result !== null) return [];
  const { task, token } = inHand.order;
  const outcome = withinBounds(given);
  const serviceMs = Math.round(Math.max(0, nowMs - inHand.startedMs) * 1_000) / 1_000;
  const result: TaskResult = { task, token, serviceMs, outcome };
  if (inHand.order.traceparent !== undefined) result.startedAtMs = inHand.startedMs;
  inHand.result = result;
  state.running--;
  if (outcome.ok) state.done++;
  else state.failed++;
  return report(state, [result]);
}

/** The master takes nothing beyond the bounds, so a result that is too long has to fail here, or it would be sent forever. */
function withinBounds(outcome: TaskOutcome): TaskOutcome {
  if (!outcome.ok) return { ...outcome, error: outcome.error.slice(0, ERROR_LENGTH_MAX) };
  const { result } = outcome;
  if (typeof result !== 'string' || result.length <= RESULT_LENGTH_MAX) return outcome;
  return { ok: false, error: `the result is longer than ${RESULT_LENGTH_MAX} characters`, retry: false };
}

function drop(state: WorkerState, lease: LeaseRef): WorkerEffect[] {
  const inHand = release(state, lease);
  if (inHand === undefined) return [];
  state.dropped++;
  return inHand.result === null ? [{ kind: 'abort', token: lease.token }] : [];
}

/** Lets go of a lease, whatever became of its task. */
function release(state: WorkerState, lease: LeaseRef): InHand | undefined {
  const inHand = inHandUnder(state, lease);
  if (inHand === undefined) return undefined;
  state.inHand.delete(lease.task);
  if (inHand.result === null) state.running--;
  return inHand;
}

/** What is in hand of this task, if it is under this token. */
function inHandUnder(state: WorkerState, { task, token }: LeaseRef): InHand | undefined {
  const inHand = state.inHand.get(task);
  return inHand !== undefined && isSame(inHand.order.token, token) ? inHand : undefined;
}

function unreported(state: WorkerState): TaskResult[] {
  return [...state.inHand.values()].flatMap(({ result }) => (result === null ? [] : [result]));
}

function report(state: WorkerState, results: TaskResult[]): WorkerEffect[] {
  return state.connected && results.length > 0 ? [{ kind: 'report', results }] : [];
}

function isSame(a: Token, b: Token): boolean {
  return a[0] === b[0] && a[1] === b[1];
}

/** A token as a key of maps. */
export function keyOf([epoch, n]: Token): string {
  return `${epoch}.${n}`;
}
