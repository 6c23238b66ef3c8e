/** Invariants of ALGORITHMS.md about tasks: 5, 8 to 10, 12, 13, and those of the queue's own books. */
import type { TaskOrder, Token } from '../protocol/compute-messages.ts';
import type { MasterEffect, MasterState } from '../master/core.ts';
import { depth, inFlightOf } from '../master/task-queue.ts';
import { isFinal } from '../master/task-row.ts';
import type { TaskRow } from '../master/task-row.ts';
import { keyOf } from '../worker/core.ts';
import type { ComputeObservation } from './compute-observation.ts';
import type { Invariant } from './invariants.ts';

type Watched = Invariant<ComputeObservation>;

/** How a task ended, as text that is equal when the endings are. */
const ending = ({ state, result, error }: Pick<TaskRow, 'state' | 'result' | 'error'>) =>
  JSON.stringify([state, result, error]);

const isNewer = (a: Token, b: Token) => a[0] > b[0] || (a[0] === b[0] && a[1] > b[1]);

/** No dispatch beyond a worker's capacity, nor to one that is not READY. */
export const dispatchOnlyToTheReady: Watched = {
  name: '5 dispatch',
  create: () => (seen) => {
    if (seen.role === 'worker' && seen.at === 'step') {
      const running = [...seen.state.inHand.values()].filter(({ result }) => result === null).length;
      return running > seen.state.capacity ? `${seen.node} runs ${running} tasks of ${seen.state.capacity}` : null;
    }
    if (seen.role !== 'master' || seen.at !== 'step') return null;
    for (const effect of seen.effects) {
      if (effect.kind !== 'send' || effect.message.t !== 'tasks') continue;
      const member = [...seen.state.membership.members.values()].find(({ link }) => link === effect.link);
      if (member?.health !== 'ready') return `tasks go to ${member?.node}, which is ${member?.health}`;
      const held = inFlightOf(seen.state.queue, member.node);
      if (held > member.capacity) return `${member.node} has ${held} tasks, its capacity is ${member.capacity}`;
    }
    return null;
  },
};

/** An acknowledged task is there for ever: over every crash of the master. */
export const acknowledgedSurvives: Watched = {
  name: '8 acknowledged survives',
  create() {
    const promised = new Set<string>();
    return (seen) => {
      if (seen.role !== 'master') return null;
      if (seen.at === 'effect') {
        const { effect } = seen;
        if (effect.kind !== 'answer') return null;
        if (effect.answer.kind === 'accepted') promised.add(effect.answer.task);
        if (effect.answer.kind === 'task' && effect.answer.row.kept) promised.add(effect.answer.row.id);
      } else if (seen.event.kind === 'boot' || seen.event.kind === 'tick') {
        for (const task of promised)
          if (!seen.state.queue.rows.has(task)) return `task ${task} was acknowledged and is gone`;
      }
      return null;
    };
  },
};

/** Tokens only grow, over restarts too; each is held by one worker; results under old ones change nothing. */
export const olderTokensChangeNothing: Watched = {
  name: '9 fencing',
  create() {
    let newest: Token = [0, 0];
    const holders = new Map<string, string>();
    const shadow = new Map<string, { state: string; token: string }>();
    return (seen) => {
      if (seen.role === 'worker' && seen.at === 'effect' && seen.effect.kind === 'run') {
        const key = keyOf(seen.effect.order.token);
        const holder = holders.get(key) ?? seen.node;
        holders.set(key, seen.node);
        return holder === seen.node ? null : `token ${key} is held by ${holder} and by ${seen.node}`;
      }
      if (seen.role !== 'master') return null;
      if (seen.at === 'effect') return null;
      const before = newest;
      for (const { task, token } of seen.effects.flatMap(ordersIn)) {
        if (!isNewer(token, before)) return `token ${keyOf(token)} of task ${task} does not follow ${keyOf(before)}`;
        if (isNewer(token, newest)) newest = token;
      }
      const wrong = seen.event.kind === 'results' ? changedByStaleResult(seen.state, seen.event, shadow) : null;
      shadow.clear();
      for (const { id, state, lease } of seen.state.queue.rows.values()) {
        shadow.set(id, { state, token: lease === null ? '' : keyOf(lease.token) });
      }
      return wrong;
    };
  },
};

function ordersIn(effect: MasterEffect): readonly TaskOrder[] {
  return effect.kind === 'send' && effect.message.t === 'tasks' ? effect.message.tasks : [];
}

function changedByStaleResult(
  { queue }: MasterState,
  { node, results }: { node: string; results: readonly { task: string; token: Token }[] },
  before: ReadonlyMap<string, { state: string; token: string }>,
): string | null {
  for (const { task, token } of results) {
    const was = before.get(task);
    const row = queue.rows.get(task);
    const isCurrentToo = results.some((other) => other.task === task && keyOf(other.token) === was?.token);
    if (was === undefined || row === undefined || isCurrentToo) continue;
    // A ready one may have been given out in the same step.
    const isUntouched = row.state === was.state || (was.state === 'READY' && row.state === 'LEASED');
    if (!isUntouched)
      return `${node}'s result under ${keyOf(token)} made task ${task} ${row.state}; its token is ${was.token}`;
  }
  return null;
}

