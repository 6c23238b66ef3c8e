/** The task API of the master: protocol A of the course, and what Orrery adds. */
import { z } from 'zod';

/** Task kinds with the schema of their payload; the code of each is one file in containers/worker/kinds. */
export const TASK_KINDS = ['calculator', 'echo', 'work', 'fruit'] as const;
export type TaskKind = (typeof TASK_KINDS)[number];

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
} as const satisfies Record<TaskKind, z.ZodType>;

const taskId = z.string().min(1).max(200);

/**
 * Body of POST /submit-task: an expression, the operation form with its own id, or any kind with its
 * payload. An id of the client's own makes it safe to send again: same id and body are the same task.
 */
export const submitTaskBody = z.union([
  z.strictObject({ payload: expression, task_id: taskId.optional() }),
  z.strictObject({ task_id: taskId, payload: operation }),
  z.strictObject({ kind: z.enum(TASK_KINDS), payload: z.unknown(), task_id: taskId.optional() }),
]);
export type SubmitTaskBody = z.infer<typeof submitTaskBody>;

export const WAIT_MS_MAX = 300_000;
/** `?wait=5s` (or `250ms`): answer 200 with the finished task, or 202 with it as it stands. */
export const waitQuery = z.string().regex(/^\d{1,6}(ms|s)$/, 'must be like 5s or 250ms');

export const TASK_STATUSES = ['pending', 'assigned', 'done', 'failed'] as const;
export type TaskStatus = (typeof TASK_STATUSES)[number];

export type SubmitTaskAnswer = { message: string; taskId: string };

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

export type TaskListAnswer = TaskView[];

/** `GET /slaves`: workers by id. Native workers have no webhook. */
export type SlavesAnswer = Record<string, { id: string; webhook: string | null; status: 'free' | 'busy' }>;
