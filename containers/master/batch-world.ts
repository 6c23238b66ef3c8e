/**
 * For tests: what clients of batches did in a ComputeWorld and were told, and the invariants that follow:
 * 11 (counts, ends, events), 13 (keys), the books of tenants, and that a batch is there whole or not at all.
 */
import { expect } from 'vitest';
import type { Answer, MasterState } from './core-types.ts';
import { tenantOf } from './task-row.ts';
import type { TaskRow, TaskSpec } from './task-row.ts';
import type { MasterRig } from './test-rig.ts';

export const TENANTS = ['default', 'a', 'b'];

export class BatchWorld {
  readonly #rig: MasterRig;
  readonly #ids: string[] = [];
  /** The key under which a request asked. */
  readonly #asked = new Map<number, string>();
  /** What each key stands for, once somebody was told. */
  readonly #promised = new Map<string, string>();
  /** Batches that were acknowledged, with how many tasks at least. */
  readonly #acknowledged = new Map<string, number>();
  /** Ends that others may have heard of. */
  readonly #told = new Map<number, string>();

  constructor(rig: MasterRig) {
    this.#rig = rig;
  }

  submit(request: number, size: number, options: { sealed: boolean; tenant: string; key: string | null }): void {
    const { sealed, tenant, key } = options;
    const id = `batch-${request}`;
    this.#ids.push(id);
    if (key !== null) this.#asked.set(request, `${tenant} ${key}`);
    const idempotency = key === null ? null : { key, hash: 'body' };
    const batch = { id, name: null, tenant, hash: 'body', sealed };
    this.#rig.feed({ kind: 'submit-batch', request, batch, tasks: tasksOf(size), idempotency });
  }

  add(request: number, which: number, size: number): void {
    const id = this.#pick(which);
    if (id !== null) this.#rig.feed({ kind: 'add-to-batch', request, id, tasks: tasksOf(size), idempotency: null });
  }

  seal(request: number, which: number): void {
    const id = this.#pick(which);
    if (id !== null) this.#rig.feed({ kind: 'seal-batch', request, id });
  }

  /** Seals what is open, so that everything can come to its end. */
  sealAll(request: () => number): void {
    for (const [id, { sealed }] of this.#rig.state.queue.batches) {
      if (!sealed) this.#rig.feed({ kind: 'seal-batch', request: request(), id });
    }
  }

  noteAnswer(request: number, answer: Answer): void {
    if (answer.kind !== 'batch') return;
    const { id, total } = answer.batch;
    this.#acknowledged.set(id, Math.max(total, this.#acknowledged.get(id) ?? 0));
    const key = this.#asked.get(request);
    if (key === undefined) return;
    expect(this.#promised.get(key) ?? id, `13: ${key}`).toBe(id);
    this.#promised.set(key, id);
  }

  check(): void {
    const { queue } = this.#rig.state;
    const rows = new Map<string, TaskRow[]>();
    for (const row of queue.rows.values()) {
      if (row.batch !== undefined) rows.set(row.batch, [...(rows.get(row.batch) ?? []), row]);
    }
    for (const batch of queue.batches.values()) {
      const own = rows.get(batch.id) ?? [];
      const count = (state: string): number => own.filter((row) => row.state === state).length;
      expect(own.length, `8: ${batch.id} is there whole`).toBe(batch.total);
      expect([batch.done, batch.dead], `11: counts of ${batch.id}`).toEqual([count('DONE'), count('DEAD')]);
      const isAtEnd = batch.sealed && batch.done + batch.dead === batch.total;
      expect(batch.endedAtMs !== null, `11: ${batch.id} has ended`).toBe(isAtEnd);
      const ends = queue.events.filter((event) => event.batch === batch.id);
      expect(
        ends.map(({ round }) => round),
        `11: each end of ${batch.id} once`,
      ).toEqual(Array.from({ length: batch.round }, (_, at) => at + 1));
    }
    for (const id of rows.keys()) expect(queue.batches.has(id), `8: ${id} has no tasks without itself`).toBe(true);
    for (const [id, total] of this.#acknowledged) {
      expect(queue.batches.get(id)?.total ?? 0, `8: ${id}`).toBeGreaterThanOrEqual(total);
    }
    this.#checkEvents(this.#rig.state);
    this.#checkTenants(this.#rig.state);
  }

  #checkEvents({ queue }: MasterState): void {
    expect(
      queue.events.map(({ number }) => number),
      '11: events are numbered without gaps',
    ).toEqual(queue.events.map((_, at) => at + 1));
    for (const event of queue.events) {
      if (event.number > queue.toldEvent) continue;
      const { atMs: _, ...said } = event;
      const before = this.#told.get(event.number) ?? JSON.stringify(said);
      expect(JSON.stringify(said), '11: an event that was told stays as it was').toBe(before);
      this.#told.set(event.number, before);
    }
    for (const number of this.#told.keys()) expect(number, '11: no event is lost').toBeLessThanOrEqual(queue.lastEvent);
  }

  #checkTenants({ queue }: MasterState): void {
    for (const tenant of TENANTS) {
      const own = [...queue.rows.values()].filter((row) => tenantOf(row) === tenant);
      const { waiting, inFlight } = queue.tenants.counts.get(tenant) ?? { waiting: 0, inFlight: 0 };
      const states = own.map(({ state }) => state);
      expect(waiting, `31: waiting of ${tenant}`).toBe(states.filter((state) => state === 'READY').length);
      expect(inFlight, `31: in flight of ${tenant}`).toBe(states.filter((state) => state === 'LEASED').length);
    }
  }

  #pick(which: number): string | null {
    return this.#ids[which % Math.max(1, this.#ids.length)] ?? null;
  }
}

function tasksOf(size: number): TaskSpec[] {
  return Array.from({ length: size }, (_, at) => ({
    id: '',
    kind: 'echo',
    form: 'kind',
    payload: 'body',
    keyed: false,
    priority: at % 3,
  }));
}