/** DONE and DEAD are final: within a process always, over a crash once somebody was told. */
export const terminalIsFinal: Watched = {
  name: '10 terminal is final',
  create() {
    let now = new Map<string, string>();
    const told = new Map<string, { ending: string; isKept: boolean }>();
    /** Endings decided for results whose sender has not been told yet, by reply. */
    const decided = new Map<number, (TaskRow | null)[]>();
    return (seen) => {
      if (seen.role === 'process' && seen.node === 'master') {
        now = new Map();
        decided.clear();
      }
      if (seen.role !== 'master') return null;
      if (seen.at === 'effect') {
        const { effect } = seen;
        const rows =
          effect.kind === 'answer' && effect.answer.kind === 'task'
            ? [effect.answer.row]
            : effect.kind === 'settle'
              ? (decided.get(effect.reply) ?? []).filter((_, at) => effect.verdicts[at] === 'accepted')
              : [];
        for (const row of rows) {
          if (row === null || !isFinal(row)) continue;
          const before = told.get(row.id);
          if (before !== undefined && before.ending !== ending(row)) {
            return `task ${row.id} was told as ${before.ending}, now as ${ending(row)}`;
          }
          told.set(row.id, { ending: ending(row), isKept: row.kept || before?.isKept === true });
        }
        return null;
      }
      if (seen.event.kind === 'results') {
        const rows = seen.event.results.map(({ task }) => seen.state.queue.rows.get(task));
        decided.set(
          seen.event.reply,
          rows.map((row) => (row === undefined ? null : { ...row })),
        );
      }
      return changedEnding(seen.state, now, told);
    };
  },
};

function changedEnding(
  { queue }: MasterState,
  now: Map<string, string>,
  told: ReadonlyMap<string, { ending: string; isKept: boolean }>,
): string | null {
  for (const row of queue.rows.values()) {
    const before = now.get(row.id);
    if (!isFinal(row)) {
      if (before !== undefined) return `task ${row.id} was ${before} and is ${row.state}`;
      const promised = told.get(row.id);
      if (promised?.isKept === true) return `task ${row.id} was told as ${promised.ending} and is ${row.state}`;
      continue;
    }
    const is = ending(row);
    if (before !== undefined && before !== is) return `task ${row.id} was ${before} and is ${is}`;
    const promised = told.get(row.id);
    if (promised !== undefined && promised.ending !== is)
      return `task ${row.id} was told as ${promised.ending} and is ${is}`;
    now.set(row.id, is);
  }
  return null;
}

/** Counted by the observer, not by the row: a master that forgets attempts would retry for ever. */
export const attemptsAreBounded: Watched = {
  name: '12 attempts',
  create() {
    let given = new Map<string, number>();
    return (seen) => {
      // A crash may forget attempts whose lease was not on the disk yet.
      if (seen.role === 'process' && seen.node === 'master') given = new Map();
      if (seen.role !== 'master' || seen.at !== 'step') return null;
      const { attemptsMax } = seen.state.settings;
      const { rows } = seen.state.queue;
      // Abandoned by its client and submitted again, it is another task.
      if (seen.event.kind === 'client-gone') for (const task of given.keys()) if (!rows.has(task)) given.delete(task);
      for (const { task } of seen.effects.flatMap(ordersIn)) {
        const row = rows.get(task);
        const attempts = (given.get(task) ?? 0) + 1;
        given.set(task, attempts);
        const counted = row?.attempts ?? 0;
        if (Math.max(attempts, counted) > attemptsMax) return `task ${task} has attempt ${attempts} of ${attemptsMax}`;
      }
      return null;
    };
  },
};

/** One idempotency key, one task: another body under it is never accepted. */
export const oneKeyOneTask: Watched = {
  name: '13 idempotency',
  create() {
    const asked = new Map<number, { id: string; body: string }>();
    const accepted = new Map<string, string>();
    return (seen) => {
      if (seen.role === 'process' && seen.node === 'master') asked.clear();
      if (seen.role !== 'master') return null;
      if (seen.at === 'step') {
        const { event } = seen;
        if (event.kind !== 'submit' || !event.spec.keyed) return null;
        asked.set(event.request, { id: event.spec.id, body: JSON.stringify([event.spec.kind, event.spec.payload]) });
        return null;
      }
      if (seen.effect.kind !== 'answer') return null;
      const { request, answer } = seen.effect;
      const question = asked.get(request);
      // A synchronous task that was only waited for may be forgotten with the process; kept ones may not.
      const isPromise = answer.kind === 'accepted' || (answer.kind === 'task' && answer.row.kept);
      if (question === undefined || !isPromise) return null;
      const first = accepted.get(question.id) ?? question.body;
      accepted.set(question.id, first);
      return first === question.body ? null : `key ${question.id} stands for ${first} and for ${question.body}`;
    };
  },
};

/** The queue's counts and indexes say what its rows say, and what came in has gone out or is there. */
export const booksAgree: Watched = {
  name: '31 books',
  create: () => (seen) => {
    if (seen.role !== 'master' || seen.at !== 'step') return null;
    const { queue, counters } = seen.state;
    const count = { READY: 0, LEASED: 0, DONE: 0, DEAD: 0 };
    for (const { state } of queue.rows.values()) count[state] += 1;
    const { waiting, inFlight } = depth(queue);
    if (waiting !== count.READY) return `${waiting} tasks wait by the books, ${count.READY} rows are READY`;
    if (inFlight !== count.LEASED) return `${inFlight} tasks are out by the books, ${count.LEASED} rows are LEASED`;
    // Before the boot is over the counters have not seen what the log held.
    if (!seen.state.booted) return null;
    const { accepted, done, failed } = counters;
    if (accepted - done - failed !== waiting + inFlight) {
      return `accepted ${accepted}, done ${done}, failed ${failed}, but ${waiting} + ${inFlight} unfinished`;
    }
    return null;
  },
};
