/**
 * Broken variants of the compute half: each bends the effects of an honest core, and the invariants
 * must notice. A checker that stays green here is blind.
 */
import { isRequest } from '../master/task-row.ts';
import type { MasterSimulation } from './adapters/master.ts';
import type { WorkerSettings } from './adapters/worker.ts';

export type ComputeSabotage = {
  /** What promise it breaks. */
  breaks: string;
  master?: MasterSimulation['sabotage'];
  worker?: WorkerSettings['sabotage'];
};

export const COMPUTE_SABOTAGES: Readonly<Record<string, ComputeSabotage>> = {
  'ack-before-sync': {
    breaks: 'the master answers before its entries are durable',
    master: (effects) =>
      effects.flatMap((effect) => (effect.kind === 'persist' ? [...effect.then, { ...effect, then: [] }] : [effect])),
  },
  'forgets-results': {
    breaks: 'the master settles results without writing them down',
    master: (effects, event) =>
      effects.flatMap((effect) => {
        if (effect.kind !== 'persist' || event.kind !== 'results') return [effect];
        return [{ ...effect, entries: effect.entries.filter(({ e }) => e !== 'finished') }];
      }),
  },
  'accepts-stale-tokens': {
    breaks: 'a result counts under whatever token it comes',
    master: (effects, event, state) => {
      if (event.kind !== 'results') return effects;
      for (const { task, outcome } of event.results) {
        const row = state.queue.rows.get(task);
        if (row === undefined || !outcome.ok) continue;
        row.result = outcome.result;
      }
      return effects;
    },
  },
  'one-epoch': {
    breaks: 'tokens start anew with each start of the master',
    master: (effects, event, state) => {
      if (event.kind === 'boot') state.queue.epoch = 1;
      return effects;
    },
  },
  'retries-for-ever': {
    breaks: 'attempts are not counted',
    master: (effects, _, state) => {
      for (const row of state.queue.rows.values()) if (row.state === 'READY') row.attempts = 0;
      return effects;
    },
  },
  'answers-twice': {
    breaks: 'a request is answered, and answered once more',
    master: (effects) => [...effects, ...effects.filter(({ kind }) => kind === 'answer')],
  },
  'does-twice': {
    breaks: 'requests that may be done once only are tried again',
    master: (effects, event, state) => {
      const row = event.kind === 'submit' ? state.queue.rows.get(event.spec.id) : undefined;
      if (row !== undefined && isRequest(row)) row.keyed = true;
      return effects;
    },
  },
  'forgets-batches': {
    breaks: 'what a result does to its batch is not written down with it',
    master: (effects) =>
      effects.map((effect) => {
        if (effect.kind !== 'persist') return effect;
        const entries = effect.entries.map((entry) => {
          if (entry.e !== 'finished') return entry;
          const { tally: _, ...result } = entry;
          return result;
        });
        return { ...effect, entries };
      }),
  },
  'ends-batches-again': {
    breaks: 'a restart tells the end of the last batch once more',
    master: (effects, event, { queue }) => {
      const last = queue.events.at(-1);
      if (event.kind === 'booted' && last !== undefined) {
        queue.lastEvent += 1;
        queue.events.push({ ...last, number: queue.lastEvent });
      }
      return effects;
    },
  },
  'ignores-weights': {
    breaks: "tenants' weights are answered, and all have the same share",
    master: (effects, _, { queue }) => {
      queue.tenants.weights.clear();
      return effects;
    },
  },
  'drops-tasks': {
    breaks: 'a worker forgets a task now and then, and goes on beating as if it had it',
    worker: (effects) => effects.filter((effect) => effect.kind !== 'report'),
  },
};
