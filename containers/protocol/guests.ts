/**
 * Guests: programs of students that join the cluster by the protocols of the course, without our frames
 * and without its secret. The master's are workers (`webhook`, `pulling`), the headnode's are datanodes
 * (`socket`). No engine of ours runs them, so the panel shows them and cannot kill them.
 */
import { z } from 'zod';
import { RESULT_LENGTH_MAX } from './compute-limits.ts';
import type { Beat } from './stream.ts';
import type { OperationPayload, TaskView } from './tasks.ts';

export const GUEST_KINDS = ['webhook', 'pulling', 'socket'] as const;
export type GuestKind = (typeof GUEST_KINDS)[number];

/** Programs that only ask something of the master: no members, but diagnosed as well. */
export const CLIENT_KINDS = ['calculator', 'lines'] as const;
export type ClientKind = (typeof CLIENT_KINDS)[number];
/** What the panel's own calls say they are; nobody's program, so not diagnosed. */
export const PANEL_AGENT = 'orrery';

/** What a guest did, or what was done with it: codes for the live diagnosis, words are the window's. */
export const GUEST_STEPS = [
  // Webhook workers
  'register',
  'health',
  'give-id',
  'task-sent',
  'result',
  'forgotten',
  // Pulling workers and what belongs to them
  'order',
  'ask',
  'nothing-to-do',
  'silent',
  'command',
  'handed-over',
  // Sockets: clients and datanodes at the headnode
  'connected',
  'is-client',
  'is-datanode',
  'joined',
  'strange-word',
  'stored',
  'heartbeat',
  'left',
  'closed',
  // Clients of the calculator, and of line mode
  'submit',
  'outcome',
  'line',
  'quit',
] as const;
export type GuestStepCode = (typeof GUEST_STEPS)[number];

/**
 * One step of a guest. `ok` false: it was refused, or went wrong; `reason` says what was expected and what
 * came. `peer` is the address as it was seen: `ip:port`, or the webhook.
 */
export type GuestStep = {
  atMs: number;
  guest: GuestKind | ClientKind;
  /** Its name as a member; null when it is none (yet). */
  node: string | null;
  peer: string;
  step: GuestStepCode;
  ok: boolean;
  /** Code of the error (errors.ts). */
  code?: string;
  reason?: string;
  /** A call that there is not, and that was probably meant to be this one. */
  astray?: true;
  /** How often, of a step that came many times; once when absent. `atMs` is the last. */
  times?: number;
  /** The task that it is about. */
  task?: string;
  /** A message that was stored: its record, on which datanodes, and the address that its client was told. */
  record?: string;
  replicas?: string[];
  storedAt?: string;
};
/** At most so many a sample, the newest; `dropped` of the sample counts the others. */
export const GUEST_STEPS_PER_SAMPLE = 100;
/** Different steps of clients in a sample; the same of the same client are told as one. */
export const CLIENT_STEPS_PER_SAMPLE = 50;

/** What is to be expected between two signs of life, ms: a health check, a question (or a task), an `Alive`. */
export const GUEST_INTERVALS_MS: Record<GuestKind, number> = { webhook: 5_000, pulling: 10_000, socket: 4_000 };
/** Signs that come faster are no beats of their own. */
const BEAT_GAP_MS_MIN = 250;

/** A guest's sign of life as a beat; null so soon after the one before. */
export function guestBeat(
  { node, incarnation, inFlight }: { node: string; incarnation: number; inFlight: number },
  beforeMs: number | null,
  nowMs: number,
): Beat | null {
  const gapMs = beforeMs === null ? null : Math.round(nowMs - beforeMs);
  if (gapMs !== null && gapMs < BEAT_GAP_MS_MIN) return null;
  return { node, incarnation, seq: 0, atMs: Math.round(nowMs), gapMs, inFlight, eventLoopLagMs: null, rssBytes: null };
}

export const WEBHOOK_URL_LENGTH_MAX = 500;

/** Body of POST /register-slave. */
export const registerSlaveBody = z.object({ webhook_url: z.string().min(1).max(WEBHOOK_URL_LENGTH_MAX) });
export const registerSlaveAnswer = z.object({ message: z.string(), slave_id: z.string() });

/** Body of POST /complete-task/<id>. */
export const completeTaskBody = z.object({
  result: z.union([z.string().max(RESULT_LENGTH_MAX), z.number(), z.null()]),
});
/** Room for a result in which every character is escaped. */
export const COMPLETE_BYTES_MAX = 2 * 1024 * 1024;

/** What a webhook worker is sent by POST /receive-task. */
export type WebhookTask = Pick<TaskView, 'id' | 'status' | 'assigned_to' | 'created_at' | 'updated_at' | 'result'> & {
  payload: string | OperationPayload;
};

/** How orders of fruit are made: bounds of a task's time, whole seconds; `native`: workers of ours take them as well. */
export const orderSettings = z.strictObject({
  native: z.boolean(),
  secondsMin: z.number().int().min(0).max(60),
  secondsMax: z.number().int().min(0).max(60),
});
export type OrderSettings = z.infer<typeof orderSettings>;
export const ORDER_DEFAULTS: OrderSettings = { native: false, secondsMin: 4, secondsMax: 20 };
/** Body of POST /control/orders. */
export const orderSettingsBody = orderSettings.partial();
export type OrderChange = z.infer<typeof orderSettingsBody>;

/** Body of POST /create_task/. More fields are passed over, as the course's service does. */
export const ORDER_FRUITS_MAX = 1_000;
export const createTaskBody = z.array(z.object({ fruit: z.string().min(1).max(100) })).max(ORDER_FRUITS_MAX);
export const fruitList = z.array(z.object({ fruit: z.string() }));

const workerName = z.string().min(1).max(100);
/** Body of POST /send_task. */
export const sendTaskBody = z.object({ nom_worker: workerName });
export const sendTaskAnswer = z.object({ id: z.number().int(), fruit: z.string(), execution_time: z.number().int() });

const doneTask = z.object({
  id: z.number().int().min(1),
  fruit: z.string().max(100),
  execution_time: z.number(),
  nom_worker: workerName,
});
const fruitResult = z.string().max(10_000);
/** Body of POST /result, in either of its shapes. */
export const resultBody = z.union([
  z.object({ task: doneTask, result: fruitResult }),
  doneTask.extend({ result: fruitResult }),
]);
export const commandAnswer = z.object({ message: z.string(), preparation_time: z.number() });
export const messageAnswer = z.object({ message: z.string() });
