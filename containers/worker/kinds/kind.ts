import type { TaskOutcome } from '../../protocol/compute-messages.ts';
import type { Random } from '../../protocol/step.ts';

/** What a kind may use besides its payload. */
export type KindContext = {
  task: string;
  random: Random;
  /** Wall clock. */
  nowMs(): number;
  /** Base URLs of the weather services. */
  weather: { geocoding: string; forecast: string };
  /** Aborted when the lease is over: the outcome no longer matters, stop using resources. */
  signal: AbortSignal;
  sleep(durationMs: number, signal: AbortSignal): Promise<void>;
  /** Keeps one processor busy for that long, in a thread, so that heartbeats go on. */
  burn(durationMs: number, signal: AbortSignal): Promise<void>;
};

/**
 * Runs one task. The payload passed the kind's schema in protocol/tasks.ts. A failure that another
 * attempt would repeat has `retry: false`; what is thrown counts as worth a retry.
 */
export type RunKind<Payload> = (payload: Payload, context: KindContext) => TaskOutcome | Promise<TaskOutcome>;
