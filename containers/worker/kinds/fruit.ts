import type { FruitPayload } from '../../protocol/tasks.ts';
import type { RunKind } from './kind.ts';

/** Prepares a piece of fruit: takes its execution time (set by the master at the latest), s. */
export const fruit: RunKind<FruitPayload> = async ({ fruit: name, execution_time: executionS = 0 }, context) => {
  await context.sleep(executionS * 1_000, context.signal);
  return { ok: true, result: `${name} prepared in ${executionS} seconds` };
};
