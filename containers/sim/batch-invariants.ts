/** Invariants of ALGORITHMS.md about batches and tenants: 8 and 13 for batches, 11, and the fair share of 12. */
import type { MasterState } from '../master/core.ts';
import { tenantOf } from '../master/task-row.ts';
import type { TaskRow } from '../master/task-row.ts';
import type { Order } from './batch-client.ts';
import { MASTER } from './compute-observation.ts';
import type { ComputeObservation } from './compute-observation.ts';
import type { Invariant } from './invariants.ts';

type Watched = Invariant<ComputeObservation>;

/** Counted by the rows; an end that others may have heard of stays, over restarts too, and comes once. */
export const batchesEndOnce: Watched = {
  name: '11 batches',
  create() {
    /** By number: which end of which batch it is, and how it went. */
    const told = new Map<number, string>();
    const ends = new Map<string, number>();
    return (seen) => {
      if (seen.role !== 'master' || seen.at !== 'step') return null;
      const wrong = wrongCounts(seen.state);
      if (wrong !== null) return wrong;
      const { events, toldEvent } = seen.state.queue;
      const present = new Set<number>();
      for (const { number, batch, round, state, done, failed } of events) {
        present.add(number);
        if (number > toldEvent) continue;
        const end = `${batch}, end ${round}`;
        const is = `${end}: ${state}, ${done} done, ${failed} failed`;
        const before = told.get(number) ?? is;
        if (before !== is) return `event ${number} told ${before}, and is ${is}`;
        const first = ends.get(end) ?? number;
        if (first !== number) return `${end} is told by event ${first} and by event ${number}`;
        told.set(number, is);
        ends.set(end, number);
      }
      for (const [number, is] of told) if (!present.has(number)) return `event ${number} told ${is}, and is gone`;
      return null;
    };
  },
};

function wrongCounts({ queue }: MasterState): string | null {
  const counts = new Map<string, { rows: number; done: number; dead: number }>();
  for (const { batch, state } of queue.rows.values()) {
    if (batch === undefined) continue;
    const count = counts.get(batch) ?? { rows: 0, done: 0, dead: 0 };
    count.rows += 1;
    if (state === 'DONE') count.done += 1;
    if (state === 'DEAD') count.dead += 1;
    counts.set(batch, count);
  }
  const ends = new Map<string, number>();
  for (const { batch } of queue.events) ends.set(batch, (ends.get(batch) ?? 0) + 1);
  for (const { id, total, done, dead, sealed, endedAtMs, round } of queue.batches.values()) {
    const is = counts.get(id) ?? { rows: 0, done: 0, dead: 0 };
    if (done + dead > total) return `batch ${id} has ${done} done and ${dead} dead of ${total}`;
    if (total !== is.rows) return `batch ${id} says ${total} tasks and has ${is.rows}`;
    if (done !== is.done || dead !== is.dead) {
      return `batch ${id} says ${done} done and ${dead} dead, its tasks say ${is.done} and ${is.dead}`;
    }
    const isAtEnd = sealed && is.done + is.dead === total;
    if ((endedAtMs !== null) !== isAtEnd) return `batch ${id} is ${isAtEnd ? '' : 'not '}at its end and says otherwise`;
    const told = ends.get(id) ?? 0;
    if (told !== round) return `batch ${id} came ${round} times to its end, ${told} events tell of it`;
  }
  return null;
}

/** Tasks that were asked for together are there once, all or none; and all of them once somebody was told. */
export const batchesAreWhole: Watched = {
  name: '8, 13 batches',
  create() {
    let asked = new Map<number, { key: string; order: Order }>();
    const promised = new Map<string, { batch: string; order: Order }>();
    return (seen) => {
      if (seen.role === 'process' && seen.node === MASTER) asked = new Map();
      if (seen.role !== 'master') return null;
      if (seen.at === 'effect') {
        const { effect } = seen;
        if (effect.kind !== 'answer' || effect.answer.kind !== 'batch') return null;
        const question = asked.get(effect.request);
        if (question === undefined) return null;
        const { key, order } = question;
        const batch = effect.answer.batch.id;
        const first = promised.get(key) ?? { batch, order };
        promised.set(key, first);
        const isSame = first.batch === batch && first.order.name === order.name;
        return isSame
          ? null
          : `key ${key} stands for ${first.order.name} in ${first.batch}, and ${order.name} in ${batch}`;
      }
      const { event, state } = seen;
      if ((event.kind === 'submit-batch' || event.kind === 'add-to-batch') && event.idempotency !== null) {
        const order = orderOf(event.tasks[0]);
        if (order !== null) asked.set(event.request, { key: event.idempotency.key, order });
      }
      // Nothing else changes which tasks there are.
      if (event.kind !== 'boot' && event.kind !== 'submit-batch' && event.kind !== 'add-to-batch') return null;
      return wrongOrders(state, promised);
    };
  },
};

