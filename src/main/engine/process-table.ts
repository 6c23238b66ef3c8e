/**
 * The processes that run now: children of this panel, whose end the system reports, and adopted ones
 * that an earlier panel started, which are looked at from time to time.
 */
import type { NodeRef } from './engine.ts';
import { keyOf } from './engine-names.ts';
import { livenessOf } from './process-identity.ts';
import type { Liveness } from './process-identity.ts';
import type { LaunchedProcess } from './process-launcher.ts';
import type { ProcessRecord } from './process-registry.ts';
import { pause } from './turns.ts';

const WATCH_INTERVAL_MS = 250;
const GONE_POLL_MS = 10;
/** Of a process that was not this panel's child nobody can tell the exit code any more. */
export const UNKNOWN_EXIT = -1;
const KILLED_EXIT = 137;

export type ProcessEnd = { record: ProcessRecord; exitCode: number };

export class ProcessTable {
  #onEnd: (end: ProcessEnd) => void;
  #onTick: () => void;
  #children = new Map<string, LaunchedProcess>();
  #adopted = new Map<string, ProcessRecord>();
  /** Adopted processes killed from here: their exit code is known. */
  #killed = new Set<number>();
  #timer: NodeJS.Timeout | null = null;

  /** @param onTick called every 250 ms while a process runs */
  constructor(onEnd: (end: ProcessEnd) => void, onTick: () => void) {
    this.#onEnd = onEnd;
    this.#onTick = onTick;
  }

  addChild(record: ProcessRecord, child: LaunchedProcess): void {
    this.#children.set(keyOf(record), child);
    child.exited.then(
      (exitCode) => this.#childEnded(record, child.pid, exitCode),
      () => this.#childEnded(record, child.pid, UNKNOWN_EXIT),
    );
    this.#keepWatch();
  }

  /** Watches the process of a record unless it is watched already. */
  adopt(record: ProcessRecord): void {
    const key = keyOf(record);
    if (record.pid === null || this.#children.has(key) || this.#adopted.get(key)?.pid === record.pid) return;
    this.#adopted.set(key, record);
    this.#keepWatch();
  }

  /** Whether the process that a record speaks of runs. Throws engine-failed when the system does not tell. */
  async liveness(record: ProcessRecord): Promise<Liveness> {
    const { pid, mark, node, ports } = record;
    if (pid === null) return 'gone';
    const found = await livenessOf({ pid, mark, node, probePort: ports.probe });
    // A child is there until its end was told, with its exit code.
    return found === 'gone' && this.#isChild(record, pid) ? 'running' : found;
  }

  /** Resolves with true when the system calls it so, with false when it is gone or after `limitMs`. */
  async waitUntil(record: ProcessRecord, wanted: Liveness, limitMs: number): Promise<boolean> {
    const giveUpAt = performance.now() + limitMs;
    for (;;) {
      const found = await this.liveness(record);
      if (found === wanted) return true;
      if (found === 'gone' || performance.now() >= giveUpAt) return false;
      await pause(GONE_POLL_MS);
    }
  }

  /** Sends a signal to the very process of the record; false when that is gone. */
  async signal(record: ProcessRecord, signal: NodeJS.Signals): Promise<boolean> {
    if (record.pid === null || (await this.liveness(record)) === 'gone') return false;
    this.adopt(record);
    if (signal === 'SIGKILL' && !this.#isChild(record, record.pid)) this.#killed.add(record.pid);
    try {
      process.kill(record.pid, signal);
      return true;
    } catch {
      return false;
    }
  }

  /** Resolves when the record's process is gone and its end was told, or false after `limitMs`. */
  async waitEnd(record: ProcessRecord, limitMs: number): Promise<boolean> {
    const child = this.#children.get(keyOf(record));
    if (child && child.pid === record.pid) {
      const limit = new AbortController();
      const ended = child.exited.then(() => true);
      const late = pause(limitMs, limit.signal).then(() => false);
      const answer = await Promise.race([ended, late]);
      limit.abort();
      return answer;
    }
    const isGone = await this.waitUntil(record, 'gone', limitMs);
    if (isGone) this.#adoptedEnded(record);
    return isGone;
  }

  close(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
  }

  #isChild(node: NodeRef, pid: number): boolean {
    return this.#children.get(keyOf(node))?.pid === pid;
  }

  #childEnded(record: ProcessRecord, pid: number, exitCode: number): void {
    if (this.#isChild(record, pid)) this.#children.delete(keyOf(record));
    this.#onEnd({ record, exitCode });
  }

  #adoptedEnded(record: ProcessRecord): void {
    const pid = record.pid;
    if (pid === null || this.#adopted.get(keyOf(record))?.pid !== pid) return;
    this.#adopted.delete(keyOf(record));
    this.#onEnd({ record, exitCode: this.#killed.delete(pid) ? KILLED_EXIT : UNKNOWN_EXIT });
  }

  #keepWatch(): void {
    if (this.#timer) return;
    this.#timer = setInterval(() => {
      this.#onTick();
      for (const record of this.#adopted.values()) this.#look(record);
      if (this.#adopted.size === 0 && this.#children.size === 0) this.close();
    }, WATCH_INTERVAL_MS);
    // What runs is no reason for the panel to stay.
    this.#timer.unref();
  }

  #look(record: ProcessRecord): void {
    this.liveness(record).then(
      (liveness) => {
        if (liveness === 'gone') this.#adoptedEnded(record);
      },
      // It is looked at again soon.
      () => undefined,
    );
  }
}
