/** What a seeded scenario is to its runner, and what it hands back. */
import type { Fault } from './faults.ts';
import { Violation } from './world.ts';

export type RunOptions = {
  seed: number;
  /** Length of the phase with faults, virtual; the liveness phase comes on top. */
  seconds: number;
  /** Name of a deliberate fault in a core, or null for an honest run. */
  sabotage: string | null;
  /** Instead of the faults that the seed would draw. */
  faults: readonly Fault[] | null;
  trace: ((line: string) => void) | null;
};

export type RunResult = {
  seed: number;
  hash: string;
  events: number;
  messages: number;
  virtualMs: number;
  violation: Violation | null;
  /** What was done and how often, so that a run that tested nothing is seen. */
  counts: Record<string, number>;
  faults: readonly Fault[];
};

export type Scenario = {
  name: string;
  /** Broken variants by name, with what each breaks. */
  sabotages: Readonly<Record<string, string>>;
  run(options: RunOptions): RunResult;
};

/** Runs `body`; what it throws becomes a violation. A core that throws has broken its word, too. */
export function caught(nowMs: () => number, body: () => void): Violation | null {
  try {
    body();
    return null;
  } catch (thrown) {
    if (thrown instanceof Violation) return thrown;
    const text = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
    return new Violation('no core throws', nowMs(), text);
  }
}

/**
 * The smallest part of a failing schedule that still fails the same way: leaves out halves, quarters
 * and at last single faults as long as the violation stays.
 */
export function shrinkFaults(scenario: Scenario, options: RunOptions, failed: RunResult): RunResult {
  let best = failed;
  for (let chunk = Math.ceil(best.faults.length / 2); chunk >= 1; chunk = chunk === 1 ? 0 : Math.ceil(chunk / 2)) {
    for (let at = 0; at < best.faults.length;) {
      const faults = best.faults.toSpliced(at, chunk);
      const result = scenario.run({ ...options, faults });
      if (result.violation?.invariant === failed.violation?.invariant) best = result;
      else at += chunk;
    }
  }
  return best;
}
