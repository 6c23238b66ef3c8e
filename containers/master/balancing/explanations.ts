/** Why tasks went where they went: of so many dispatches one is told, so that a busy master spends little on it. */
import { ChurnMap } from '../../algorithms/churn-map.ts';
import type { Why } from '../../protocol/balancing.ts';
import { TRACES_PER_SAMPLE } from '../../protocol/stream.ts';

/** Of tasks that have not come to their end. */
const KEPT_MAX = 1_000;

export class Explanations {
  readonly #kept = new ChurnMap<string, Why>();
  #every = 1;
  #sinceTold = 0;
  #sinceRound = 0;

  /** One more dispatch: is it to be told? */
  isDue(): boolean {
    this.#sinceRound++;
    if (++this.#sinceTold < this.#every || this.#kept.size >= KEPT_MAX) return false;
    this.#sinceTold = 0;
    return true;
  }

  /** Once a sample's time: adapts to how many there are. */
  round(): void {
    this.#every = Math.max(1, Math.floor(this.#sinceRound / TRACES_PER_SAMPLE));
    this.#sinceRound = 0;
  }

  keep(task: string, why: Why): void {
    this.#kept.set(task, why);
  }

  /** Of the task's last dispatch. */
  take(task: string): Why | undefined {
    if (this.#kept.size === 0) return undefined;
    const why = this.#kept.get(task);
    if (why !== undefined) this.#kept.delete(task);
    return why;
  }
}
