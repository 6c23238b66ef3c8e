/**
 * For tests: the cores of one headnode and some datanodes in one thread, over a seeded network and
 * seeded disks. Small and quick; the simulator proper is in containers/sim.
 */
import type { SeededRandom } from '../algorithms/seeded-random.ts';
import { createRandom } from '../algorithms/seeded-random.ts';
import { createDatanode, stepDatanode } from '../datanode/core.ts';
import {
  decodeLogEntry,
  encodeLogEntry,
  encodeSnapshot,
  finishReplay,
  replay,
  replaySnapshot,
} from '../datanode/recovery-core.ts';
import { epochSum } from '../datanode/views-core.ts';
import type { DatanodeEffect, DatanodeEvent, DatanodeSettings, DatanodeState } from '../datanode/types.ts';
import { fromWire, toWire } from '../gateway/store-frames.ts';
import type { StoreMessage } from '../gateway/store-frames.ts';
import type { ClientAnswer, ClientRequest } from '../protocol/store-messages.ts';
import type { MonitorEvent, ShardView } from '../protocol/stream.ts';
import { Agenda } from './core-agenda.ts';
import { Machine } from './core-machine.ts';
import { createHeadnode, replayHeadnode, stepHeadnode } from './core.ts';
import type { HeadnodeEffect, HeadnodeEntry, HeadnodeEvent, HeadnodeSettings, HeadnodeState } from './types.ts';

const HEADNODE = 'headnode';

export type CoreClusterOptions = {
  seed: number;
  datanodes: number;
  shards?: number;
  lossProbability?: number;
  minInSync?: number;
  datanode?: Partial<DatanodeSettings>;
  headnode?: Partial<HeadnodeSettings>;
};

export class CoreCluster {
  readonly random: SeededRandom;
  readonly events: MonitorEvent[] = [];
  readonly machines = new Map<string, Machine>();
  readonly datanodes = new Map<string, DatanodeState>();
  headnode: HeadnodeState | null = null;
  /** As a router would have heard of them. */
  readonly views = new Map<number, ShardView>();
  /** Pairs `a b` between which nothing passes; either order. */
  readonly cut = new Set<string>();
  lossProbability: number;
  readonly #agenda = new Agenda(1_000_000);
  readonly #options: CoreClusterOptions;
  readonly #lastArrivalMs = new Map<string, number>();
  readonly #answers = new Map<string, (answer: ClientAnswer) => void>();
  #token = 0;

  constructor(options: CoreClusterOptions) {
    this.#options = options;
    this.random = createRandom(options.seed);
    this.lossProbability = options.lossProbability ?? 0;
    this.machines.set(HEADNODE, new Machine());
    for (let at = 1; at <= options.datanodes; at++) this.machines.set(`datanode-${at}`, new Machine());
  }

  get nowMs(): number {
    return this.#agenda.nowMs;
  }

  get names(): string[] {
    return [...this.machines.keys()].filter((node) => node !== HEADNODE);
  }

  /** A machine that was not there before. */
  add(node: string): void {
    this.machines.set(node, new Machine());
    this.start(node);
  }

  tell(event: HeadnodeEvent): void {
    this.#toHeadnode(event);
  }

  isUp(node: string): boolean {
    return this.#machine(node).process !== 0;
  }

  startAll(): void {
    for (const node of this.machines.keys()) this.start(node);
  }

  start(node: string): void {
    const machine = this.#machine(node);
    if (machine.process !== 0) return;
    const process = machine.start(this.nowMs);
    if (node === HEADNODE) this.#startHeadnode(machine, process);
    else this.#startDatanode(node, machine, process);
  }

  /** kill -9, and what the others notice of it. */
  crash(node: string, options: { wipe?: boolean; told?: boolean } = {}): void {
    const machine = this.#machine(node);
    if (machine.process === 0) return;
    const { incarnation } = machine;
    machine.crash(this.random);
    if (options.wipe === true) Object.assign(machine, { durable: [], snapshot: null });
    if (node === HEADNODE) this.headnode = null;
    else {
      this.datanodes.delete(node);
      this.after(5, () => this.#toHeadnode({ kind: 'closed', node, incarnation }));
      if (options.told === true)
        this.after(20, () => this.#toHeadnode({ kind: 'engine-word', node, type: 'exited', atMs: this.nowMs }));
    }
  }

  /** Replaces a datanode's log by a snapshot, as its compaction does. */
  compact(node: string): void {
    const state = this.datanodes.get(node);
    const machine = this.#machine(node);
    if (state === undefined) return;
    const snapshot = encodeSnapshot(state);
    this.#append(node, machine.process, [encodeLogEntry({ kind: 'identity', store: state.store })], () => {
      machine.snapshot = snapshot;
      machine.durable = [];
    });
  }

  after(delayMs: number, run: () => void): void {
    this.#agenda.after(delayMs, run);
  }

  run(forMs: number): void {
    this.#agenda.run(forMs);
  }

