/** Synthetic tasks that a standby runs, so that the first real ones meet compiled code. */
import type { RoleContext } from '../kit/role-main.ts';
import { runKind } from './kinds/index.ts';
import type { KindContext } from './kinds/kind.ts';

const ROUNDS = 200;
const EXPRESSIONS = ['4 * (2 + 3)', '(1.5 - 2) / 3 * 7', '((8))'];

/** Resolves with how long they took, ms. */
export async function warmUp({ clock, random }: Pick<RoleContext, 'clock' | 'random'>): Promise<number> {
  const startedMs = clock.monotonicMs();
  const nothing = (): Promise<void> => Promise.resolve();
  const context: KindContext = {
    task: 'warm-up',
    random,
    nowMs: () => clock.nowMs(),
    weather: { geocoding: '', forecast: '' },
    signal: new AbortController().signal,
    sleep: nothing,
    burn: nothing,
  };
  for (let round = 0; round < ROUNDS; round++) {
    await runKind('calculator', EXPRESSIONS[round % EXPRESSIONS.length], context);
    await runKind('echo', 'warm-up', context);
    await runKind('work', { serviceMs: 1, distribution: 'exponential', as: 'sleep' }, context);
  }
  return clock.monotonicMs() - startedMs;
}
