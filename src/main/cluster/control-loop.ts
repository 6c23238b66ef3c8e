/**
 * Runs the plan: after every change (coalesced), and when the plan itself asks to be woken. What
 * changed is never acted upon where it is noticed.
 */
import type { Action, Plan } from '../../core/plan.ts';

export type ControlLoop = {
  /** Something changed: decide again, soon. */
  wake(): void;
  /** No more decisions. What is under way goes on. */
  stop(): void;
};

/** `perform` begins an action and returns at once. */
export function createControlLoop(options: {
  plan(): Plan;
  perform(action: Action): void;
  nowMs(): number;
}): ControlLoop {
  let scheduled: NodeJS.Immediate | null = null;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  function decide(): void {
    scheduled = null;
    clearTimeout(timer);
    if (stopped) return;
    const { actions, wakeAtMs } = options.plan();
    for (const action of actions) options.perform(action);
    if (wakeAtMs !== null) timer = setTimeout(wake, Math.max(1, wakeAtMs - options.nowMs()));
  }

  function wake(): void {
    if (!stopped) scheduled ??= setImmediate(decide);
  }

  return {
    wake,
    stop() {
      stopped = true;
      clearTimeout(timer);
      if (scheduled !== null) clearImmediate(scheduled);
    },
  };
}
