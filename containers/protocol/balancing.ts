/** Which worker gets a request: the policies, what can be set about them, and how a choice is told. */
import { z } from 'zod';

/**
 * `pull`: all wait in one line, and a worker with room takes the next. The others choose a worker as soon as
 * a request comes, and it waits (in the master) for that worker alone.
 */
export const BALANCER_POLICIES = ['pull', 'least-outstanding', 'peak-ewma', 'p2c', 'round-robin', 'random'] as const;
export type BalancerPolicy = (typeof BALANCER_POLICIES)[number];

/**
 * Whom an overloaded master refuses: only requests that came with a deadline (who waits without one is told the
 * task as it stands, and loses nothing), or all that wait.
 */
export const SHEDDING = ['with-deadline', 'all'] as const;

/** POST /control/balancer; what is left out stays as it is. */
export const balancerBody = z.strictObject({
  policy: z.enum(BALANCER_POLICIES).optional(),
  shed: z.enum(SHEDDING).optional(),
});
export type BalancerChange = z.infer<typeof balancerBody>;

/** All that can be set. */
export type BalancerParameters = {
  policy: BalancerPolicy;
  shed: (typeof SHEDDING)[number];
};

/** `Orrery-Deadline-Ms: <n>`, with `?wait`: after so many ms the answer is worth nothing to the client. */
export const DEADLINE_HEADER = 'orrery-deadline-ms';
export const DEADLINE_MS_MAX = 300_000;

/** What kept a worker out of a choice. `tried`: it failed this very request. */
export type Exclusion =
  'joining' | 'suspect' | 'standby' | 'draining' | 'no-link' | 'kind' | 'ejected' | 'tried' | 'full';

export const WHY_CANDIDATES_MAX = 16;

/** Why a request went where it went: the workers as they were at that moment. */
export type Why = {
  policy: BalancerPolicy;
  /**
   * `only-one`: nobody else could have it. `preferred`: its kind of worker goes first. `other-worker`: a retry.
   * Otherwise what the policy looks for: the quickest with room, the fewest tasks, the lowest expected time, the
   * better of two drawn, whose turn it is, chance.
   */
  reason:
    | 'only-one'
    | 'preferred'
    | 'other-worker'
    | 'quickest-free'
    | 'fewest'
    | 'lowest-time'
    | 'better-of-two'
    | 'turn'
    | 'chance';
  worker: string;
  /** At most WHY_CANDIDATES_MAX, the chosen one first. `inFlight` with what waits for it alone. */
  candidates: { node: string; inFlight: number; ewmaMs: number | null; excluded?: Exclusion }[];
};
