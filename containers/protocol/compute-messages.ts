/**
 * What master and workers say to each other, as heads of frames. Workers are trusted only as far as
 * the cluster's secret: what they send is checked with the schemas below before a core sees it.
 *
 * Work is pushed, with credits: a worker's hello grants as many as its capacity, a task takes one, and
 * its `settled` result (or its lost lease) gives it back. So nothing ever waits inside a worker, and a
 * worker with room is sent the next task in the same turn in which its result arrives.
 *
 * The heartbeat interval is the master's to say: in the welcome, and in every reply to a heartbeat
 * (`heard`), which is how a change reaches workers that run.
 *
 *   worker → master   hello (info: WorkerInfo), heartbeat (+ holding), results → settled, warmed, leave
 *   master → worker   welcome (+ heartbeatIntervalMs), heard (+ heartbeatIntervalMs), tasks, cancel, stand-by, promote,
 *                     drain, dead
 */
import { z } from 'zod';
import { ERROR_LENGTH_MAX, RESULT_LENGTH_MAX, TASK_ID_LENGTH_MAX } from './compute-limits.ts';
import type { TaskKind } from './tasks.ts';

/** Fences a lease: of two leases of one task, only the newest counts. (Boot epoch of the master, running number.) */
export type Token = readonly [epoch: number, n: number];

export const tokenSchema = z.tuple([z.number().int().min(0), z.number().int().min(0)]).readonly();

/** `info` of a worker's hello. */
export const workerInfo = z.object({
  /** Tasks at once. */
  capacity: z.number().int().min(1).max(1_000),
  kinds: z.array(z.string().max(50)).max(100),
  /** `host:port` of its probe, for the question whether it still lives. */
  probe: z.string().max(300),
  /** What a master told it to be: a standby, or not; null while none has told it anything. */
  standby: z.boolean().nullable().default(null),
  /** Leases whose task or unreported result it still holds: it may have lost its connection, not its work. */
  holding: z.array(tokenSchema).max(2_000).default([]),
});
export type WorkerInfo = z.infer<typeof workerInfo>;

/** The heartbeat frame (kit/heartbeat-sender.ts) with what a worker adds; `holding` renews these leases. */
export const workerHeartbeat = z.object({
  t: z.literal('heartbeat'),
  incarnation: z.number(),
  seq: z.number().int().min(1),
  hlc: z.string().max(200),
  inFlight: z.number().int().min(0),
  eventLoopLagMs: z.number().min(0),
  rssBytes: z.number().min(0),
  holding: z.array(tokenSchema).max(2_000),
});
export type WorkerHeartbeat = z.infer<typeof workerHeartbeat>;

/** One task for a worker. The payload was checked by the master. */
export type TaskOrder = {
  task: string;
  kind: TaskKind;
  payload: unknown;
  token: Token;
  /** Its result is worth nothing after so many ms from now. */
  withinMs?: number;
  /** W3C trace context, whose parent is this attempt: the worker is to say when it began. */
  traceparent?: string;
};

/** `retry`: another attempt may end differently; a division by zero never does. */
export const taskOutcome = z.union([
  z.object({ ok: z.literal(true), result: z.union([z.string().max(RESULT_LENGTH_MAX), z.number(), z.null()]) }),
  z.object({ ok: z.literal(false), error: z.string().max(ERROR_LENGTH_MAX), retry: z.boolean() }),
]);
export type TaskOutcome = z.infer<typeof taskOutcome>;

export const taskResult = z.object({
  task: z.string().min(1).max(TASK_ID_LENGTH_MAX),
  token: tokenSchema,
  /** Time the worker spent on it, without any waiting, ms. */
  serviceMs: z.number().min(0),
  /** When it began, wall clock, ms; of orders with a trace. */
  startedAtMs: z.number().min(0).optional(),
  outcome: taskOutcome,
});
export type TaskResult = z.infer<typeof taskResult>;

/**
 * In a frame. It is sent again until it is settled; the reply, `settled`, comes when the outcomes are durable
 * (or refused). How the results, and the orders of `tasks`, lie in their frames: compute-frames.ts.
 */
export const RESULTS_MAX = 1_000;

/** In the order of the results. `stale`: the lease has passed on; the result is to be dropped. */
export type ResultVerdict = 'accepted' | 'stale';

export type MasterToWorker =
  | { t: 'tasks'; tasks: TaskOrder[] }
  /** These leases are over: stop the work and drop it. */
  | { t: 'cancel'; tokens: Token[] }
  /** Nothing new will come; finish what is in hand. */
  | { t: 'drain' }
  /** No work for now: warm up, and answer with a frame `warmed` (tookMs). */
  | { t: 'stand-by' }
  /** Work comes from now on. */
  | { t: 'promote' }
  /** This incarnation was declared dead: drop everything and come back as a new one. */
  | { t: 'dead'; incarnation: number };
