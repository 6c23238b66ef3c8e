/**
 * Who is next, fairly: deficit round robin over tenants (Shreedhar and Varghese 1995; every task costs 1,
 * so a turn is as many tasks as the tenant's weight), inside a tenant the higher priority first, inside
 * a priority in order. A tenant that comes waits at most for one turn of each of the others.
 */
import { Fifo } from './fifo.ts';

type Level = { priority: number; ids: Fifo };
/** Levels by priority, the highest first; none of them is empty while the line is `queued`. */
type Line = { queued: boolean; levels: Level[] };

/** Lines of tenants without anything to give are kept for their return up to this number of lines. */
const LINES_KEPT = 64;

export class FairQueue {
  readonly #weightOf: (tenant: string) => number;
  readonly #lines = new Map<string, Line>();
  /** Tenants with something to give, the one whose turn it is first. */
  readonly #turns = new Fifo();
  /** What is left of the present turn; null when it has not begun. */
  #left: number | null = null;

  constructor(weightOf: (tenant: string) => number) {
    this.#weightOf = weightOf;
  }

  push(tenant: string, priority: number, id: string): void {
    this.#level(tenant, priority).push(id);
  }

  /** To the front of its priority: it waited before. */
  unshift(tenant: string, priority: number, id: string): void {
    this.#level(tenant, priority).unshift(id);
  }

  peek(): string | undefined {
    const tenant = this.#turns.peek();
    return tenant === undefined ? undefined : this.#first(tenant)?.ids.peek();
  }

  /** Takes what `peek` showed, as a part of its tenant's turn. */
  take(): void {
    const tenant = this.#turns.peek();
    if (tenant === undefined) return;
    const left = (this.#left ?? this.#weightOf(tenant)) - 1;
    this.#left = left;
    if (this.#remove(tenant) || left > 0) return;
    this.#turns.shift();
    this.#turns.push(tenant);
    this.#left = null;
  }

  /** Takes what `peek` showed, because it is not to be given out; costs nothing. */
  drop(): void {
    const tenant = this.#turns.peek();
    if (tenant !== undefined) this.#remove(tenant);
  }

  /** Takes the head of a tenant's line; true when that was the last and its turn is over with it. */
  #remove(tenant: string): boolean {
    const line = this.#lines.get(tenant);
    const level = this.#first(tenant);
    level?.ids.shift();
    if (line === undefined || level === undefined || level.ids.length > 0) return false;
    if (line.levels.length > 1) {
      line.levels = line.levels.filter((other) => other !== level);
      return false;
    }
    line.queued = false;
    if (this.#lines.size > LINES_KEPT) this.#lines.delete(tenant);
    this.#turns.shift();
    this.#left = null;
    return true;
  }

  #first(tenant: string): Level | undefined {
    return this.#lines.get(tenant)?.levels[0];
  }

  #level(tenant: string, priority: number): Fifo {
    let line = this.#lines.get(tenant);
    if (line === undefined) {
      line = { queued: false, levels: [] };
      this.#lines.set(tenant, line);
    }
    if (!line.queued) {
      line.queued = true;
      this.#turns.push(tenant);
      if (line.levels[0]?.priority !== priority) line.levels = [];
    }
    const { levels } = line;
    const at = levels.findIndex((level) => level.priority <= priority);
    const known = levels[at];
    if (known?.priority === priority) return known.ids;
    const ids = new Fifo();
    levels.splice(at < 0 ? levels.length : at, 0, { priority, ids });
    return ids;
  }
}
