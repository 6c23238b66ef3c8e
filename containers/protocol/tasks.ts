/** The task API of the master: protocol A of the course, and what Orrery adds. */
import { z } from 'zod';
import { weatherPayload } from './weather.ts';

/** Task kinds with the schema of their payload; the code of each is one file in containers/worker/kinds. */
export const TASK_KINDS = ['calculator', 'echo', 'work', 'fruit', 'weather'] as const;
export type TaskKind = (typeof TASK_KINDS)[number];
/** Doing one of these twice does no harm: it computes, or only looks. A piece of fruit cannot be cut twice. */
export const IDEMPOTENT_KINDS: ReadonlySet<TaskKind> = new Set(['calculator', 'echo', 'work', 'weather']);

/** Body of POST /submit-task. */
export const SUBMIT_BYTES_MAX = 64 * 1024;
export const ECHO_LENGTH_MAX = 32 * 1024;
export const TASKS_LIMIT_DEFAULT = 100;
export const TASKS_LIMIT_MAX = 1_000;

export const workPayload = z.strictObject({
  /** Service time: how long the task occupies its worker, ms. */
  serviceMs: z.number().min(0).max(60_000),
  distribution: z.enum(['constant', 'exponential', 'bimodal']).default('constant'),
  /** `sleep` leaves the processor alone; `cpu` burns it, in a thread. */
  as: z.enum(['sleep', 'cpu']).default('sleep'),
});

/** Any text; the answer is the same text. */
export const echoPayload = z.string().max(ECHO_LENGTH_MAX);

/** A piece of fruit to prepare; the service time is drawn at submission unless given, s. */
export const fruitPayload = z.strictObject({
  fruit: z.string().min(1).max(100),
  execution_time: z.number().min(0).max(60).optional(),
});

/** What the calculator refuses beyond its shape is said by its parser (containers/algorithms/expression.ts). */
const expression = z.string();
const operation = z.strictObject({
  operation: z.string().min(1).max(50),
  operands: z.array(z.number()).min(1).max(100),
});

export const calculatorPayload = z.union([expression, operation]);
export type OperationPayload = z.infer<typeof operation>;
export type WorkPayload = z.infer<typeof workPayload>;
export type FruitPayload = z.infer<typeof fruitPayload>;

/** The payload of each kind, checked at submission. */
export const TASK_PAYLOADS = {
  calculator: calculatorPayload,
  echo: echoPayload,
  work: workPayload,
  fruit: fruitPayload,
  weather: weatherPayload,
} as const satisfies Record<TaskKind, z.ZodType>;

const taskId = z.string().min(1).max(200);

export const DEFAULT_TENANT = 'default';
/** Whose task it is: tenants share the workers fairly. Field `tenant`, or the header of this name. */
export const TENANT_HEADER = 'orrery-tenant';
export const tenantName = z.string().regex(/^[\w.:-]{1,64}$/, 'must be 1 to 64 letters, digits, or . _ : -');
/** Within a tenant a higher priority goes first, always. */
export const PRIORITY_MAX = 9;
const priority = z.number().int().min(0).max(PRIORITY_MAX);
const share = { tenant: tenantName.optional(), priority: priority.optional() };

/**
 * Body of POST /submit-task: an expression, the operation form with its own id, or any kind with its
 * payload. An id of the client's own makes it safe to send again: same id and body are the same task.
 * Without one, the header `Idempotency-Key` does the same.
 */
export const submitTaskBody = z.union([
  z.strictObject({ payload: expression, task_id: taskId.optional(), ...share }),
  z.strictObject({ task_id: taskId, payload: operation, ...share }),
  z.strictObject({ kind: z.enum(TASK_KINDS), payload: z.unknown(), task_id: taskId.optional(), ...share }),
]);

/** `Idempotency-Key: <text>`: the same key and body within 24 h are the same task or batch; another body is a 409. */
export const IDEMPOTENCY_HEADER = 'idempotency-key';
export const IDEMPOTENCY_KEY_LENGTH_MAX = 200;

export const BATCH_TASKS_MAX = 1_000;
export const BATCH_BYTES_MAX = 8 * 1024 * 1024;
const batchTasks = z.array(submitTaskBody).min(1).max(BATCH_TASKS_MAX);

/**
 * Body of POST /tasks/batch. All of it is accepted, or nothing. `tenant` and `priority` hold for all
 * tasks that say nothing else (a task's tenant is its batch's). `sealed` false: more may come
 * (POST /batches/<id>/tasks) until POST /batches/<id>/seal; only a sealed batch can be complete.
 * A task without an id of its own gets `<batch>.<n>`.
 */
export const batchBody = z.strictObject({
  batch_id: taskId.optional(),
  name: z.string().max(200).optional(),
  sealed: z.boolean().default(true),
  ...share,
  tasks: batchTasks,
});
/** Body of POST /batches/<id>/tasks. */
export const moreTasksBody = z.strictObject({ priority: priority.optional(), tasks: batchTasks });

