/** Reads what clients submit: a body into a task, a query into how to answer. All refusals are coded. */
import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { checkOperation } from '../algorithms/operation.ts';
import { parseExpression } from '../algorithms/expression.ts';
import { readTraceparent } from '../algorithms/trace-context.ts';
import { createRandom } from '../algorithms/seeded-random.ts';
import { describeIssues } from '../kit/http-request.ts';
import { DEADLINE_HEADER, DEADLINE_MS_MAX } from '../protocol/balancing.ts';
import { OrreryError } from '../protocol/errors.ts';
import type { Random } from '../protocol/step.ts';
import {
  BATCH_TASKS_MAX,
  batchBody,
  DEFAULT_TENANT,
  IDEMPOTENCY_HEADER,
  IDEMPOTENCY_KEY_LENGTH_MAX,
  moreTasksBody,
  PRIORITY_MAX,
  submitTaskBody,
  TASK_PAYLOADS,
  TENANT_HEADER,
  tenantName,
  WAIT_MS_MAX,
  waitQuery,
} from '../protocol/tasks.ts';
import { TRACEPARENT_HEADER } from '../protocol/traces.ts';
import type { FruitPayload, TaskKind } from '../protocol/tasks.ts';
import type { BatchSpec } from './batch-row.ts';
import { canonical } from './task-row.ts';
import type { Idempotency, TaskForm, TaskSpec } from './task-row.ts';

/** The tasks are read one by one, so that what is wrong with one is said by its number. */
const batchHead = batchBody.omit({ tasks: true });
const moreTasksHead = moreTasksBody.omit({ tasks: true });

/** Bounds of a drawn execution time of the fruit kind, s. */
const EXECUTION_S_MIN = 4;
const EXECUTION_S_MAX = 20;

/** What the headers of a request say about whose it is, and whether it may come again. */
export type Caller = { tenant: string | null; key: string | null; traceparent: string | null };
const ANONYMOUS: Caller = { tenant: null, key: null, traceparent: null };

/**
 * `makeId` names a task that brings no id. The tenant of the body goes before that of the caller.
 * Throws `bad-request` and `bad-expression`.
 */
export function readSubmission(body: unknown, makeId: () => string, random: Random, caller = ANONYMOUS): TaskSpec {
  const spec = readTask(body, makeId, random);
  if (spec.tenant === undefined && caller.tenant !== null) spec.tenant = caller.tenant;
  if (caller.traceparent !== null) spec.traceparent = caller.traceparent;
  if (caller.key === null) return spec;
  // Under a key the same request may come again and has to find the same result.
  return { ...spec, keyed: true, idempotency: { key: caller.key, hash: hashOf(body) } };
}

export type BatchSubmission = { batch: BatchSpec; tasks: TaskSpec[]; idempotency: Idempotency | null };

/** As `readSubmission`, for POST /tasks/batch. */
export function readBatch(body: unknown, makeId: () => string, random: Random, caller: Caller): BatchSubmission {
  const { tasks, ...head } = objectIn(body);
  const parsed = batchHead.safeParse(head);
  if (!parsed.success) throw new OrreryError('bad-request', { reason: describeIssues(parsed.error.issues) });
  const { batch_id, name, sealed, priority } = parsed.data;
  const tenant = parsed.data.tenant ?? caller.tenant ?? DEFAULT_TENANT;
  // Compared only when it may come again.
  const hash = batch_id === undefined && caller.key === null ? '' : hashOf(body);
  return {
    batch: { id: batch_id ?? makeId(), name: name ?? null, tenant, hash, sealed },
    tasks: traced(readTasks(tasks, random, priority, tenant), caller),
    idempotency: caller.key === null ? null : { key: caller.key, hash },
  };
}

