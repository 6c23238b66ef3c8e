/** What a load test does: its target, how requests arrive, for how long, and what must hold. */

/** Rates are requests a second. All but `constant` (evenly spaced) arrive at random, as a Poisson process. */
export type LoadShape =
  | { kind: 'constant' }
  | { kind: 'poisson' }
  /** The base rate, then each rate from its time on. */
  | { kind: 'step'; steps: { atMs: number; rate: number }[] }
  /** From the base rate to `toRate` over the whole duration, in a straight line. */
  | { kind: 'ramp'; toRate: number }
  | { kind: 'spike'; rate: number; atMs: number; forMs: number }
  /** Around the base rate; never below zero. */
  | { kind: 'sine'; amplitude: number; periodMs: number };

/**
 * `open`: requests arrive as in life, whether or not others were answered. `closed`: each of `users`
 * waits for its answer, thinks, and sends again, so that a slow server slows its own test down.
 */
export type LoadLoop =
  { kind: 'open'; rate: number; shape: LoadShape } | { kind: 'closed'; users: number; thinkMs: number };

export type Work = { serviceMs: number; distribution: 'constant' | 'exponential' | 'bimodal' };

export type LoadTarget =
  /** A task of the running cluster, answered with its result; a calculation unless `work` says how long it takes. */
  | { kind: 'sync'; work: Work | null }
  /** A task, answered as soon as it is durable in the queue. */
  | { kind: 'durable'; work: Work | null }
  /** A record written or read, its key drawn from `load/0` to `load/<keys − 1>`. */
  | { kind: 'record'; action: 'put' | 'get'; keys: number; valueBytes: number }
  | { kind: 'http'; method: string; url: string; headers: Record<string, string>; body: string | null };

/** What must hold. Requests that failed or were not sent count as slower than any limit. */
export type Threshold =
  { metric: 'latency'; quantile: number; limitMs: number } | { metric: 'errors'; limitShare: number };

export type LoadPlan = {
  target: LoadTarget;
  loop: LoadLoop;
  /** Measured; the warm-up comes before it. Times in shapes count from its start. */
  durationMs: number;
  /** Sent like the beginning of the run, and left out of every figure. */
  warmupMs: number;
  timeoutMs: number;
  /** More requests under way than this are not sent but counted as such. */
  inFlightMax: number;
  /** Ends the run after so many requests; null: the duration does. */
  requestsMax: number | null;
  seed: string;
  thresholds: Threshold[];
  /** The guided experiment that it belongs to (freeze-experiment.ts). */
  experiment?: 'freeze';
};

export const PLAN_LIMITS = {
  rateMax: 100_000,
  usersMax: 5_000,
  durationMsMin: 100,
  durationMsMax: 24 * 3_600_000,
  timeoutMsMax: 60_000,
  inFlightMax: 20_000,
  thresholdsMax: 10,
} as const;

export const PLAN_DEFAULTS = {
  target: { kind: 'sync', work: null },
  loop: { kind: 'open', rate: 100, shape: { kind: 'poisson' } },
  durationMs: 60_000,
  timeoutMs: 10_000,
  inFlightMax: 4_000,
  requestsMax: null,
} as const satisfies Partial<LoadPlan>;

/** The warm-up of a duration unless told otherwise: a sixth of it in whole seconds, at most ten. */
export function defaultWarmupMs(durationMs: number): number {
  return Math.min(10, Math.floor(durationMs / 6_000)) * 1_000;
}

/** A plan with everything left out filled in. */
export function completePlan(given: Partial<LoadPlan> & { seed: string }): LoadPlan {
  const durationMs = given.durationMs ?? PLAN_DEFAULTS.durationMs;
  return { ...PLAN_DEFAULTS, warmupMs: defaultWarmupMs(durationMs), thresholds: [], ...given, durationMs };
}
