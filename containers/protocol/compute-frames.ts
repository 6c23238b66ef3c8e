/**
 * Orders and results as frames carry them: one flat list of values for all, without the names of fields. They
 * come with every task, and what JSON makes of objects costs more than most tasks. Read by hand for that
 * reason, too: a schema would cost even more.
 */
import { ERROR_LENGTH_MAX, RESULT_LENGTH_MAX, TASK_ID_LENGTH_MAX } from './compute-limits.ts';
import { RESULTS_MAX } from './compute-messages.ts';
import type { TaskOrder, TaskOutcome, TaskResult } from './compute-messages.ts';
import { OrreryError } from './errors.ts';
import type { TaskKind } from './tasks.ts';

const ORDER_FIELDS = 6;
const RESULT_FIELDS = 6;

/**
 * Of each: task, kind, payload, the two numbers of its token, `withinMs` (null when it has none). Few have a
 * trace: theirs stands beside `withinMs`, in a list of the two.
 */
export function writeOrders(orders: readonly TaskOrder[]): unknown[] {
  const list: unknown[] = [];
  for (const { task, kind, payload, token, withinMs = null, traceparent } of orders) {
    const last = traceparent === undefined ? withinMs : [withinMs, traceparent];
    list.push(task, kind, payload, token[0], token[1], last);
  }
  return list;
}

/** Throws `bad-request`. A kind that is not known here is for the worker's own registry to refuse. */
export function readOrders(list: unknown): TaskOrder[] {
  if (!Array.isArray(list) || list.length % ORDER_FIELDS !== 0) throw misshapen();
  const values: unknown[] = list;
  const orders: TaskOrder[] = [];
  for (let at = 0; at < values.length; at += ORDER_FIELDS) {
    const task = values[at];
    const kind = values[at + 1];
    const epoch = values[at + 3];
    const n = values[at + 4];
    const last: unknown = values[at + 5];
    const isTraced = Array.isArray(last);
    const withinMs: unknown = isTraced ? last[0] : last;
    const traceparent: unknown = isTraced ? last[1] : undefined;
    if (typeof task !== 'string' || typeof kind !== 'string' || !isCount(epoch) || !isCount(n)) throw misshapen();
    const order: TaskOrder = { task, kind: kind as TaskKind, payload: values[at + 2], token: [epoch, n] };
    if (typeof withinMs === 'number') order.withinMs = withinMs;
    else if (withinMs !== null) throw misshapen();
    if (typeof traceparent === 'string') order.traceparent = traceparent;
    else if (traceparent !== undefined) throw misshapen();
    orders.push(order);
  }
  return orders;
}

/**
 * Of each: task, the two numbers of its token, service time (with a trace: and when it began, in a list of the
 * two), error (null when it is done), result or `retry`.
 */
export function writeResults(results: readonly TaskResult[]): unknown[] {
  const list: unknown[] = [];
  for (const { task, token, serviceMs, startedAtMs, outcome } of results) {
    list.push(task, token[0], token[1], startedAtMs === undefined ? serviceMs : [serviceMs, startedAtMs]);
    if (outcome.ok) list.push(null, outcome.result);
    else list.push(outcome.error, outcome.retry);
  }
  return list;
}

/** As the schema of `TaskResult` has them. Throws `bad-request`. */
export function readResults(list: unknown): TaskResult[] {
  if (!Array.isArray(list) || list.length === 0 || list.length > RESULTS_MAX * RESULT_FIELDS) throw misshapen();
  if (list.length % RESULT_FIELDS !== 0) throw misshapen();
  const values: unknown[] = list;
  const results: TaskResult[] = [];
  for (let at = 0; at < values.length; at += RESULT_FIELDS) {
    const task = values[at];
    const epoch = values[at + 1];
    const n = values[at + 2];
    const took: unknown = values[at + 3];
    const isTraced = Array.isArray(took);
    const serviceMs: unknown = isTraced ? took[0] : took;
    const startedAtMs: unknown = isTraced ? took[1] : undefined;
    if (typeof task !== 'string' || task === '' || task.length > TASK_ID_LENGTH_MAX) throw misshapen();
    if (!isCount(epoch) || !isCount(n)) throw misshapen();
    if (!isDuration(serviceMs)) throw misshapen();
    const result: TaskResult = {
      task,
      token: [epoch, n],
      serviceMs,
      outcome: readOutcome(values[at + 4], values[at + 5]),
    };
    if (isDuration(startedAtMs)) result.startedAtMs = startedAtMs;
    else if (startedAtMs !== undefined) throw misshapen();
    results.push(result);
  }
  return results;
}

function readOutcome(error: unknown, value: unknown): TaskOutcome {
  if (error === null) {
    if (typeof value === 'string' && value.length <= RESULT_LENGTH_MAX) return { ok: true, result: value };
    if (value === null || (typeof value === 'number' && Number.isFinite(value))) return { ok: true, result: value };
  } else if (typeof error === 'string' && error.length <= ERROR_LENGTH_MAX && typeof value === 'boolean') {
    return { ok: false, error, retry: value };
  }
  throw misshapen();
}

function isDuration(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function misshapen(): OrreryError {
  return new OrreryError('bad-request', { reason: 'the frame does not have its shape' });
}