/** Which tasks, in GET /tasks and in a redrive. `search` is looked for in id, payload, result and error. */
export const taskFilter = z.strictObject({
  search: z.string().min(1).max(200).optional(),
  kind: z.enum(TASK_KINDS).optional(),
  worker: z.string().min(1).max(100).optional(),
  batch: taskId.optional(),
  tenant: tenantName.optional(),
});
export type TaskFilter = z.infer<typeof taskFilter>;

export const REDRIVE_MAX = 1_000;
export const REDRIVE_SAMPLE = 10;

/**
 * Body of POST /tasks/redrive: failed tasks, by id or by filter ({} is all of them), are to be tried
 * anew. With `preview` nothing happens, the answer only says what would. At most 1,000 a call.
 */
export const redriveBody = z.union([
  z.strictObject({ ids: z.array(taskId).min(1).max(REDRIVE_MAX), preview: z.boolean().default(false) }),
  z.strictObject({ filter: taskFilter, preview: z.boolean().default(false) }),
]);

export type RedriveAnswer = {
  preview: boolean;
  /** Tasks that are (or would be) tried anew by this call. */
  count: number;
  /** Failed tasks that match and are left for the next call. */
  remaining: number;
  /** Asked for by id, but not failed (or not known). */
  skipped: string[];
  /** The first few of them, as they were. */
  sample: TaskView[];
};

export const WAIT_MS_MAX = 300_000;
/** `?wait=5s` (or `250ms`): answer 200 with the finished task, or 202 with it as it stands. */
export const waitQuery = z.string().regex(/^\d{1,6}(ms|s)$/, 'must be like 5s or 250ms');

export const TASK_STATUSES = ['pending', 'assigned', 'done', 'failed'] as const;
export type TaskStatus = (typeof TASK_STATUSES)[number];

/** Dead letters are the failed ones: `status=dead` in a query means the same. */
export const STATUS_FILTERS = [...TASK_STATUSES, 'dead'] as const;

export type SubmitTaskAnswer = { message: string; taskId: string };

/** `ids` in the order of the tasks. When a batch is sent again, those that are still known. */
export type BatchAnswer = { batch: BatchView; ids: string[] };

/** `handed-over`: an order that an external master fetched and finishes itself. */
export type BatchState = 'open' | 'running' | 'complete' | 'partial' | 'handed-over';
/** What was said of an order of fruit: nothing yet, that the salad is ready, or all of it to an external master. */
export type OrderState = 'open' | 'announced' | 'handed-over';

/** `done + failed` of `total` is the progress. `partial`: ended with failed tasks in it. */
export type BatchView = {
  id: string;
  name: string | null;
  tenant: string;
  state: BatchState;
  sealed: boolean;
  total: number;
  done: number;
  failed: number;
  /** How often it has come to its end: more than once only after a redrive. */
  round: number;
  created_at: string;
  ended_at: string | null;
  took_ms: number | null;
  /** Absent: it is no order of fruit. */
  order?: OrderState;
};

/**
 * A batch came to its end. Made durable together with the result that ended it, so there is exactly one
 * for each round of a batch. `number` runs from 1 without gaps: who reads GET /batch-events?after=<number>
 * misses none and can tell a repetition.
 */
export type BatchEvent = {
  number: number;
  batch: string;
  round: number;
  state: 'complete' | 'partial';
  total: number;
  done: number;
  failed: number;
  atMs: number;
};

/** One thing that happened to a task; times as in TaskView. */
export type TaskHappening =
  | { what: 'queued'; at: string }
  | { what: 'leased'; at: string; attempt: number; worker: string; token: string }
  | { what: 'retried'; at: string; reason: string; not_before: string }
  | { what: 'done'; at: string; result: string | number | null }
  | { what: 'failed'; at: string; reason: string | null }
  | { what: 'redriven'; at: string };

/** `GET /tasks/<id>/attempts`, oldest first; of very many only the latest are kept. */
export type AttemptsAnswer = { task: string; status: TaskStatus; attempts: number; history: TaskHappening[] };

/** `GET /tenants`. `done` and `failed` since the master's start. */
export type TenantView = {
  tenant: string;
  weight: number;
  waiting: number;
  in_flight: number;
  done: number;
  failed: number;
};

/** A task as `GET /tasks` lists it (the course's shape) with Orrery's additions last. */
export type TaskView = {
  id: string;
  payload: unknown;
  status: TaskStatus;
  /** The worker that has it, or that finished it. */
  assigned_to: string | null;
  created_at: string;
  updated_at: string;
  result: string | number | null;
  kind: TaskKind;
  error: string | null;
  attempts: number;
  /** From acceptance to the final outcome, ms; null while it runs. */
  took_ms: number | null;
  tenant: string;
  priority: number;
  batch: string | null;
};

/** The same task as `GET /tasks/<id>` shows it when it was submitted in operation form. */
export type OperationTaskView = {
  task_id: string;
  result: string | number | null;
  status: 'pending' | 'assigned' | 'completed' | 'failed';
  assigned_to: string | null;
  error: string | null;
  attempts: number;
  took_ms: number | null;
};

/** `GET /slaves`: workers by id. Native workers have no webhook. */
export type SlavesAnswer = Record<string, { id: string; webhook: string | null; status: 'free' | 'busy' }>;
