/**
 * For tests: a master and real worker cores over links whose messages wait until they are delivered, so
 * that a test decides what overtakes what. Invariants are checked after every step.
 */
import { expect } from 'vitest';
import type { MasterToWorker, TaskOrder, TaskResult, Token, WorkerInfo } from '../protocol/compute-messages.ts';
import { createWorkerState, holding, keyOf, stepWorker } from '../worker/core.ts';
import type { LeaseRef, WorkerEvent, WorkerState } from '../worker/core.ts';
import { BatchWorld } from './batch-world.ts';
import type { ShellEffect } from './core-types.ts';
import { CLIENT } from './counters.ts';
import { inFlightOf } from './task-queue.ts';
import { isFinal } from './task-row.ts';
import type { TaskRow } from './task-row.ts';
import { RequestWorld } from './request-world.ts';
import { MasterRig, WORKER_INFO } from './test-rig.ts';
import type { Mutation } from './test-rig.ts';

type ToMaster =
  | { t: 'hello'; incarnation: number; info: WorkerInfo }
  | { t: 'heartbeat'; incarnation: number; seq: number; holding: Token[] }
  | { t: 'results'; reply: number; results: TaskResult[] }
  | { t: 'leave' };
type ToWorker = MasterToWorker | { t: 'settled'; leases: readonly LeaseRef[] };

export type WorkerProcess = {
  node: string;
  alive: boolean;
  incarnation: number;
  seq: number;
  state: WorkerState;
  link: number | null;
  toMaster: ToMaster[];
  toWorker: ToWorker[];
  running: TaskOrder[];
  unsettled: Map<number, readonly LeaseRef[]>;
};

export class ComputeWorld {
  readonly rig: MasterRig;
  readonly batches: BatchWorld;
  readonly clients: RequestWorld;
  readonly workers: WorkerProcess[];
  readonly capacity: number;
  readonly probes: { node: string; incarnation: number }[] = [];
  readonly waiting: number[] = [];
  /** Every result ever sent, for replays. */
  readonly sent: { node: string; result: TaskResult }[] = [];
  requests = 0;
  #links = 0;
  #replies = 0;
  readonly #acknowledged = new Map<string, unknown>();
  readonly #finalKept = new Map<string, string>();
  #finalSeen = new Map<string, string>();
  #dead = new Set<string>();
  readonly #random: () => number;
  readonly #newestToken = new Map<string, Token>();

