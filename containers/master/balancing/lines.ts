/** Ready tasks that wait for one worker alone: those that a policy has placed, and retries. */
import { ChurnMap } from '../../algorithms/churn-map.ts';
import { Fifo } from '../fifo.ts';

type Line = { ids: Fifo; waiting: number };

export class Lines {
  readonly #lines = new ChurnMap<string, Line>();
  /** The worker that a task waits for. */
  readonly #placed = new ChurnMap<string, string>();

  /** Tasks in all lines. */
  get size(): number {
    return this.#placed.size;
  }

  has(task: string): boolean {
    return this.#placed.has(task);
  }

  waitingAt(worker: string): number {
    return this.#lines.get(worker)?.waiting ?? 0;
  }

  /** Workers for which something waits. */
  workers(): string[] {
    return [...this.#lines.keys()];
  }

  /** `front`: it has waited before. */
  add(worker: string, task: string, end: 'front' | 'back'): void {
    let line = this.#lines.get(worker);
    if (line === undefined) {
      line = { ids: new Fifo(), waiting: 0 };
      this.#lines.set(worker, line);
    }
    line.waiting++;
    this.#placed.set(task, worker);
    if (end === 'front') line.ids.unshift(task);
    else line.ids.push(task);
  }

  peek(worker: string): string | undefined {
    const ids = this.#lines.get(worker)?.ids;
    if (ids === undefined) return undefined;
    for (let task = ids.peek(); task !== undefined; task = ids.peek()) {
      if (this.#placed.get(task) === worker) return task;
      ids.shift();
    }
    return undefined;
  }

  remove(task: string): void {
    const worker = this.#placed.get(task);
    if (worker === undefined) return;
    this.#placed.delete(task);
    const line = this.#lines.get(worker);
    if (line === undefined) return;
    line.waiting--;
    if (line.ids.peek() === task) line.ids.shift();
    if (line.waiting === 0) this.#lines.delete(worker);
  }

  /** Ends a line; its tasks in order. */
  recall(worker: string): string[] {
    const tasks: string[] = [];
    for (let task = this.peek(worker); task !== undefined; task = this.peek(worker)) {
      tasks.push(task);
      this.remove(task);
    }
    return tasks;
  }
}
