/** What the answer of a webhook worker to a health check means. */
import type { Webhook } from './guest-row.ts';

/** What was seen, not yet judged. */
export type HealthFacts =
  | { reached: false; reason: string }
  | {
      reached: true;
      status: number;
      /** As `id` of the body; undefined when it says nothing of the kind. */
      id: unknown;
      state: unknown;
    };

export type HealthVerdict =
  | { well: true; busy: boolean | null; saidId: boolean }
  | { well: false; code: 'silent' | 'unhealthy' | 'other-id'; reason: string };

/** The course's rule: who does not answer 200 in time, or answers with another id, is forgotten. */
export function judgeHealth(facts: HealthFacts, { node, knowsId }: Pick<Webhook, 'node' | 'knowsId'>): HealthVerdict {
  if (!facts.reached) return { well: false, code: 'silent', reason: facts.reason };
  const { status, id, state } = facts;
  if (status !== 200) return { well: false, code: 'unhealthy', reason: `it answered ${status} instead of 200` };
  // A program that never says its id cannot be told from another one; it is taken at its word.
  const isOther = typeof id === 'string' ? id !== node : knowsId;
  if (isOther) return { well: false, code: 'other-id', reason: `it says id ${JSON.stringify(id) ?? 'nothing'}` };
  return { well: true, busy: state === 'busy' ? true : state === 'idle' ? false : null, saidId: id === node };
}
