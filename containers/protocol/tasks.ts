/** The task API of the master: protocol A of the course, and what Orrery adds. */
import { z } from 'zod';

/** Task kinds with the schema of their payload; the code of each is one file in containers/worker/kinds. */
export const TASK_KINDS = ['calculator', 'echo', 'work', 'fruit'] as const;
export type TaskKind = (typeof TASK_KINDS)[number];

export const EXPRESSION_LENGTH_MAX = 1_000;

export const workPayload = z.strictObject({
  /** Service time: how long the task occupies its worker, ms. */
  serviceMs: z.number().min(0).max(60_000),
  distribution: z.enum(['constant', 'exponential', 'bimodal']).default('constant'),
  /** `sleep` leaves the processor alone; `cpu` burns it, in a thread. */
  as: z.enum(['sleep', 'cpu']).default('sleep'),
});

const expression = z.string().min(1).max(EXPRESSION_LENGTH_MAX);
const operation = z.strictObject({
  operation: z.string().min(1).max(50),
  operands: z.array(z.number()).min(1).max(100),
});

/** Body of POST /submit-task: an expression, the operation form with its own id, or any kind. */
export const submitTaskBody = z.union([
  z.strictObject({ payload: expression }),
  z.strictObject({ task_id: z.string().min(1).max(200), payload: operation }),
  z.strictObject({ kind: z.enum(TASK_KINDS), payload: z.unknown(), task_id: z.string().min(1).max(200).optional() }),
]);
export type SubmitTaskBody = z.infer<typeof submitTaskBody>;

/** `?wait=5s` (or `250ms`): answer 200 with the finished task, or 202 with it as it stands. */
export const waitQuery = z.string().regex(/^\d{1,6}(ms|s)$/, 'must be like 5s or 250ms');

/** A task as `GET /tasks` lists it (the course's shape) with Orrery's additions last. */
export type TaskView = {
  id: string;
  payload: unknown;
  status: 'pending' | 'assigned' | 'done' | 'failed';
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
