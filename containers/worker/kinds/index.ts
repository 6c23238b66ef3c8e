/** The registry of task kinds. A new kind: its name and schema in protocol/tasks.ts, a file here, a line below. */
import type { TaskOutcome } from '../../protocol/compute-messages.ts';
import { ERROR_LENGTH_MAX } from '../../protocol/compute-limits.ts';
import type { TaskKind } from '../../protocol/tasks.ts';
import { calculator } from './calculator.ts';
import { echo } from './echo.ts';
import { fruit } from './fruit.ts';
import type { KindContext, RunKind } from './kind.ts';
import { weather } from './weather.ts';
import { work } from './work.ts';

/** Typed by payload in each file; the master checked the payload against the same type's schema. */
const KINDS: Record<TaskKind, RunKind<never>> = { calculator, echo, work, fruit, weather };

export const KIND_NAMES = Object.keys(KINDS);

/** Runs a task of any kind. Never throws and never rejects. */
export function runKind(kind: TaskKind, payload: unknown, context: KindContext): TaskOutcome | Promise<TaskOutcome> {
  // An order of a newer master may name what this build does not know.
  if (!Object.hasOwn(KINDS, kind)) return { ok: false, error: `the kind ${kind} is not known here`, retry: false };
  try {
    const outcome = KINDS[kind](payload as never, context);
    return outcome instanceof Promise ? outcome.catch(failure) : outcome;
  } catch (thrown) {
    return failure(thrown);
  }
}

function failure(thrown: unknown): TaskOutcome {
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  return { ok: false, error: reason.slice(0, ERROR_LENGTH_MAX), retry: true };
}
