/** What the balancer keeps besides the workers' records; all of it begins anew with the process. */
import { Explanations } from './explanations.ts';
import { QueueDelay } from './queue-delay.ts';
import { RetryBudget } from './retry-budget.ts';

export type BalancingState = {
  explanations: Explanations;
  budget: RetryBudget;
  delay: QueueDelay;
  /** Tasks a millisecond that the workers get through, as of the last tick; null while that is not known. */
  ratePerMs: number | null;
  /** No worker is put aside after this. */
  ejectionsUntilMs: number;
};

export function createBalancing(): BalancingState {
  return {
    explanations: new Explanations(),
    budget: new RetryBudget(),
    delay: new QueueDelay(),
    ratePerMs: null,
    ejectionsUntilMs: 0,
  };
}

const RETRY_AFTER_S_MAX = 30;

/** How long `waiting` tasks take to get out of the way, ms; null when that is not known. */
export function waitOf(waiting: number, { ratePerMs }: BalancingState): number | null {
  return ratePerMs === null ? null : waiting / ratePerMs;
}

/** When it is worth to come again, s. */
export function retryAfterS(waiting: number, state: BalancingState): number {
  return Math.min(RETRY_AFTER_S_MAX, Math.max(1, Math.ceil((waitOf(waiting, state) ?? 0) / 1_000)));
}
