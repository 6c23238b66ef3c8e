/**
 * The worker's decisions: which tasks are in hand, and what became of them. A task stays in hand, also
 * without a connection, until the master has settled its result or ended its lease.
 *
 *   taken → running → unreported → settled
 *              └──────────┴→ cancelled
 */
import type { TaskOrder, TaskOutcome, TaskResult, Token } from '../protocol/compute-messages.ts';
import { ERROR_LENGTH_MAX, RESULT_LENGTH_MAX } from '../protocol/compute-limits.ts';
import { exhaustive } from '../protocol/step.ts';
import type { Stepped } from '../protocol/step.ts';

type InHand = { order: TaskOrder; startedMs: number; result: TaskResult | null };

const TOO_LATE: TaskOutcome = { ok: false, error: 'its deadline passed', retry: false };

export type WorkerState = {
  capacity: number;
  connected: boolean;
  draining: boolean;
  /** By token, see `keyOf`. */
  inHand: Map<string, InHand>;
  /** The one lease in hand of each task. */
  tokens: Map<string, Token>;
  /** Those in hand that still run. */
  running: number;
  done: number;
  failed: number;
  dropped: number;
};

export type WorkerEvent =
  | { kind: 'connected' }
  | { kind: 'disconnected' }
  | { kind: 'tasks'; tasks: readonly TaskOrder[] }
  | { kind: 'finished'; token: Token; outcome: TaskOutcome }
  /** The master took these results, or refused them as stale: either way they are done with. */
  | { kind: 'settled'; tokens: readonly Token[] }
  /** No answer came; the master may or may not have them. */
  | { kind: 'report-failed'; tokens: readonly Token[] }
  /** Nobody wants its result any more (`withinMs` of its order). */
  | { kind: 'too-late'; token: Token }
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
    inHand: new Map(),
    tokens: new Map(),
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
    case 'tasks':
      return event.tasks.flatMap((order) => take(state, order, nowMs));
    case 'finished':
      return finish(state, event.token, event.outcome, nowMs);
    case 'too-late':
      return isRunning(state, event.token)
        ? [{ kind: 'abort', token: event.token }, ...finish(state, event.token, TOO_LATE, nowMs)]
        : [];
    case 'settled':
      for (const token of event.tokens) release(state, token);
      return [];
    case 'report-failed': {
      const keys = new Set(event.tokens.map(keyOf));
      return report(
        state,
        unreported(state).filter(({ token }) => keys.has(keyOf(token))),
      );
    }
    case 'cancel':
      return event.tokens.flatMap((token) => drop(state, token));
    case 'drain':
      state.draining = true;
      return [];
    case 'declared-dead':
      state.connected = false;
      state.draining = false;
      return [...holding(state).flatMap((token) => drop(state, token)), { kind: 'reincarnate' }];
    default:
      return exhaustive(event);
  }
}

function take(state: WorkerState, order: TaskOrder, nowMs: number): WorkerEffect[] {
  if (state.inHand.has(keyOf(order.token))) return [];
  // A newer lease of a task in hand: the older one cannot count any more.
  const older = state.tokens.get(order.task);
  const effects = older === undefined ? [] : drop(state, older);
  const isFull = state.running >= state.capacity;
  state.inHand.set(keyOf(order.token), { order, startedMs: nowMs, result: null });
  state.tokens.set(order.task, order.token);
  state.running++;
  const isTooLate = order.withinMs !== undefined && order.withinMs <= 0;
  if (!isFull && !isTooLate) {
    effects.push({ kind: 'run', order });
    return effects;
  }
  const noRoom: TaskOutcome = { ok: false, error: 'the worker had no room for it', retry: true };
  return [...effects, ...finish(state, order.token, isTooLate ? TOO_LATE : noRoom, nowMs)];
}

function isRunning(state: WorkerState, token: Token): boolean {
  return state.inHand.get(keyOf(token))?.result === null;
}

function finish(state: WorkerState, token: Token, given: TaskOutcome, nowMs: number): WorkerEffect[] {
  const task = state.inHand.get(keyOf(token));
  // Cancelled meanwhile.
  if (task === undefined || task.result !== null) return [];
  const outcome = withinBounds(given);
  const result: TaskResult = { task: task.order.task, token, serviceMs: Math.max(0, nowMs - task.startedMs), outcome };
  task.result = result;
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

function drop(state: WorkerState, token: Token): WorkerEffect[] {
  const task = release(state, token);
  if (task === undefined) return [];
  state.dropped++;
  return task.result === null ? [{ kind: 'abort', token }] : [];
}

/** Lets go of a lease, whatever became of its task. */
function release(state: WorkerState, token: Token): InHand | undefined {
  const key = keyOf(token);
  const task = state.inHand.get(key);
  if (task === undefined) return undefined;
  state.inHand.delete(key);
  state.tokens.delete(task.order.task);
  if (task.result === null) state.running--;
  return task;
}

function unreported(state: WorkerState): TaskResult[] {
  return [...state.inHand.values()].flatMap(({ result }) => (result === null ? [] : [result]));
}

function report(state: WorkerState, results: TaskResult[]): WorkerEffect[] {
  return state.connected && results.length > 0 ? [{ kind: 'report', results }] : [];
}

/** A token as a key of maps. */
export function keyOf([epoch, n]: Token): string {
  return `${epoch}.${n}`;
}
