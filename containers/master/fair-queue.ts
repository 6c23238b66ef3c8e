/**
 * Who is next, fairly: deficit round robin over tenants (Shreedhar and Varghese 1995; every task costs 1,
 * so a turn is as many tasks as the tenant's weight), inside a tenant the higher priority first, inside
 * a priority in order. A tenant that comes waits at most for one turn of each of the others.
 */
import { Fifo } from './fifo.ts';

type Level = { priority: number; ids: Fifo };
/** Levels by priority, the highest first; none of them is empty while the line is `queued`. */
type Line = { queued: boolean; levels: Level[]; /** What it had while it was another's turn. */ ahead: number };

/** Lines of tenants without anything to give are kept for their return up to this number of lines. */
const LINES_KEPT = 64;
/** Whoever looks for something that fits looks no further into a tenant's line. */
const LOOK_MAX = 64;

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
    if (!this.#remove(tenant)) this.#spend(tenant);
  }

  /** The first that fits, of those near the front of their tenants' lines; to be taken by `takeOut`. */
  find(fits: (id: string) => boolean): string | undefined {
    for (let turn = 0; turn < this.#turns.length; turn++) {
      let looked = 0;
      for (const { ids } of this.#lines.get(this.#turns.at(turn) ?? '')?.levels ?? []) {
        for (let place = 0; place < ids.length && looked < LOOK_MAX; place++, looked++) {
          const id = ids.at(place);
          if (id !== undefined && fits(id)) return id;
        }
      }
    }
    return undefined;
  }

  /**
   * Takes one from near the front, where `find` showed it; one that is not there is left. It counts as a part
   * of its tenant's turn: who has had as much as its weight while it was another's turn is behind all others.
   */
  takeOut(tenant: string, priority: number, id: string): void {
    const line = this.#lines.get(tenant);
    const level = line?.queued === true ? line.levels.find((one) => one.priority === priority) : undefined;
    const place = level?.ids.placeOf(id, LOOK_MAX) ?? -1;
    if (line === undefined || level === undefined || place < 0) return;
    level.ids.takeAt(place);
    if (this.#tidy(tenant, line, level)) return;
    if (this.#turns.peek() === tenant) this.#spend(tenant);
    else if (++line.ahead >= this.#weightOf(tenant)) this.#goBehind(tenant, line);
  }

  /** Takes what `peek` showed, because it is not to be given out; costs nothing. */
  drop(): void {
    const tenant = this.#turns.peek();
    if (tenant !== undefined) this.#remove(tenant);
  }

  /** One task of its own turn. */
  #spend(tenant: string): void {
    this.#left = (this.#left ?? this.#weightOf(tenant)) - 1;
    const line = this.#lines.get(tenant);
    if (this.#left <= 0 && line !== undefined) this.#goBehind(tenant, line);
  }

  #goBehind(tenant: string, line: Line): void {
    this.#leave(tenant, line);
    this.#turns.push(tenant);
  }

  #leave(tenant: string, line: Line): void {
    const place = this.#turns.placeOf(tenant);
    this.#turns.takeAt(place);
    line.ahead = 0;
    if (place === 0) this.#left = null;
  }

  /** Takes the head of a tenant's line; true when that was the last and its turn is over with it. */
  #remove(tenant: string): boolean {
    const line = this.#lines.get(tenant);
    const level = this.#first(tenant);
    level?.ids.shift();
    return line !== undefined && level !== undefined && this.#tidy(tenant, line, level);
  }

  /** After something was taken of a level. True: it was the last of its tenant. */
  #tidy(tenant: string, line: Line, level: Level): boolean {
    if (level.ids.length > 0) return false;
    if (line.levels.length > 1) {
      line.levels = line.levels.filter((other) => other !== level);
      return false;
    }
    line.queued = false;
    if (this.#lines.size > LINES_KEPT) this.#lines.delete(tenant);
    this.#leave(tenant, line);
    return true;
  }

  #first(tenant: string): Level | undefined {
    return this.#lines.get(tenant)?.levels[0];
  }

  #level(tenant: string, priority: number): Fifo {
    let line = this.#lines.get(tenant);
    if (line === undefined) {
      line = { queued: false, levels: [], ahead: 0 };
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