  constructor(random: () => number, workers: number, capacity: number, mutation: Mutation | null = null) {
    this.#random = random;
    this.rig = new MasterRig(random, { attemptsMax: 3, snapshotEvery: 60, ejectAfterErrors: 2 });
    this.batches = new BatchWorld(this.rig);
    this.rig.mutation = mutation;
    this.rig.autoSync = false;
    this.capacity = capacity;
    this.clients = new RequestWorld(this.rig);
    this.rig.onEffect = (effect) => {
      this.clients.noteEffect(effect);
      this.#onEffect(effect);
    };
    this.workers = Array.from({ length: workers }, (_, at) => this.#process(`worker-${at + 1}`, 1));
    this.rig.boot();
    for (const worker of this.workers) this.connect(worker);
  }

  submit(id: string, payload: string, wait: boolean, keyed: boolean, tenant = 'default'): void {
    const request = ++this.requests;
    if (wait) this.waiting.push(request);
    this.clients.note(id, 'echo', keyed);
    this.rig.submit(request, { id, payload, keyed, tenant }, { wait });
    this.clients.noteArrival(request);
  }

  /** Some dead tasks get a new life, whose end may be another one. */
  redrive(which: number, preview: boolean): void {
    // What is still to be said of the old lives is said first, or it would be taken for the new ones'.
    this.rig.sync();
    const dead = [...this.rig.state.queue.rows.values()].filter(({ state }) => state === 'DEAD');
    const ids = dead.filter((_, at) => at % 2 === which % 2).map(({ id }) => id);
    if (ids.length === 0) return;
    this.rig.feed({ kind: 'redrive', request: ++this.requests, preview, ids, filter: null });
    if (preview) return;
    for (const id of ids) {
      this.#finalKept.delete(id);
      this.#finalSeen.delete(id);
    }
  }

  connect(worker: WorkerProcess): void {
    if (!worker.alive || worker.link !== null) return;
    worker.link = ++this.#links;
    const info = { ...WORKER_INFO, capacity: this.capacity, holding: holding(worker.state) };
    worker.toMaster.push({ t: 'hello', incarnation: worker.incarnation, info });
    this.beat(worker);
  }

  beat(worker: WorkerProcess): void {
    if (worker.link === null) return;
    const { incarnation, state } = worker;
    worker.toMaster.push({ t: 'heartbeat', incarnation, seq: ++worker.seq, holding: holding(state) });
  }

  leave(worker: WorkerProcess): void {
    if (worker.link !== null) worker.toMaster.push({ t: 'leave' });
  }

  /** Ends the link; what was under way is lost, both ends are told. */
  disconnect(worker: WorkerProcess): void {
    const { link } = worker;
    if (link === null) return;
    this.#cut(worker);
    this.rig.feed({ kind: 'disconnected', link, node: worker.node });
  }

  /** kill -9 and a new process of the same name. */
  restart(worker: WorkerProcess): void {
    this.disconnect(worker);
    Object.assign(worker, this.#process(worker.node, worker.incarnation + 1));
  }

  deliverToMaster(worker: WorkerProcess): void {
    const message = worker.toMaster.shift();
    const { link, node } = worker;
    if (message === undefined || link === null) return;
    switch (message.t) {
      case 'hello':
        this.rig.feed({ kind: 'hello', link, node, incarnation: message.incarnation, info: message.info });
        this.#feedWorker(worker, { kind: 'connected' });
        return;
      case 'heartbeat': {
        const { incarnation, seq, holding: held } = message;
        const beat = { incarnation, seq, inFlight: 0, eventLoopLagMs: 0, rssBytes: 0, holding: held };
        this.rig.feed({ kind: 'heartbeat', link, node, beat });
        return;
      }
      case 'results':
        this.rig.feed({ kind: 'results', link, node, reply: message.reply, results: message.results });
        return;
      case 'leave':
        this.rig.feed({ kind: 'leave', link, node });
    }
  }

  deliverToWorker(worker: WorkerProcess): void {
    const message = worker.toWorker.shift();
    if (message === undefined) return;
    switch (message.t) {
      case 'tasks':
        return this.#feedWorker(worker, { kind: 'tasks', tasks: message.tasks });
      case 'cancel':
        return this.#feedWorker(worker, { kind: 'cancel', tokens: message.tokens });
      case 'settled':
        return this.#feedWorker(worker, { kind: 'settled', leases: message.leases });
      case 'drain':
        return this.#feedWorker(worker, { kind: 'drain' });
      case 'dead':
        if (message.incarnation === worker.incarnation) this.#feedWorker(worker, { kind: 'declared-dead' });
        return undefined;
      default:
        return undefined;
    }
  }

  finish(worker: WorkerProcess, outcome: TaskResult['outcome']): void {
    const order = worker.running.shift();
    if (order !== undefined)
      this.#feedWorker(worker, { kind: 'finished', task: order.task, token: order.token, outcome });
  }

  /** An old frame turns up again: it may change nothing. */
  replay(at: number): void {
    const old = this.sent[at % Math.max(1, this.sent.length)];
    const worker = this.workers.find(({ node }) => node === old?.node);
    if (old === undefined || worker === undefined || worker.link === null) return;
    const row = this.rig.state.queue.rows.get(old.result.task);
    const isCurrent =
      row?.lease !== null && row?.lease !== undefined && keyOf(row.lease.token) === keyOf(old.result.token);
    if (isCurrent) return;
    const before = JSON.stringify(row, withoutTime);
    this.rig.feed({ kind: 'results', link: worker.link, node: old.node, reply: 0, results: [old.result] });
    const after = JSON.stringify(this.rig.state.queue.rows.get(old.result.task), withoutTime);
    expect(after, '9: an older token changes nothing').toBe(before);
  }

  crashMaster(lucky: number): void {
    for (const worker of this.workers) if (worker.link !== null) this.#cut(worker);
    this.rig.crash(lucky);
    this.waiting.length = 0;
    this.clients.crash();
    this.probes.length = 0;
    this.#dead = new Set();
    this.#finalSeen = new Map();
    this.rig.feed({ kind: 'boot' });
  }

  /** Everything heals: fresh workers, a good disk, time. Every task must come to its end. */
  settle(): void {
    this.rig.autoSync = true;
    this.rig.sync();
    this.batches.sealAll(() => ++this.requests);
    for (const worker of this.workers) {
      this.restart(worker);
      this.connect(worker);
    }
    for (let round = 0; round < 1_500 && this.open().length > 0; round++) {
      this.rig.nowMs += 250;
      this.clients.passDeadlines();
      for (const worker of this.workers) {
        if (worker.link === null) this.connect(worker);
        if (round % 4 === 0) this.beat(worker);
        while (worker.toMaster.length > 0 || worker.toWorker.length > 0 || worker.running.length > 0) {
          this.deliverToMaster(worker);
          this.deliverToWorker(worker);
          this.finish(worker, { ok: true, result: 'settled' });
        }
      }
      this.rig.feed({ kind: 'tick' });
    }
    expect(this.open()).toEqual([]);
    this.clients.passDeadlines();
    expect(this.clients.open(), '4: every request is answered').toEqual([]);
  }

  open(): TaskRow[] {
    return [...this.rig.state.queue.rows.values()].filter((row) => !isFinal(row));
  }

  checkInvariants(): void {
    const { queue, membership, counters, settings } = this.rig.state;
    this.batches.check();
    this.clients.check();
    for (const [id, payload] of this.#acknowledged) expect(queue.rows.get(id)?.payload, `8: ${id}`).toBe(payload);
    for (const [id, outcome] of this.#finalKept) {
      const row = queue.rows.get(id);
      expect(row === undefined ? 'lost' : outcomeOf(row), `10, 13: ${id}`).toBe(outcome);
    }
    for (const row of queue.rows.values()) {
      expect(row.attempts, '12').toBeLessThanOrEqual(settings.attemptsMax);
      const final = isFinal(row) ? outcomeOf(row) : null;
      const before = this.#finalSeen.get(row.id);
      if (before !== undefined) expect(final, `10: ${row.id}`).toBe(before);
      if (final !== null) this.#finalSeen.set(row.id, final);
    }
    for (const { node, capacity, incarnation, health } of membership.members.values()) {
      expect(inFlightOf(queue, node), '5').toBeLessThanOrEqual(capacity);
      if (this.#dead.has(`${node} ${incarnation}`)) expect(health, '1').toBe('dead');
    }
    const open = this.open().length;
    expect(counters.accepted, '31').toBe(counters.done + counters.failed + open);
    for (const [end, { sent, ok, failed }] of counters.edges) {
      expect(sent - ok - failed, `31: ${end}`).toBe(end === CLIENT ? open : inFlightOf(queue, end));
    }
    const ready = [...queue.rows.values()].filter(({ state, id }) => state === 'READY' && !queue.delayed.has(id));
    expect(queue.readyCount.sync + queue.readyCount.durable).toBe(ready.length);
  }

  #onEffect(effect: ShellEffect): void {
    switch (effect.kind) {
      case 'answer':
        this.#noteAnswer(effect);
        return;
      case 'send':
        this.#deliverSend(effect.link, effect.message);
        return;
      case 'settle': {
        const worker = this.workers.find(({ link }) => link === effect.link);
        const leases = worker?.unsettled.get(effect.reply);
        if (leases !== undefined) worker?.toWorker.push({ t: 'settled', leases });
        worker?.unsettled.delete(effect.reply);
        return;
      }
      case 'hang-up': {
        const worker = this.workers.find(({ link }) => link === effect.link);
        // What was sent before the hang-up still arrives, unless the connection breaks first.
        while (worker !== undefined && worker.toWorker.length > 0 && this.#random() < 0.8) this.deliverToWorker(worker);
        if (worker !== undefined && worker.link === effect.link) this.#cut(worker);
        return;
      }
      case 'probe':
        this.probes.push({ node: effect.node, incarnation: effect.incarnation });
        return;
      case 'publish':
        if (effect.event.type === 'member-dead') this.#dead.add(`${effect.event.node} ${effect.event.incarnation}`);
        return;
      case 'finished': {
        const row = this.rig.state.queue.rows.get(effect.finished.task);
        if (row?.kept === true && isFinal(row) && (row.lane === 'durable' || row.keyed)) {
          this.#finalKept.set(row.id, outcomeOf(row));
        }
        return;
      }
      default:
    }
  }

  #noteAnswer({ request, answer }: Extract<ShellEffect, { kind: 'answer' }>): void {
    const at = this.waiting.indexOf(request);
    if (at >= 0) this.waiting.splice(at, 1);
    if (answer.kind === 'accepted') {
      this.#acknowledged.set(answer.task, this.rig.state.queue.rows.get(answer.task)?.payload);
    }
    this.batches.noteAnswer(request, answer);
    if (answer.kind === 'batch') for (const id of answer.ids) this.#acknowledged.set(id, 'body');
    if (answer.kind === 'task' && isFinal(answer.row) && answer.row.keyed) {
      this.#finalKept.set(answer.row.id, outcomeOf(answer.row));
    }
    if (answer.kind === 'task' && !isFinal(answer.row)) this.#acknowledged.set(answer.row.id, answer.row.payload);
  }

  #deliverSend(link: number, message: MasterToWorker): void {
    if (message.t === 'tasks') {
      const member = [...this.rig.state.membership.members.values()].find((other) => other.link === link);
      expect(member?.health, '5: new work only to the ready').toBe('ready');
      for (const { task, token } of message.tasks) {
        const newest = this.#newestToken.get(task) ?? [0, 0];
        expect(token[0] > newest[0] || (token[0] === newest[0] && token[1] > newest[1]), '9: tokens grow').toBe(true);
        this.#newestToken.set(task, token);
      }
    }
    this.workers.find((worker) => worker.link === link)?.toWorker.push(message);
  }

  #feedWorker(worker: WorkerProcess, event: WorkerEvent): void {
    const { effects } = stepWorker(worker.state, event, this.rig.nowMs);
    for (const effect of effects) {
      switch (effect.kind) {
        case 'run':
          worker.running.push(effect.order);
          break;
        case 'abort':
          worker.running = worker.running.filter(({ token }) => keyOf(token) !== keyOf(effect.token));
          break;
        case 'report': {
          const reply = ++this.#replies;
          worker.unsettled.set(reply, effect.results);
          for (const result of effect.results) this.sent.push({ node: worker.node, result });
          worker.toMaster.push({ t: 'results', reply, results: effect.results });
          break;
        }
        case 'reincarnate':
          worker.incarnation++;
          worker.seq = 0;
          this.disconnect(worker);
      }
    }
  }

  #cut(worker: WorkerProcess): void {
    worker.link = null;
    worker.toMaster = [];
    worker.toWorker = [];
    worker.unsettled.clear();
    this.#feedWorker(worker, { kind: 'disconnected' });
  }

  #process(node: string, incarnation: number): WorkerProcess {
    return {
      node,
      alive: true,
      incarnation,
      seq: 0,
      state: createWorkerState(this.capacity),
      link: null,
      toMaster: [],
      toWorker: [],
      running: [],
      unsettled: new Map(),
    };
  }
}

function outcomeOf({ state, result, error }: Readonly<TaskRow>): string {
  return JSON.stringify([state, result, error]);
}

/** The end of a lease moves when the master notices that it stood still, whatever the event. */
function withoutTime(name: string, value: unknown): unknown {
  return name === 'untilMs' ? undefined : value;
}
