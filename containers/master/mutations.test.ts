/**
 * Broken variants of the master, each of which the invariants must notice: a checker that stays green here
 * is blind. The seed of each is one that was found to catch it; `says` is the invariant that does.
 */
import { describe, expect, test } from 'vitest';
import { playSeed } from './compute-schedule.ts';
import { RetryBudget } from './balancing/retry-budget.ts';
import type { MasterEffect } from './core-types.ts';
import type { LogEntry } from './log-entry.ts';
import { isRequest } from './task-row.ts';
import type { Mutation } from './test-rig.ts';

const STEPS = 500;

/** Changes what goes to the log, and leaves the rest. */
function rewriting(rewrite: (entry: LogEntry) => LogEntry[]): Mutation {
  return (effects) =>
    effects.map((effect) =>
      effect.kind === 'persist' ? { ...effect, entries: effect.entries.flatMap(rewrite) } : effect,
    );
}

/** Performs some of what has to wait for the disk without waiting. */
function hurrying(isHurried: (effect: MasterEffect) => boolean): Mutation {
  return (effects) =>
    effects.flatMap((effect) => {
      if (effect.kind !== 'persist') return [effect];
      const then = effect.then.filter((late) => !isHurried(late));
      return [...effect.then.filter(isHurried), { ...effect, then }];
    });
}

type Variant = { what: string; seed: number; says: RegExp; mutation: Mutation };

const VARIANTS: Variant[] = [
  {
    what: 'acknowledges before the sync',
    seed: 3,
    says: /^8: /,
    mutation: hurrying(({ kind }) => kind === 'answer'),
  },
  {
    what: 'tells of an end of a batch before the sync',
    seed: 18,
    says: /^11: /,
    mutation: hurrying((effect) => effect.kind === 'self' && effect.event.kind === 'batch-ended'),
  },
  {
    what: 'settles results that are not in the log',
    seed: 1,
    says: /^(10|11|13)/,
    mutation: rewriting((entry) => (entry.e === 'finished' ? [] : [entry])),
  },
  {
    what: 'takes results under any token',
    seed: 3,
    says: /^(9|10)/,
    mutation: (effects, event, { queue }) => {
      if (event.kind !== 'results') return effects;
      for (const { task, outcome } of event.results) {
        const row = queue.rows.get(task);
        if (row !== undefined && outcome.ok) row.result = outcome.result;
      }
      return effects;
    },
  },
  {
    what: 'gives out tokens of earlier boots again',
    seed: 1,
    says: /^9: /,
    mutation: (effects, event, { queue }) => {
      if (event.kind === 'boot') queue.epoch = 1;
      return effects;
    },
  },
  {
    what: 'lets the dead come back as the same incarnation',
    seed: 3,
    says: /^1\b/,
    mutation: (effects, event, { membership }) => {
      if (event.kind !== 'hello') return effects;
      const member = membership.members.get(event.node);
      if (member?.health === 'dead' && member.incarnation === event.incarnation) member.health = 'suspect';
      return effects;
    },
  },
  {
    what: 'lets a dead task be done after all',
    seed: 1,
    says: /^10/,
    mutation: (effects, event, { queue }) => {
      if (event.kind !== 'tick') return effects;
      for (const row of queue.rows.values()) if (row.state === 'DEAD') row.result = 'after all';
      return effects;
    },
  },
  {
    what: 'writes a batch in pieces',
    seed: 1,
    says: /^8: /,
    mutation: rewriting((entry) => (entry.e === 'batch' ? [{ ...entry, specs: entry.specs.slice(0, 1) }] : [entry])),
  },
  {
    what: 'writes a result without what it does to its batch',
    seed: 1,
    says: /^11: /,
    mutation: rewriting((entry) => {
      if (entry.e !== 'finished') return [entry];
      const { tally: _, ...rest } = entry;
      return [rest];
    }),
  },
  {
    what: 'ends a batch that is not sealed',
    seed: 18,
    says: /^11: /,
    mutation: (effects, _, { queue }) => {
      for (const batch of queue.batches.values()) {
        if (batch.done + batch.dead === batch.total) batch.endedAtMs ??= batch.updatedAtMs;
      }
      return effects;
    },
  },
  {
    what: 'forgets idempotency keys over a restart',
    seed: 6,
    says: /^13: /,
    mutation: rewriting((entry) => (entry.e === 'batch' ? [{ ...entry, idempotency: null }] : [entry])),
  },
  {
    what: 'answers after the deadline',
    seed: 1,
    says: /^4: /,
    mutation: (effects, _, { queue, deadlines }) => {
      deadlines.clear();
      for (const row of queue.rows.values()) delete row.deadlineAtMs;
      return effects;
    },
  },
  {
    what: 'answers a request twice',
    seed: 1,
    says: /^4: /,
    mutation: (effects) => [...effects, ...effects.filter(({ kind }) => kind === 'answer')],
  },
  {
    what: 'gives work to a worker that is put aside',
    seed: 21,
    says: /^5: /,
    mutation: (effects, _, { membership }) => {
      for (const { record } of membership.members.values()) record.ejectedUntilMs = 0;
      return effects;
    },
  },
  {
    what: 'retries whatever the budget says',
    seed: 8,
    says: /^6: /,
    mutation: (effects, _, { balancing }) => {
      balancing.budget = new RetryBudget();
      return effects;
    },
  },
  {
    what: 'does not count the attempts of a request',
    seed: 2,
    says: /^6: /,
    mutation: (effects, _, { queue }) => {
      for (const row of queue.rows.values()) if (row.state === 'READY') row.attempts = 0;
      return effects;
    },
  },
  {
    what: 'does twice what may be done once',
    seed: 2,
    says: /^7: /,
    mutation: (effects, event, { queue }) => {
      const row = event.kind === 'submit' ? queue.rows.get(event.spec.id) : undefined;
      if (row !== undefined && isRequest(row)) row.keyed = true;
      return effects;
    },
  },
  {
    what: 'takes one of a tenant for one of another',
    seed: 1,
    says: /^31: /,
    mutation: (effects, event, { queue }) => {
      const counts = queue.tenants.counts.get('a');
      if (event.kind === 'results' && counts !== undefined && counts.inFlight > 0) counts.inFlight -= 1;
      return effects;
    },
  },
];

describe('a master that', () => {
  test.each(VARIANTS)('$what is caught', ({ mutation, seed, says }) => {
    expect(() => playSeed(seed, STEPS, mutation)).toThrow(says);
  });

  test('is honest is not', () => {
    for (const seed of new Set(VARIANTS.map((variant) => variant.seed))) playSeed(seed, STEPS);
  });
});
