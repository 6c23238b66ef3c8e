/** The panel's questions to the master about tasks and batches, and its word about what can be set there. */
import type { OrderChange, OrderSettings } from '../../../containers/protocol/guests.ts';
import type { BalancerChange, BalancerParameters } from '../../../containers/protocol/balancing.ts';
import type { AutoscalerChange, AutoscalerPicture } from '../../../containers/protocol/autoscaler.ts';
import type { DetectorChange, LineSettings } from '../../../containers/protocol/control.ts';
import type { DetectorParameters } from '../../../containers/protocol/stream.ts';
import type {
  AttemptsAnswer,
  BatchAnswer,
  BatchView,
  RedriveAnswer,
  TaskView,
} from '../../../containers/protocol/tasks.ts';
import type { BatchOrder, TaskRedrive, TaskSearch } from '../../contract/tasks-schema.ts';
import { callNode, jsonOf } from './node-http.ts';

const READ_TIMEOUT_MS = 10_000;
/** A thousand tasks are made durable before the answer. */
const WRITE_TIMEOUT_MS = 30_000;
const JSON_BODY = { 'Content-Type': 'application/json' };

async function read(master: string, path: string): Promise<unknown> {
  return jsonOf(await callNode({ method: 'GET', base: master, path, timeoutMs: READ_TIMEOUT_MS }));
}

async function write(
  master: string,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<unknown> {
  const call = { method: 'POST' as const, base: master, path, headers: { ...JSON_BODY, ...headers } };
  return jsonOf(await callNode({ ...call, body: JSON.stringify(body), timeoutMs: WRITE_TIMEOUT_MS }));
}

/** A page of the tasks that match, newest first. Rejects with `not-found` when `after` is not known any more. */
export async function searchTasks(master: string, query: TaskSearch): Promise<TaskView[]> {
  const asked = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== null && value !== undefined) asked.set(name, String(value));
  return (await read(master, `/tasks?${asked.toString()}`)) as TaskView[];
}

/** What happened to a task, oldest first. */
export async function attemptsOfTask(master: string, id: string): Promise<AttemptsAnswer> {
  return (await read(master, `/tasks/${encodeURIComponent(id)}/attempts`)) as AttemptsAnswer;
}

export async function redriveTasks(master: string, which: TaskRedrive): Promise<RedriveAnswer> {
  return (await write(master, '/tasks/redrive', which)) as RedriveAnswer;
}

/** The newest batches first. */
export async function listBatches(master: string, limit: number): Promise<BatchView[]> {
  return (await read(master, `/batches?limit=${limit}`)) as BatchView[];
}

/** Resolves when all of the batch is durable. */
export async function submitBatch(master: string, { id, name, kind, payloads }: BatchOrder): Promise<BatchView> {
  const tasks = payloads.map((payload) => ({ kind, payload }));
  const body = { batch_id: id, tasks, ...(name === null ? {} : { name }) };
  return ((await write(master, '/tasks/batch', body)) as BatchAnswer).batch;
}

/** Changes what is named; answers with how the autoscaler stands then. */
export async function setAutoscaler(
  master: string,
  secret: string,
  change: AutoscalerChange,
): Promise<AutoscalerPicture> {
  return (await control(master, secret, '/control/autoscaler', change)) as AutoscalerPicture;
}

/** Changes what is named; answers with all parameters as they are then. */
export async function setDetector(
  monitor: string,
  secret: string,
  change: DetectorChange,
): Promise<DetectorParameters> {
  return (await control(monitor, secret, '/control/detector', change)) as DetectorParameters;
}

/** As `setDetector`. */
export async function setBalancer(master: string, secret: string, change: BalancerChange): Promise<BalancerParameters> {
  return (await control(master, secret, '/control/balancer', change)) as BalancerParameters;
}

/** As `setDetector`. */
export async function setOrders(master: string, secret: string, change: OrderChange): Promise<OrderSettings> {
  return (await control(master, secret, '/control/orders', change)) as OrderSettings;
}

/** As `setDetector`. */
export async function setLines(master: string, secret: string, lines: LineSettings): Promise<LineSettings> {
  return (await control(master, secret, '/control/lines', lines)) as LineSettings;
}

async function control(master: string, secret: string, path: string, body: unknown): Promise<unknown> {
  return write(master, path, body, { Authorization: `Bearer ${secret}` });
}
