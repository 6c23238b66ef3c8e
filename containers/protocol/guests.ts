/**
 * Guests: programs of students that join the cluster by the protocols of the course, without our frames
 * and without its secret. The master's are workers (`webhook`, `pulling`), the headnode's are datanodes
 * (`socket`). No engine of ours runs them, so the panel shows them and cannot kill them.
 */
import { z } from 'zod';
import { RESULT_LENGTH_MAX } from './compute-limits.ts';
import type { OperationPayload, TaskView } from './tasks.ts';

export const GUEST_KINDS = ['webhook', 'pulling', 'socket'] as const;
export type GuestKind = (typeof GUEST_KINDS)[number];

/** What a guest did, or what was done with it: codes for the live diagnosis, words are the window's. */
export const GUEST_STEPS = [
  // Webhook workers
  'register',
  'health',
  'give-id',
  'task-sent',
  'result',
  'forgotten',
] as const;
export type GuestStepCode = (typeof GUEST_STEPS)[number];

/**
 * One step of a guest. `ok` false: it was refused, or went wrong; `reason` says what was expected and what
 * came. `peer` is the address as it was seen: `ip:port`, or the webhook.
 */
export type GuestStep = {
  atMs: number;
  guest: GuestKind;
  /** Its name as a member; null when it is none (yet). */
  node: string | null;
  peer: string;
  step: GuestStepCode;
  ok: boolean;
  /** Code of the error (errors.ts). */
  code?: string;
  reason?: string;
  /** The task that it is about. */
  task?: string;
};
/** At most so many a sample, the newest; `dropped` of the sample counts the others. */
export const GUEST_STEPS_PER_SAMPLE = 100;

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