/** As `readSubmission`, for POST /batches/<id>/tasks. */
export function readMoreTasks(body: unknown, random: Random, caller: Caller): Omit<BatchSubmission, 'batch'> {
  const { tasks, ...head } = objectIn(body);
  const parsed = moreTasksHead.safeParse(head);
  if (!parsed.success) throw new OrreryError('bad-request', { reason: describeIssues(parsed.error.issues) });
  return {
    tasks: traced(readTasks(tasks, random, parsed.data.priority, null), caller),
    idempotency: caller.key === null ? null : { key: caller.key, hash: hashOf(body) },
  };
}

/** All tasks of a request go on with its trace. */
function traced(specs: TaskSpec[], { traceparent }: Caller): TaskSpec[] {
  if (traceparent !== null) for (const spec of specs) spec.traceparent = traceparent;
  return specs;
}

/** Throws `bad-request`. */
export function readCaller(headers: IncomingHttpHeaders): Caller {
  const tenant = headers[TENANT_HEADER];
  const key = headers[IDEMPOTENCY_HEADER];
  if (tenant !== undefined && !tenantName.safeParse(tenant).success) {
    throw new OrreryError('bad-request', { reason: `${TENANT_HEADER} must be 1 to 64 letters, digits, or . _ : -` });
  }
  if (key !== undefined && (key.length === 0 || key.length > IDEMPOTENCY_KEY_LENGTH_MAX)) {
    const reason = `${IDEMPOTENCY_HEADER} must have 1 to ${IDEMPOTENCY_KEY_LENGTH_MAX} characters`;
    throw new OrreryError('bad-request', { reason });
  }
  const traceparent = headers[TRACEPARENT_HEADER];
  return {
    tenant: tenant === undefined ? null : String(tenant),
    key: key === undefined ? null : String(key),
    // One that is not valid is no reason to refuse a request: the trace begins here.
    traceparent: traceparent === undefined || readTraceparent(traceparent) === null ? null : String(traceparent),
  };
}

/** Ms that the client gives its request; undefined without the header. Throws `bad-request`. */
export function readDeadline(headers: IncomingHttpHeaders, waitMs: number | null): number | undefined {
  const given = headers[DEADLINE_HEADER];
  if (given === undefined) return undefined;
  const deadlineMs = Number(given);
  if (!/^\d{1,6}$/.test(String(given)) || deadlineMs > DEADLINE_MS_MAX) {
    throw new OrreryError('bad-request', { reason: `${DEADLINE_HEADER} must be 0 to ${DEADLINE_MS_MAX}, in ms` });
  }
  // A task that is only accepted is done in any case.
  if (waitMs === null) throw new OrreryError('bad-request', { reason: `${DEADLINE_HEADER} needs ?wait` });
  return deadlineMs;
}

function readTasks(tasks: unknown, random: Random, priority: number | undefined, tenant: string | null): TaskSpec[] {
  if (!Array.isArray(tasks) || tasks.length === 0 || tasks.length > BATCH_TASKS_MAX) {
    throw new OrreryError('bad-request', { reason: `tasks must be a list of 1 to ${BATCH_TASKS_MAX} tasks` });
  }
  return tasks.map((task: unknown, at) => {
    try {
      const spec = readTask(task, () => '', random);
      if (tenant !== null && spec.tenant !== undefined && spec.tenant !== tenant) {
        throw new OrreryError('bad-request', { reason: "its tenant is not the batch's" });
      }
      if (priority !== undefined) spec.priority ??= priority;
      return spec;
    } catch (error) {
      if (!(error instanceof OrreryError)) throw error;
      throw new OrreryError(error.code, {
        ...error.details,
        reason: `task ${at + 1}: ${error.details['reason'] ?? ''}`,
      });
    }
  });
}