function orderOf(task: Pick<TaskRow, 'payload'> | undefined): Order | null {
  return (task?.payload as { order?: Order } | undefined)?.order ?? null;
}

function wrongOrders({ queue }: MasterState, promised: ReadonlyMap<string, { order: Order }>): string | null {
  const present = new Map<string, { size: number; count: number }>();
  for (const row of queue.rows.values()) {
    const order = orderOf(row);
    if (order === null) continue;
    const known = present.get(order.name) ?? { size: order.size, count: 0 };
    known.count += 1;
    present.set(order.name, known);
  }
  for (const [name, { size, count }] of present) {
    if (count !== size) return `${name} has ${size} tasks, ${count} are there`;
  }
  for (const { order } of promised.values()) {
    if (!present.has(order.name)) return `${order.name} was acknowledged and is gone`;
  }
  return null;
}

/**
 * Turns by which a tenant may lag behind another while both wait. A turn is as many tasks as its weight, and turns
 * alternate, so it is one at most, and one more around a change of a weight.
 */
const LAG_TURNS_MAX = 2;

/** In the durable lane: by how many tasks each has got since both wait, in turns of each. */
export const sharesAreFair: Watched = {
  name: '12 fair share',
  create() {
    let weights = new Map<string, number>();
    /** Those that were answered; of others nobody knows whether a crash undid them. */
    const durable = new Map<string, number>();
    const unsure = new Set<string>();
    const setting = new Map<number, { tenant: string; weight: number }>();
    /** For each pair of tenants, how many tasks both got while both had waited all the time. */
    const given = new Map<string, Map<string, number>>();
    return (seen) => {
      if (seen.role === 'process' && seen.node === MASTER) {
        // Until it is set again, over however many starts.
        for (const [tenant, weight] of weights) if (durable.get(tenant) !== weight) unsure.add(tenant);
        weights = new Map(durable);
        given.clear();
        setting.clear();
      }
      if (seen.role !== 'master') return null;
      if (seen.at === 'effect') {
        const { effect } = seen;
        const set = effect.kind === 'answer' && effect.answer.kind === 'set' ? setting.get(effect.request) : undefined;
        if (set !== undefined) durable.set(set.tenant, set.weight);
        return null;
      }
      const { event, effects, state } = seen;
      if (event.kind === 'set-weight') {
        setting.set(event.request, event);
        if (weights.get(event.tenant) !== event.weight) given.clear();
        weights.set(event.tenant, event.weight);
        unsure.delete(event.tenant);
      }
      for (const effect of effects) {
        if (effect.kind !== 'send' || effect.message.t !== 'tasks') continue;
        for (const { task } of effect.message.tasks) {
          const row = state.queue.rows.get(task);
          if (row?.lane === 'durable') noteGiven(given, tenantOf(row));
        }
      }
      // All of a step's orders are counted before anybody is compared: they leave by worker, not in turn.
      const wrong = lagging(given, weights);
      keepWaiting(given, state, unsure);
      return wrong;
    };
  },
};

function noteGiven(given: ReadonlyMap<string, Map<string, number>>, tenant: string): void {
  const pairs = given.get(tenant);
  if (pairs !== undefined) for (const [other, count] of pairs) pairs.set(other, count + 1);
}

function lagging(given: ReadonlyMap<string, Map<string, number>>, weights: ReadonlyMap<string, number>): string | null {
  for (const [tenant, pairs] of given) {
    for (const [other, count] of pairs) {
      const ofOther = given.get(other)?.get(tenant) ?? 0;
      const turns = count / (weights.get(tenant) ?? 1);
      const turnsOfOther = ofOther / (weights.get(other) ?? 1);
      if (turnsOfOther - turns <= LAG_TURNS_MAX) continue;
      return `while both waited, ${tenant} was given ${count} tasks (${turns} turns), ${other} ${ofOther} (${turnsOfOther} turns)`;
    }
  }
  return null;
}

/** Who has a task in line that was never given out has been in line since that came. */
function keepWaiting(
  given: Map<string, Map<string, number>>,
  { queue, booted }: MasterState,
  unsure: ReadonlySet<string>,
): void {
  const waiting = new Set<string>();
  for (const row of booted ? queue.rows.values() : []) {
    if (row.state === 'READY' && row.lane === 'durable' && row.attempts === 0) waiting.add(tenantOf(row));
  }
  for (const tenant of unsure) waiting.delete(tenant);
  for (const tenant of given.keys()) if (!waiting.has(tenant)) given.delete(tenant);
  for (const tenant of waiting) {
    const pairs = given.get(tenant) ?? new Map<string, number>();
    for (const other of pairs.keys()) if (!waiting.has(other)) pairs.delete(other);
    for (const other of waiting) if (other !== tenant && !pairs.has(other)) pairs.set(other, 0);
    given.set(tenant, pairs);
  }
}
