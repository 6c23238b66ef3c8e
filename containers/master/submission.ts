/** Reads what clients submit: a body into a task, a query into how to answer. All refusals are coded. */
import { checkOperation } from '../algorithms/operation.ts';
import { parseExpression } from '../algorithms/expression.ts';
import { OrreryError } from '../protocol/errors.ts';
import type { Random } from '../protocol/step.ts';
import { submitTaskBody, TASK_PAYLOADS, WAIT_MS_MAX, waitQuery } from '../protocol/tasks.ts';
import type { FruitPayload, TaskKind } from '../protocol/tasks.ts';
import type { TaskForm, TaskSpec } from './task-row.ts';

/** Bounds of a drawn execution time of the fruit kind, s. */
const EXECUTION_S_MIN = 4;
const EXECUTION_S_MAX = 20;

/** `makeId` names a task that brings no id. Throws `bad-request` and `bad-expression`. */
export function readSubmission(body: unknown, makeId: () => string, random: Random): TaskSpec {
  const parsed = submitTaskBody.safeParse(body);
  if (!parsed.success) throw new OrreryError('bad-request', { reason: whatIsWrong(body) });
  const { data } = parsed;
  const form: TaskForm = 'kind' in data ? 'kind' : typeof data.payload === 'string' ? 'expression' : 'operation';
  const kind = 'kind' in data ? data.kind : 'calculator';
  const payload = readPayload(kind, data.payload, random);
  return { id: data.task_id ?? makeId(), keyed: data.task_id !== undefined, kind, form, payload };
}

/** `?wait=5s&queue=false`. Throws `bad-request`. */
export function readSubmitQuery(query: URLSearchParams): { waitMs: number | null; queue: boolean } {
  const wait = query.get('wait');
  const queue = query.get('queue');
  if (queue !== null && queue !== 'true' && queue !== 'false') {
    throw new OrreryError('bad-request', { reason: 'queue must be true or false' });
  }
  return { waitMs: wait === null ? null : readWaitMs(wait), queue: queue !== 'false' };
}

function readWaitMs(wait: string): number {
  if (!waitQuery.safeParse(wait).success)
    throw new OrreryError('bad-request', { reason: 'wait must be like 5s or 250ms' });
  const waitMs = wait.endsWith('ms') ? Number(wait.slice(0, -2)) : Number(wait.slice(0, -1)) * 1_000;
  if (waitMs > WAIT_MS_MAX)
    throw new OrreryError('bad-request', { reason: `wait must be at most ${WAIT_MS_MAX / 1_000}s` });
  return waitMs;
}

function readPayload(kind: TaskKind, payload: unknown, random: Random): unknown {
  const parsed = TASK_PAYLOADS[kind].safeParse(payload);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = ['payload', ...(issue?.path ?? [])].map(String).join('.');
    throw new OrreryError('bad-request', { reason: `${where}: ${issue?.message ?? 'not valid'}` });
  }
  switch (kind) {
    case 'calculator':
      checkCalculation(TASK_PAYLOADS.calculator.parse(payload));
      return parsed.data;
    case 'fruit':
      // Drawn here and not at the worker, so that another attempt takes the same time.
      return withExecutionTime(TASK_PAYLOADS.fruit.parse(payload), random);
    default:
      return parsed.data;
  }
}

function checkCalculation(payload: string | { operation: string; operands: number[] }): void {
  if (typeof payload === 'string') {
    const parsed = parseExpression(payload);
    if (!parsed.ok) throw new OrreryError('bad-expression', { reason: parsed.reason });
    return;
  }
  const trouble = checkOperation(payload);
  if (trouble !== null) throw new OrreryError('bad-request', { reason: trouble });
}

function withExecutionTime({ fruit, execution_time }: FruitPayload, random: Random): FruitPayload {
  const drawnS = EXECUTION_S_MIN + Math.floor(random() * (EXECUTION_S_MAX - EXECUTION_S_MIN + 1));
  return { fruit, execution_time: execution_time ?? drawnS };
}

/** The union of body forms has no issue that would help a person; this says which form was meant and what it lacks. */
function whatIsWrong(body: unknown): string {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return 'the body must be a JSON object';
  const fields = new Map(Object.entries(body));
  const payload = fields.get('payload');
  if (payload === undefined) return 'payload is missing';
  const id = fields.get('task_id');
  if (id !== undefined && (typeof id !== 'string' || id === '' || id.length > 200)) {
    return 'task_id must be text of 1 to 200 characters';
  }
  const unknown = [...fields.keys()].find((name) => !['payload', 'task_id', 'kind'].includes(name));
  if (unknown !== undefined) return `the field ${unknown} is not known`;
  if (fields.has('kind')) return `kind must be one of ${Object.keys(TASK_PAYLOADS).join(', ')}`;
  if (typeof payload !== 'object' || payload === null)
    return 'payload must be an expression or {"operation","operands"}';
  if (id === undefined) return 'the operation form needs a task_id';
  return 'payload must be {"operation": text, "operands": 1 to 100 numbers}';
}
