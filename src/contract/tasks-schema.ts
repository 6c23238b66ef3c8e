/** Inputs of the calls about tasks: which of them, and a batch to submit. */
import { z } from 'zod';
import {
  BATCH_TASKS_MAX,
  redriveBody,
  STATUS_FILTERS,
  TASK_KINDS,
  taskFilter,
  TASKS_LIMIT_MAX,
} from '../../containers/protocol/tasks.ts';

const taskId = z.string().min(1).max(200);

/** A page of tasks, newest first. `after` is the last id of the page before. */
export const taskSearch = z.strictObject({
  ...taskFilter.shape,
  status: z.enum(STATUS_FILTERS).optional(),
  after: taskId.nullable(),
  limit: z.number().int().min(1).max(TASKS_LIMIT_MAX),
});
export type TaskSearch = z.infer<typeof taskSearch>;

export const taskQuestion = z.strictObject({ id: taskId });

/** Failed tasks to be tried anew; with `preview` only which they would be. */
export const taskRedrive = redriveBody;
export type TaskRedrive = z.infer<typeof taskRedrive>;

export const batchQuery = z.strictObject({ limit: z.number().int().min(1).max(1_000) });

/** Tasks of one kind as a batch. Sent again under the same `id`, it is the same batch. */
export const batchOrder = z.strictObject({
  id: taskId,
  name: z.string().max(200).nullable(),
  kind: z.enum(TASK_KINDS),
  payloads: z.array(z.unknown()).min(1).max(BATCH_TASKS_MAX),
});
export type BatchOrder = z.infer<typeof batchOrder>;
