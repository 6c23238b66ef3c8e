/** Invariants of ALGORITHMS.md about requests whose clients wait: 4, 6 and 7. */
import { isRequest } from '../master/task-row.ts';
import { IDEMPOTENT_KINDS } from '../protocol/tasks.ts';
import type { ComputeObservation } from './compute-observation.ts';
import type { Invariant } from './invariants.ts';

type Watched = Invariant<ComputeObservation>;

/** One answer each, and no result that came when the deadline was over. */
export const oneAnswerInTime: Watched = {
  name: '4 one outcome',
  create() {
    let answered = new Set<number>();
    return (seen) => {
      if (seen.role === 'process' && seen.node === 'master') answered = new Set();
      if (seen.role !== 'master' || seen.at !== 'effect' || seen.effect.kind !== 'answer') return null;
      const { request, answer } = seen.effect;
      if (answered.has(request)) return `request ${request} is answered twice`;
      answered.add(request);
      if (answer.kind !== 'task') return null;
      const { id, deadlineAtMs, updatedAtMs, kept } = answer.row;
      const isLate = !kept && deadlineAtMs !== undefined && updatedAtMs >= deadlineAtMs;
      return isLate ? `task ${id} is answered though its deadline passed` : null;
    };
  },
};

/** Of the budget: three free ones in every ten seconds of a run of at most thirty, and a fifth of the requests. */
const FREE = 9;
const SHARE = 0.2;

/** Requests are tried twice at most, few of them are, and none that may not be done twice. */
export const fewAreDoneTwice: Watched = {
  name: '6, 7 retries',
  create() {
    let tried = new Map<string, number>();
    const keyed = new Set<string>();
    return (seen) => {
      if (seen.role === 'process' && seen.node === 'master') tried = new Map();
      if (seen.role !== 'master' || seen.at !== 'step') return null;
      const { event, effects, state } = seen;
      if (event.kind === 'submit' && event.spec.keyed) keyed.add(event.spec.id);
      if (event.kind === 'submit' && state.queue.rows.get(event.spec.id)?.attempts === 0) tried.delete(event.spec.id);
      const { requestRetries, accepted } = state.counters;
      if (requestRetries > FREE + SHARE * accepted) return `${requestRetries} retries of ${accepted} requests`;
      for (const effect of effects) {
        if (effect.kind !== 'send' || effect.message.t !== 'tasks') continue;
        for (const { task, kind } of effect.message.tasks) {
          const row = state.queue.rows.get(task);
          if (row === undefined || !isRequest(row)) continue;
          const times = (tried.get(task) ?? 0) + 1;
          tried.set(task, times);
          if (times > 2) return `task ${task} is tried ${times} times`;
          if (times > 1 && !keyed.has(task) && !IDEMPOTENT_KINDS.has(kind)) return `${kind} ${task} is done twice`;
        }
      }
      return null;
    };
  },
};
