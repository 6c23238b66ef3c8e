/**
 * For tests: a master's core with a log that becomes durable when told so, in virtual time. Effects are
 * performed as the driver does, and kept for inspection.
 */
import type { WorkerInfo } from '../protocol/compute-messages.ts';
import type { Random } from '../protocol/step.ts';
import type { MonitorEvent } from '../protocol/stream.ts';
import { rebuildState, stepMaster } from './core.ts';
import type { Answer, MasterEffect, MasterEvent, MasterState, ShellEffect } from './core-types.ts';
import { decodeEntry, encodeEntry, encodeSnapshot } from './log-entry.ts';
import type { LogEntry } from './log-entry.ts';
import { defaultSettings } from './settings.ts';
import type { MasterSettings } from './settings.ts';
import { takeSnapshot } from './task-queue.ts';
import type { TaskSpec } from './task-row.ts';

export const WORKER_INFO: WorkerInfo = {
  capacity: 1,
  kinds: ['calculator', 'echo', 'work', 'fruit'],
  probe: '127.0.0.1:1',
  standby: false,
  holding: [],
};

/** Bends what an honest core decided: a broken variant of it. */
export type Mutation = (effects: MasterEffect[], event: MasterEvent, state: MasterState) => MasterEffect[];

export class MasterRig {
  mutation: Mutation | null = null;
  state: MasterState;
  nowMs = 1_000_000;
  /** What a restart finds for certain. */
  durable: LogEntry[] = [];
  /** Appended, not yet synced. */
  unsynced: { entries: LogEntry[]; effects: MasterEffect[] }[] = [];
  /** Effects performed since the last `take`. */
  performed: ShellEffect[] = [];
  /** Covers the first `index` of the durable entries. */
  snapshot: { index: number; bytes: Uint8Array } | null = null;
  answers = new Map<number, Answer>();
  /** Syncs at once after every event, as an idle disk does. */
  autoSync = true;
  readonly settings: MasterSettings;
  readonly #random: Random;
  /** Told of each effect when it is decided. */
  onEffect: (effect: ShellEffect) => void = () => {};

  constructor(random: Random = () => 0.5, settings: Partial<MasterSettings> = {}) {
    this.settings = { ...defaultSettings(1_000), ...settings };
    this.#random = random;
    this.state = rebuildState(this.settings, null, [], this.nowMs);
  }

  boot(): void {
    this.feed({ kind: 'boot' });
    this.sync();
  }

  feed(...events: MasterEvent[]): void {
    for (const event of events) {
      const { state, effects } = stepMaster(this.state, event, this.nowMs, this.#random);
      this.state = state;
      this.#perform(this.mutation === null ? effects : this.mutation(effects, event, state));
      if (this.autoSync) this.sync();
    }
  }

  /** Time passes, with a tick every tickMs and each worker beating as it should. */
  advance(ms: number, beating: () => void = () => {}): void {
    const endMs = this.nowMs + ms;
    while (this.nowMs < endMs) {
      this.nowMs = Math.min(endMs, this.nowMs + this.settings.tickMs);
      beating();
      this.feed({ kind: 'tick' });
    }
  }

  /** Makes the first `count` appends durable and does what waited for them. */
  sync(count = Number.POSITIVE_INFINITY): void {
    for (let done = 0; done < count; done++) {
      const append = this.unsynced.shift();
      if (append === undefined) return;
      // Through bytes, as on a disk: nothing is shared with the live state.
      this.durable.push(...append.entries.map((entry) => decodeEntry(encodeEntry(entry))));
      this.#perform(append.effects);
    }
  }

  /** kill -9: everything synced survives, and `lucky` of the appends that were not. */
  crash(lucky = 0): void {
    for (const append of this.unsynced.slice(0, lucky)) {
      this.durable.push(...append.entries.map((entry) => decodeEntry(encodeEntry(entry))));
    }
    this.unsynced = [];
    const { index, bytes } = this.snapshot ?? { index: 0, bytes: null };
    const entries = this.durable.slice(index).map((entry) => decodeEntry(encodeEntry(entry)));
    this.state = rebuildState(this.settings, bytes, entries, this.nowMs);
  }

  join(node: string, options: { link?: number; incarnation?: number; info?: Partial<WorkerInfo> } = {}): void {
    const { link = 1, incarnation = 1, info = {} } = options;
    this.feed({ kind: 'hello', link, node, incarnation, info: { ...WORKER_INFO, ...info } });
    this.beat(node, 1, { link, incarnation, holding: info.holding ?? [] });
  }

  beat(
    node: string,
    seq: number,
    options: { link?: number; incarnation?: number; holding?: WorkerInfo['holding'] } = {},
  ): void {
    const { link = 1, incarnation = 1, holding = [] } = options;
    const beat = { incarnation, seq, inFlight: holding.length, eventLoopLagMs: 0, rssBytes: 0, holding };
    this.feed({ kind: 'heartbeat', link, node, beat });
  }

  submit(
    request: number,
    spec: Partial<TaskSpec> = {},
    options: { wait?: boolean; queue?: boolean; deadlineMs?: number } = {},
  ): void {
    const { wait = false, queue = true, deadlineMs } = options;
    const whole: TaskSpec = { id: `t${request}`, kind: 'echo', form: 'kind', payload: 'x', keyed: false, ...spec };
    this.feed({ kind: 'submit', request, spec: whole, wait, queue, ...(deadlineMs !== undefined && { deadlineMs }) });
  }

  /** The orders given since the last call, and other effects are dropped. */
  takeOrders(): { link: number; task: string; token: readonly [number, number] }[] {
    return this.take('send').flatMap(({ link, message }) =>
      message.t === 'tasks' ? message.tasks.map(({ task, token }) => ({ link, task, token })) : [],
    );
  }

  /** Effects of one kind since the last call; all others are dropped. */
  take<Kind extends ShellEffect['kind']>(kind: Kind): Extract<ShellEffect, { kind: Kind }>[] {
    const taken = this.performed.filter(
      (effect): effect is Extract<ShellEffect, { kind: Kind }> => effect.kind === kind,
    );
    this.performed = [];
    return taken;
  }

  takeEvents(): MonitorEvent[] {
    return this.take('publish').map(({ event }) => event);
  }

  /** Durable at once: it waits for no write of its own, only for the entries before it. */
  #takeSnapshot(): void {
    const bytes = encodeSnapshot(takeSnapshot(this.state.queue));
    this.sync();
    this.snapshot = { index: this.durable.length, bytes };
  }

  #perform(effects: readonly MasterEffect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'persist') this.unsynced.push({ entries: effect.entries, effects: effect.then });
      else if (effect.kind === 'self') this.feed(effect.event);
      else {
        if (effect.kind === 'snapshot') this.#takeSnapshot();
        if (effect.kind === 'answer') this.answers.set(effect.request, effect.answer);
        this.onEffect(effect);
        this.performed.push(effect);
      }
    }
  }
}
