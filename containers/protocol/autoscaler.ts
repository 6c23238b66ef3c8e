/** The autoscaler: its parameters, what it looks at, what it decides, and how it stands. */
import { z } from 'zod';

/**
 * `erlang-c`: as many workers as the queue M/M/n needs for 95 % within the threshold (ours). For comparison:
 * `fixed` holds the minimum; `grow` adds one whenever p95 passes the threshold; `grow-shrink` also removes one
 * when p95 stays below three quarters of it; `threshold` is one up, one down by p95 every ten seconds, without a standby.
 */
export const SCALING_POLICIES = ['erlang-c', 'fixed', 'grow', 'grow-shrink', 'threshold'] as const;
export type ScalingPolicy = (typeof SCALING_POLICIES)[number];

export const THRESHOLD_MS_MIN = 10;
export const THRESHOLD_MS_MAX = 60_000;
export const SCALED_WORKERS_MAX = 500;
export const STANDBY_MAX = 20;
export const SHRINK_AFTER_MS_MIN = 2_000;
export const SHRINK_AFTER_MS_MAX = 3_600_000;

/** POST /control/autoscaler: what is left out stays as it is. */
export const autoscalerBody = z.strictObject({
  enabled: z.boolean().optional(),
  policy: z.enum(SCALING_POLICIES).optional(),
  /**
   * 95 % of the synchronous requests are to be answered within this. It is the threshold of the balancer too, also
   * while the autoscaler is off: requests that wait a fifth of it, all of the time, are an overload.
   */
  thresholdMs: z.number().int().min(THRESHOLD_MS_MIN).max(THRESHOLD_MS_MAX).optional(),
  /** Workers that take work, at least and at most. */
  minimum: z.number().int().min(1).max(SCALED_WORKERS_MAX).optional(),
  maximum: z.number().int().min(1).max(SCALED_WORKERS_MAX).optional(),
  /** Workers that run, warmed up, without work. */
  standby: z.number().int().min(0).max(STANDBY_MAX).optional(),
  /** Workers are removed when none of so long a time needed them. */
  shrinkAfterMs: z.number().int().min(SHRINK_AFTER_MS_MIN).max(SHRINK_AFTER_MS_MAX).optional(),
});
export type AutoscalerChange = z.infer<typeof autoscalerBody>;
export type AutoscalerSettings = Required<{ [Name in keyof AutoscalerChange]: NonNullable<AutoscalerChange[Name]> }>;

/** Off at first start. The master and the others of the cluster need processors too. */
export function autoscalerDefaults(processors: number): AutoscalerSettings {
  const maximum = Math.max(3, processors - 2);
  return {
    enabled: false,
    policy: 'erlang-c',
    thresholdMs: 500,
    minimum: 1,
    maximum,
    standby: 1,
    // Half of what ALGORITHMS.md starts from: a container is there within half a second, so a worker too few is
    // soon mended, and one too many costs all the time (bench/README.md, elastic).
    shrinkAfterMs: 30_000,
  };
}

/** How many standbys there shall be: policies that the course begins with have none. */
export function standbyTarget({ enabled, policy, standby }: AutoscalerSettings): number {
  return enabled && policy !== 'fixed' && policy !== 'threshold' ? standby : 0;
}

/**
 * Rules and verdicts.
 *
 * - `enough`: nothing to change. `learning`: too few requests to know service times.
 * - `needs-more`: the arrivals need more workers. `trend`: those of the last minute do. `backlog`: the queue
 *   would take too long. `late`: p95 is above the threshold though the model sees enough.
 * - `spare`: fewer have been enough for the whole time. `minimum`, `maximum`: the bounds were moved.
 * - `at-maximum`: more are needed than may be. `unachievable`: the service alone is slower than the threshold.
 *   `contention`: service times rise with the number of workers, so more of them would not help.
 *   `unwatched`: fewer would do, but no panel is there to remove and to start workers.
 * - `above`, `below`: p95 against the threshold, for the comparison policies. `fixed`: it never changes.
 */
export const SCALING_VERDICTS = [
  'enough',
  'learning',
  'needs-more',
  'trend',
  'backlog',
  'late',
  'spare',
  'minimum',
  'maximum',
  'at-maximum',
  'unachievable',
  'contention',
  'unwatched',
  'above',
  'below',
  'fixed',
] as const;
export type ScalingVerdict = (typeof SCALING_VERDICTS)[number];

/** What a decision looked at. Rates are arrivals/s of synchronous requests over 2, 6 and 60 s. */
export type ScalingFacts = {
  active: number;
  standby: number;
  rate2: number;
  rate6: number;
  rate60: number;
  /** How long a request occupies a worker: mean, ms, and squared coefficient of variation; null while unknown. */
  serviceMs: number | null;
  serviceCv2: number | null;
  queued: number;
  /** Of the request that has waited longest, ms. */
  waitMs: number;
  /** Of the last 10 s, ms. */
  p95Ms: number | null;
  /** Workers that the rule asks for; null when it cannot tell. */
  need: number | null;
};

/** What would trigger the next change. */
export type NextTrigger = {
  /** More workers from this many arrivals/s; null when no rate does it, or the rule does not look at rates. */
  growAtRate: number | null;
  /** Fewer workers, so many, if nothing changes, in so long; null when none are to spare. */
  shrinkTo: number | null;
  shrinkInMs: number | null;
};

/** A decision that changes something, or that says why nothing can be changed. `from`, `to`: workers that take work. */
export type ScalingDecision = {
  number: number;
  policy: ScalingPolicy;
  thresholdMs: number;
  verdict: ScalingVerdict;
  from: number;
  to: number;
  facts: ScalingFacts;
  next: NextTrigger;
};

/** How the autoscaler stands, in every sample of the master. */
export type AutoscalerPicture = {
  settings: AutoscalerSettings;
  /** Workers that shall take work. */
  desired: number;
  /** Workers that there shall be, standbys included; the panel starts what is missing. */
  wanted: number;
  active: number;
  standby: number;
  draining: number;
  verdict: ScalingVerdict;
  facts: ScalingFacts;
  next: NextTrigger;
};
