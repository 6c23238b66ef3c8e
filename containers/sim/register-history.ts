/**
 * The record API as a register per key (ALGORITHMS.md 6): what clients saw, made ready for the
 * linearizability checker. Every written value must be unique within its key.
 */
import { checkLinearizable } from './linearizability.ts';
import type { Model, Operation, Verdict } from './linearizability.ts';

/**
 * What a client asked and was told. `info`: no answer, or one that leaves it open. A failed
 * compare-and-set says that the record was not as expected. `expected: null` means absent.
 */
export type RegisterInput =
  | { kind: 'get'; outcome: 'ok'; value: string | null }
  | { kind: 'get'; outcome: 'info' }
  | { kind: 'put'; value: string; outcome: 'ok' | 'info' }
  /** `existed`: whether the answer said that there was something to delete; null when it did not say. */
  | { kind: 'delete'; outcome: 'ok' | 'info'; existed: boolean | null }
  | { kind: 'compare-and-set'; expected: string | null; value: string; outcome: 'ok' | 'failed' | 'info' };

export type RegisterOperation = Operation<RegisterInput> & { key: string };

export const registerModel: Model<string | null, RegisterInput> = {
  initial: null,
  step(state, input) {
    switch (input.kind) {
      case 'get':
        return input.outcome === 'info' || input.value === state ? state : undefined;
      case 'put':
        return input.value;
      case 'delete':
        return input.existed === null || input.existed === (state !== null) ? null : undefined;
      case 'compare-and-set':
        if (input.outcome === 'failed') return input.expected === state ? undefined : state;
        if (input.expected === state) return input.value;
        // Unanswered, it may well have been refused.
        return input.outcome === 'info' ? state : undefined;
    }
  },
};

export type KeyVerdict = Verdict & { key: string; operations: number };

/** Checks each key by itself: linearizability is local (Herlihy and Wing). Worst keys first. */
export function checkRegisterHistory(history: readonly RegisterOperation[], stepsMax?: number): KeyVerdict[] {
  const byKey = Map.groupBy(history, (operation) => operation.key);
  const verdicts: KeyVerdict[] = [];
  for (const [key, operations] of byKey) {
    const relevant = dropUninformative(operations);
    verdicts.push({ key, operations: relevant.length, ...checkLinearizable(registerModel, relevant, stepsMax) });
  }
  const rank = { violation: 0, unknown: 1, linearizable: 2 };
  return verdicts.sort((a, b) => rank[a.result] - rank[b.result]);
}

/**
 * Leaves out what cannot change the verdict but makes the search explode: unanswered reads, and
 * unanswered writes whose value nobody saw. Such a write can matter only through an answer that says
 * "not that value" (a failed compare-and-set, a delete that tells whether there was something), so
 * keys with such answers keep theirs.
 */
export function dropUninformative(operations: readonly RegisterOperation[]): RegisterOperation[] {
  const seen = new Set<string | null>();
  let keepUnseenWrites = false;
  for (const { input } of operations) {
    if (input.kind === 'get' && input.outcome === 'ok') seen.add(input.value);
    if (input.kind === 'compare-and-set') {
      seen.add(input.expected);
      if (input.outcome === 'failed') keepUnseenWrites = true;
    }
    if (input.kind === 'delete' && input.existed !== null) keepUnseenWrites = true;
  }
  return operations.filter(({ input }) => {
    if (input.outcome !== 'info') return true;
    if (input.kind === 'get') return false;
    if (input.kind === 'delete') return true;
    return keepUnseenWrites || seen.has(input.value);
  });
}
