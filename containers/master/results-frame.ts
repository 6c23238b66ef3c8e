/** Reads the frame of results by hand: it comes with every task, and a schema costs more than the task. */
import { ERROR_LENGTH_MAX, RESULT_LENGTH_MAX, TASK_ID_LENGTH_MAX } from '../protocol/compute-limits.ts';
import { RESULTS_MAX } from '../protocol/compute-messages.ts';
import type { TaskOutcome, TaskResult, Token } from '../protocol/compute-messages.ts';
import { OrreryError } from '../protocol/errors.ts';

/** As `resultsFrame` of the protocol takes it. Throws `bad-request`. */
export function readResults(head: Record<string, unknown>): TaskResult[] {
  const { results } = head;
  if (!Array.isArray(results) || results.length === 0 || results.length > RESULTS_MAX) throw misshapen();
  return results.map(readResult);
}

function readResult(value: unknown): TaskResult {
  const { task, token, serviceMs, outcome } = fieldsOf(value);
  if (typeof task !== 'string' || task === '' || task.length > TASK_ID_LENGTH_MAX) throw misshapen();
  if (typeof serviceMs !== 'number' || !Number.isFinite(serviceMs) || serviceMs < 0) throw misshapen();
  return { task, token: readToken(token), serviceMs, outcome: readOutcome(outcome) };
}

function readToken(value: unknown): Token {
  if (!Array.isArray(value) || value.length !== 2) throw misshapen();
  const [epoch, n]: unknown[] = value;
  if (!isCount(epoch) || !isCount(n)) throw misshapen();
  return [epoch, n];
}

function readOutcome(value: unknown): TaskOutcome {
  const { ok, result, error, retry } = fieldsOf(value);
  if (ok === true) {
    if (typeof result === 'string' && result.length <= RESULT_LENGTH_MAX) return { ok, result };
    if (result === null || (typeof result === 'number' && Number.isFinite(result))) return { ok, result };
  } else if (ok === false && typeof error === 'string' && error.length <= ERROR_LENGTH_MAX) {
    if (typeof retry === 'boolean') return { ok, error, retry };
  }
  throw misshapen();
}

function fieldsOf(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw misshapen();
  return value as Record<string, unknown>;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function misshapen(): OrreryError {
  return new OrreryError('bad-request', { reason: 'the frame does not have its shape' });
}