  /** Runs until something is so; throws when it is not by then. */
  runUntil(isSo: () => boolean, withinMs: number): void {
    for (const endMs = this.nowMs + withinMs; !isSo(); this.run(10)) {
      if (this.nowMs >= endMs) throw new Error(`not so after ${withinMs} ms`);
    }
  }

  /** One request to a node; the answer may never come. */
  request(node: string, request: ClientRequest, onAnswer: (answer: ClientAnswer) => void): void {
    const machine = this.#machine(node);
    const { process } = machine;
    this.#token += 1;
    const token = this.#token;
    this.#answers.set(`${node} ${token}`, onAnswer);
    this.#deliver('client', node, process, () =>
      this.#toDatanode(node, process, { kind: 'request', from: token, request }),
    );
  }

  #machine(node: string): Machine {
    const machine = this.machines.get(node);
    if (machine === undefined) throw new Error(`no machine ${node}`);
    return machine;
  }

  #startHeadnode(machine: Machine, process: number): void {
    const { shards = 4, minInSync = 2 } = this.#options;
    const options = {
      node: HEADNODE,
      shards,
      replicas: 3,
      minInSync,
      rereplicationDelayMs: 1_000,
      heartbeatIntervalMs: 200,
      ...this.#options.headnode,
    };
    const state = createHeadnode(options);
    for (const bytes of machine.durable)
      replayHeadnode(state, JSON.parse(Buffer.from(bytes).toString()) as HeadnodeEntry, this.nowMs);
    this.headnode = state;
    const tick = (): void => {
      if (machine.process !== process) return;
      this.#toHeadnode({ kind: 'tick' });
      this.after(200, tick);
    };
    tick();
    for (const node of this.names) if (this.isUp(node)) this.#hello(node);
  }

  #startDatanode(node: string, machine: Machine, process: number): void {
    const { minInSync = 2 } = this.#options;
    const state = createDatanode({ node, minInSync, chunkBytes: 300, resendAfterMs: 100, ...this.#options.datanode });
    if (machine.snapshot !== null) replaySnapshot(state, machine.snapshot);
    for (const bytes of machine.durable) replay(state, decodeLogEntry(bytes));
    finishReplay(state);
    if (state.store === '') {
      state.store = `${node}/${process}`;
      machine.durable.push(encodeLogEntry({ kind: 'identity', store: state.store }));
    }
    this.datanodes.set(node, state);
    let seq = 0;
    const tick = (): void => {
      if (machine.process !== process) return;
      this.#toDatanode(node, process, { kind: 'tick' });
      seq += 1;
      const beat = {
        kind: 'heartbeat',
        node,
        incarnation: machine.incarnation,
        seq,
        inFlight: 0,
        eventLoopLagMs: 0,
        epochSum: epochSum(state),
        rssBytes: 0,
      } as const;
      if (seq % 2 === 0)
        this.#deliver(node, HEADNODE, this.#machine(HEADNODE).process, () =>
          this.#toHeadnode({ ...beat, seq: beat.seq / 2 }),
        );
      this.after(100, tick);
    };
    tick();
    this.#hello(node);
    for (const other of this.names) {
      if (other !== node && this.isUp(other)) {
        this.after(5, () => this.#toDatanode(other, this.#machine(other).process, { kind: 'peer-up', node }));
      }
    }
  }

  #hello(node: string): void {
    const state = this.datanodes.get(node);
    const { incarnation, process } = this.#machine(node);
    if (state === undefined) return;
    const epoch = Math.max(0, ...[...state.shards.values()].map((shard) => shard.epoch));
    const info = { store: state.store, framesAddress: `${node}:1`, probeAddress: `${node}:2`, epoch };
    this.after(2, () => {
      if (this.#machine(node).process !== process) return;
      // Dialled again until it gets through.
      if (this.#isCut(node, HEADNODE) || !this.isUp(HEADNODE)) this.after(50, () => this.#hello(node));
      else this.#toHeadnode({ kind: 'hello', node, incarnation, info });
    });
  }

  #toHeadnode(event: HeadnodeEvent): void {
    if (this.headnode === null) return;
    const { effects } = stepHeadnode(this.headnode, event, this.nowMs);
    this.#performHeadnode(effects, this.#machine(HEADNODE).process);
  }

  #performHeadnode(effects: readonly HeadnodeEffect[], process: number): void {
    for (const effect of effects) {
      switch (effect.kind) {
        case 'persist':
          this.#append(
            HEADNODE,
            process,
            effect.entries.map((entry) => Buffer.from(JSON.stringify(entry))),
            () => this.#performHeadnode(effect.then, process),
          );
          break;
        case 'self':
          this.#toHeadnode(effect.event);
          break;
        case 'announce':
          for (const view of effect.views) this.after(this.#delayMs(), () => this.#heardView(view));
          for (const node of this.names) this.#sendViews(node, effect.views);
          break;
        case 'send-views':
          this.#sendViews(effect.to, effect.views);
          break;
        case 'order':
          this.#deliver(HEADNODE, effect.to, this.#machine(effect.to).process, () => {
            if (effect.message.t === 'ask-blocks') {
              this.#toDatanode(effect.to, this.#machine(effect.to).process, { kind: 'ask-blocks' });
              return;
            }
            const { shard, epoch, node, store } = effect.message;
            const { process } = this.#machine(effect.to);
            this.#toDatanode(effect.to, process, { kind: 'learn', shard, epoch, node, store });
          });
          break;
        case 'probe':
          this.#probe(effect);
          break;
        case 'outdated': {
          const machine = this.#machine(effect.node);
          machine.incarnation = Math.max(machine.incarnation + 1, Math.floor(this.nowMs));
          if (machine.process !== 0) this.#hello(effect.node);
          break;
        }
        case 'event':
          this.events.push(effect.event);
          break;
        case 'beat':
        case 'set':
          break;
      }
    }
  }

  #probe({ node, incarnation }: { node: string; incarnation: number }): void {
    this.after(this.isUp(node) ? 5 : 50, () => {
      const isAlive =
        this.isUp(node) && this.#machine(node).incarnation === incarnation && !this.#isCut(HEADNODE, node);
      this.#toHeadnode({ kind: 'probed', node, incarnation, isAlive });
    });
  }

  #sendViews(node: string, views: ShardView[]): void {
    const { process } = this.#machine(node);
    const copy = structuredClone(views);
    this.#deliver(HEADNODE, node, process, () => this.#toDatanode(node, process, { kind: 'views', views: copy }));
  }

  #heardView(view: ShardView): void {
    if (view.epoch > (this.views.get(view.shard)?.epoch ?? 0)) this.views.set(view.shard, structuredClone(view));
  }

  #toDatanode(node: string, process: number, event: DatanodeEvent): void {
    const state = this.datanodes.get(node);
    if (state === undefined || this.#machine(node).process !== process) return;
    const { effects } = stepDatanode(state, event, this.nowMs);
    this.#performDatanode(node, process, effects);
  }

  #performDatanode(node: string, process: number, effects: readonly DatanodeEffect[]): void {
    const events: DatanodeEvent[] = [];
    for (const effect of effects) {
      switch (effect.kind) {
        case 'persist':
          this.#append(node, process, effect.entries.map(encodeLogEntry), () =>
            this.#performDatanode(node, process, effect.then),
          );
          break;
        case 'self':
          events.push(effect.event);
          break;
        case 'send': {
          const { to } = effect;
          const receiver = this.#machine(to).process;
          const message = this.#overWire(effect.message) as typeof effect.message;
          // A frame on a connection of a process that is gone arrives nowhere.
          this.#deliver(node, to, receiver, () => {
            if (this.#machine(node).process === process)
              this.#toDatanode(to, receiver, { kind: 'peer', from: node, message });
          });
          break;
        }
        case 'answer': {
          const onAnswer = this.#answers.get(`${node} ${effect.to}`);
          this.#answers.delete(`${node} ${effect.to}`);
          if (onAnswer === undefined) throw new Error(`${node} answers ${effect.to} twice, or unasked`);
          this.#deliver(node, 'client', process, () => onAnswer(effect.answer));
          break;
        }
        case 'report': {
          const { message } = effect;
          this.#deliver(node, HEADNODE, this.#machine(HEADNODE).process, () =>
            this.#toHeadnode({ kind: 'message', from: node, message }),
          );
          break;
        }
      }
    }
    for (const event of events) this.#toDatanode(node, process, event);
  }

  #overWire(message: StoreMessage): StoreMessage {
    const { head, body = new Uint8Array(0) } = toWire(message);
    return fromWire({ head: JSON.parse(JSON.stringify(head)) as typeof head, body });
  }

  /** In order each way, unless lost. A lost frame between nodes is one that a fault swallowed. */
  #deliver(from: string, to: string, process: number, arrive: () => void): void {
    if (this.random.next() < this.lossProbability) return;
    const way = `${from} ${to}`;
    const atMs = Math.max(this.#lastArrivalMs.get(way) ?? 0, this.nowMs + this.#delayMs());
    this.#lastArrivalMs.set(way, atMs);
    this.after(atMs - this.nowMs, () => {
      if (this.#isCut(from, to)) return;
      if (to !== 'client' && this.#machine(to).process !== process) return;
      arrive();
    });
  }

  #delayMs(): number {
    return this.random.next() < 0.02 ? 1 + this.random.next() * 200 : 0.2 + this.random.next() * 2;
  }

  #isCut(a: string, b: string): boolean {
    return this.cut.has(`${a} ${b}`) || this.cut.has(`${b} ${a}`);
  }

  #append(node: string, process: number, bytes: Uint8Array[], whenDurable: () => void): void {
    const machine = this.#machine(node);
    if (machine.process !== process) return;
    machine.append(bytes, whenDurable, (syncMs, run) => this.after(syncMs, run), this.random);
  }
}
