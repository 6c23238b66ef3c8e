/** A task in the form that a webhook worker of the course gets, and what its results amount to. */
import { expressionOf } from '../../algorithms/operation.ts';
import { evaluateProgram, parseExpression } from '../../algorithms/expression.ts';
import type { TaskOutcome } from '../../protocol/compute-messages.ts';
import type { WebhookTask } from '../../protocol/guests.ts';
import { calculatorPayload } from '../../protocol/tasks.ts';
import { viewOf } from '../task-row.ts';
import type { TaskRow } from '../task-row.ts';

/** Ids that webhook workers get; no node of ours is named like this. */
const WEBHOOK_ID = /^slave-[0-9a-f]{8}$/;
/** How a calculator of the course says that it could not: in place of a result. */
const ERROR_TEXT = /^\s*err(or|eur)\b/i;

/** What a webhook worker is to compute: text, or an operation for which there is none. */
export type WebhookPayload = WebhookTask['payload'];

/**
 * The payload for a webhook worker, null when it is no calculation. Programs of the course know
 * expressions only, so an operation is sent as the expression that it is.
 */
export function webhookPayload({ kind, payload }: TaskRow): WebhookPayload | null {
  if (kind !== 'calculator') return null;
  const parsed = calculatorPayload.safeParse(payload);
  if (!parsed.success) return null;
  return typeof parsed.data === 'string' ? parsed.data : (expressionOf(parsed.data) ?? parsed.data);
}

/** Why an expression must not be sent: those programs evaluate as code what they get. Null when it is harmless. */
export function whyNotSent(payload: WebhookPayload): string | null {
  if (typeof payload !== 'string') return null;
  const parsed = parseExpression(payload);
  const computed = parsed.ok ? evaluateProgram(parsed.program) : parsed;
  return computed.ok ? null : computed.reason;
}

/** The seven fields of the protocol. The row is leased. */
export function webhookTask(row: TaskRow, payload: WebhookPayload): WebhookTask {
  const { id, status, assigned_to, created_at, updated_at, result } = viewOf(row);
  return { id, payload, status, assigned_to, created_at, updated_at, result };
}

/** A result as the worker posted it. An operation is answered with a number. */
export function webhookOutcome({ form }: TaskRow, result: string | number | null): TaskOutcome {
  if (typeof result !== 'string') return { ok: true, result };
  if (ERROR_TEXT.test(result)) return { ok: false, error: result.slice(0, 500), retry: false };
  if (form !== 'operation') return { ok: true, result };
  const value = Number(result);
  if (result.trim() !== '' && Number.isFinite(value)) return { ok: true, result: value };
  return { ok: false, error: `the worker answered ${result.slice(0, 200)}, which is no number`, retry: false };
}

/** Whether a webhook worker has the task, or had it: only then may one report its result. */
export function wasSentToWebhook({ lease, worker, history = [] }: TaskRow): boolean {
  if (isWebhook(lease?.worker ?? worker ?? '')) return true;
  return history.some((happening) => happening.what === 'leased' && isWebhook(happening.worker));
}

export function isWebhook(node: string): boolean {
  return WEBHOOK_ID.test(node);
}