function readTask(body: unknown, makeId: () => string, random: Random): TaskSpec {
  if (isBareExpression(body)) {
    checkCalculation(body.payload);
    return { id: makeId(), keyed: false, kind: 'calculator', form: 'expression', payload: body.payload };
  }
  const parsed = submitTaskBody.safeParse(body);
  if (!parsed.success) throw new OrreryError('bad-request', { reason: whatIsWrong(body) });
  const { data } = parsed;
  const form: TaskForm = 'kind' in data ? 'kind' : typeof data.payload === 'string' ? 'expression' : 'operation';
  const kind = 'kind' in data ? data.kind : 'calculator';
  const { task_id } = data;
  // Drawn from the id, so that the same task sent again is the same task.
  const draw = kind === 'fruit' && task_id !== undefined ? createRandom(task_id).next : random;
  const payload = readPayload(kind, data.payload, draw);
  const spec: TaskSpec = { id: task_id ?? makeId(), keyed: task_id !== undefined, kind, form, payload };
  if (data.tenant !== undefined) spec.tenant = data.tenant;
  if (data.priority !== undefined) spec.priority = data.priority;
  return spec;
}

/** `{"payload": text}`, by far the most common body, needs no schema. */
function isBareExpression(body: unknown): body is { payload: string } {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return false;
  for (const name in body) if (name !== 'payload') return false;
  return 'payload' in body && typeof body.payload === 'string';
}

function objectIn(body: unknown): Record<string, unknown> {
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return { ...body };
  throw new OrreryError('bad-request', { reason: 'the body must be a JSON object' });
}

/** Equal for bodies that are equal but for the order of fields. */
function hashOf(body: unknown): string {
  return createHash('sha256').update(canonical(body)).digest('base64url').slice(0, 22);
}

export type SubmitQuery = { waitMs: number | null; queue: boolean };

/**
 * A reader of `wait=5s&queue=false`, which throws `bad-request`. Clients repeat their queries: one that is the
 * same as the last is not read anew.
 */
export function createSubmitQueryReader(): (search: string) => SubmitQuery {
  let lastSearch = '';
  let lastQuery: SubmitQuery = { waitMs: null, queue: true };
  return (search) => {
    if (search === lastSearch) return lastQuery;
    const query = readSubmitQuery(new URLSearchParams(search));
    lastSearch = search;
    lastQuery = query;
    return query;
  };
}

function readSubmitQuery(query: URLSearchParams): SubmitQuery {
  const wait = query.get('wait');
  const queue = query.get('queue');
  if (queue !== null && queue !== 'true' && queue !== 'false') {
    throw new OrreryError('bad-request', { reason: 'queue must be true or false' });
  }
  return { waitMs: wait === null ? null : readWaitMs(wait), queue: queue !== 'false' };
}

/** `5s`, `250ms`. Throws `bad-request`. */
export function readWaitMs(wait: string): number {
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
    case 'weather':
      // Past GET /weather nothing would spare the source.
      if (TASK_PAYLOADS.weather.parse(payload).source === 'demo') return parsed.data;
      throw new OrreryError('bad-request', { reason: 'the public weather source is asked by GET /weather only' });
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
  const unknown = [...fields.keys()].find(
    (name) => !['payload', 'task_id', 'kind', 'tenant', 'priority'].includes(name),
  );
  if (unknown !== undefined) return `the field ${unknown} is not known`;
  const tenant = fields.get('tenant');
  if (tenant !== undefined && !tenantName.safeParse(tenant).success) return 'tenant is not a tenant name';
  const priority = fields.get('priority');
  if (
    priority !== undefined &&
    !(Number.isInteger(priority) && Number(priority) >= 0 && Number(priority) <= PRIORITY_MAX)
  ) {
    return `priority must be an integer from 0 to ${PRIORITY_MAX}`;
  }
  if (fields.has('kind')) return `kind must be one of ${Object.keys(TASK_PAYLOADS).join(', ')}`;
  if (typeof payload !== 'object' || payload === null)
    return 'payload must be an expression or {"operation","operands"}';
  if (id === undefined) return 'the operation form needs a task_id';
  return 'payload must be {"operation": text, "operands": 1 to 100 numbers}';
}
