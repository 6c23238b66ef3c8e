/** What one step of the master's core asks for, gathered while it decides. */
import type { TaskOrder } from '../protocol/compute-messages.ts';
import type { Random } from '../protocol/step.ts';
import { CLIENT, countEdge } from './counters.ts';
import type { MasterEffect, MasterState } from './core-types.ts';
import type { LogEntry } from './log-entry.ts';
import { isFinal } from './task-row.ts';

export class Outbox {
  readonly state: MasterState;
  readonly nowMs: number;
  readonly random: Random;
  readonly #effects: MasterEffect[] = [];
  readonly #entries: LogEntry[] = [];
  readonly #then: MasterEffect[] = [];
  readonly #last: MasterEffect[] = [];
  /** By link. */
  #orders: Map<number, TaskOrder[]> | null = null;

  constructor(state: MasterState, nowMs: number, random: Random) {
    this.state = state;
    this.nowMs = nowMs;
    this.random = random;
  }

  /** Performed at once. */
  do(...effects: MasterEffect[]): void {
    this.#effects.push(...effects);
  }

  /**
   * To the log; `then` is performed when this, and all before it, is durable. All entries of a step
   * are one write, so it happens fully or not at all.
   */
  persist(entries: readonly LogEntry[], then: readonly MasterEffect[] = []): void {
    this.#entries.push(...entries);
    this.#then.push(...then);
  }

  /** Performed at once, but behind the entries of this step. */
  finally(effect: MasterEffect): void {
    this.#last.push(effect);
  }

  /** Now, or, when there is something to be written first, after it. */
  after(entries: readonly LogEntry[], effects: readonly MasterEffect[]): void {
    if (entries.length === 0) this.do(...effects);
    else this.persist(entries, effects);
  }

  /** Orders of one step for one worker leave as one frame. */
  order(link: number, order: TaskOrder): void {
    this.#orders ??= new Map();
    const orders = this.#orders.get(link);
    if (orders === undefined) this.#orders.set(link, [order]);
    else orders.push(order);
  }

  countRecovered(): void {
    const { queue, counters } = this.state;
    for (const row of queue.rows.values()) {
      if (isFinal(row)) continue;
      counters.accepted++;
      countEdge(counters, CLIENT, 'sent');
      if (row.lease !== null) countEdge(counters, row.lease.worker, 'sent');
    }
  }

  effects(): MasterEffect[] {
    const effects = this.#effects;
    if (this.#orders !== null) {
      for (const [link, tasks] of this.#orders) effects.push({ kind: 'send', link, message: { t: 'tasks', tasks } });
    }
    if (this.#entries.length > 0 || this.#then.length > 0) {
      this.state.entriesSinceSnapshot += this.#entries.length;
      effects.push({ kind: 'persist', entries: this.#entries, then: this.#then });
    }
    for (const effect of this.#last) effects.push(effect);
    return effects;
  }
}
