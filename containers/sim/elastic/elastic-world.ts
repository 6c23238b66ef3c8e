/**
 * The master's core with its autoscaler in virtual time: requests come by a pattern, workers are timers, and
 * a panel starts and removes them with delays. No network: what is tried here is how many workers there are.
 */
import { createRandom } from '../../algorithms/seeded-random.ts';
import { autoscalerDefaults } from '../../protocol/autoscaler.ts';
import type { AutoscalerSettings, ScalingDecision } from '../../protocol/autoscaler.ts';
import type { Token } from '../../protocol/compute-messages.ts';
import { rebuildState, stepMaster } from '../../master/core.ts';
import type { MasterEffect, MasterEvent, MasterState } from '../../master/core.ts';
import type { LogEntry } from '../../master/log-entry.ts';
import { scalingPicture } from '../../master/scaling/scaling-core.ts';
import type { ScalingRule } from '../../master/scaling/policy.ts';
import { defaultSettings } from '../../master/settings.ts';
import type { MasterSettings } from '../../master/settings.ts';
import { inFlightOf } from '../../master/task-queue.ts';
import { EventHeap } from '../event-heap.ts';
import type { Happening } from '../event-heap.ts';
import type { Busyness } from './rival-rules.ts';

export type ElasticOptions = {
  seed: number;
  seconds: number;
  rateAt(s: number): number;
  serviceMs: number;
  /** From the panel's order until a worker says hello, ± 30 %. */
  startMs: number;
  autoscaler: Partial<AutoscalerSettings>;
  /** Instead of the policy's rule. */
  rule?: (busyness: Busyness) => ScalingRule;
  /** Processors that all workers share: more tasks at once than these, and each takes so much longer. */
  cores?: number;
  /** Workers that are killed, one each, at these times, s. */
  killsAtS?: readonly number[];
  masterRestartsAtS?: readonly number[];
  /** The panel is away. */
  panelAway?: { fromS: number; toS: number };
  /** Called after every step. Throws when something is wrong. */
  check?(world: ElasticWorld, event: MasterEvent): void;
};

type WorkerState = 'starting' | 'up' | 'gone';
export type SimWorker = {
  node: string;
  state: WorkerState;
  launchedAtMs: number;
  upAtMs: number | null;
  goneAtMs: number | null;
  killed: boolean;
  /** What its master told it to be. */
  standby: boolean | null;
  seq: number;
  link: number;
  running: Map<string, Happening>;
  /** Time as a standby, ms. */
  standbyMs: number;
};

export type Answered = { arrivedAtMs: number; tookMs: number; ok: boolean };

const PANEL_EVERY_MS = 250;
const BEAT_EVERY_MS = 1_000;
const WARM_UP_MS = 30;
const DISPATCH_MS = 1;

export class ElasticWorld {
  nowMs = 1_000_000;
  readonly startMs = this.nowMs;
  state: MasterState;
  readonly workers = new Map<string, SimWorker>();
  readonly answers: Answered[] = [];
  readonly decisions: (ScalingDecision & { atMs: number })[] = [];
  readonly promotions: { atMs: number; givenMs: number; wasStandby: boolean }[] = [];
  deaths = 0;
  readonly options: ElasticOptions;
  readonly #settings: MasterSettings;
  readonly #heap = new EventHeap();
  readonly #random;
  readonly #links = new Map<number, SimWorker>();
  readonly #asked = new Map<number, number>();
  #entries: LogEntry[] = [];
  #lastRequest = 0;
  #lastWorker = 0;
  #lastLink = 0;

  constructor(options: ElasticOptions) {
    this.options = options;
    this.#random = createRandom(options.seed);
    const autoscaler = { ...autoscalerDefaults(42), enabled: true, ...options.autoscaler };
    const large = 1_000_000;
    this.#settings = {
      ...defaultSettings(BEAT_EVERY_MS),
      autoscaler,
      syncDepthMax: large,
      tenantDepthMax: large,
      depthMax: large,
    };
    this.state = this.#boot();
    this.#feed({ kind: 'boot' });
  }

  /** Runs the whole time, and until all that was asked is answered, but not for more than a minute. */
  run(): void {
    const { seconds, killsAtS = [], masterRestartsAtS = [] } = this.options;
    const endMs = this.startMs + seconds * 1_000;
    this.#every(PANEL_EVERY_MS, () => this.#panel(), endMs + 60_000);
    this.#every(
      this.#settings.tickMs,
      () => this.#feed({ kind: 'tick', watched: !this.isPanelAway() }),
      endMs + 60_000,
    );
    this.#arrivals(endMs);
    for (const s of killsAtS) this.#heap.add(this.startMs + s * 1_000, () => this.#killOne());
    for (const s of masterRestartsAtS) this.#heap.add(this.startMs + s * 1_000, () => this.#restartMaster());
    for (let next = this.#heap.take(); next !== undefined; next = this.#heap.take()) {
      if (next.atMs > endMs && this.#asked.size === 0) return;
      if (next.atMs > endMs + 60_000) return;
      this.nowMs = Math.max(this.nowMs, next.atMs);
      next.run();
    }
  }

  /** Requests that never got an answer, with how long they have waited. */
  unanswered(): Answered[] {
    return [...this.#asked.values()].map((arrivedAtMs) => ({
      arrivedAtMs,
      tookMs: this.nowMs - arrivedAtMs,
      ok: false,
    }));
  }

  /** Containers that nobody has let go of. */
  staying(): SimWorker[] {
    return [...this.workers.values()].filter(({ node, state, killed }) => {
      const member = this.state.membership.members.get(node);
      return state !== 'gone' && !killed && (member === undefined || member.drainUntilMs === null);
    });
  }

  #boot(): MasterState {
    const state = rebuildState(this.#settings, null, this.#entries, this.nowMs);
    const { queue } = state;
    state.scaling.rule =
      this.options.rule?.({ inHand: () => queue.readyCount.sync + queue.heldCount, busy: () => queue.heldCount }) ??
      null;
    return state;
  }

  #feed(event: MasterEvent): void {
    const { state, effects } = stepMaster(this.state, event, this.nowMs, this.#random.next);
    this.state = state;
    this.#perform(effects);
    this.options.check?.(this, event);
  }

  #perform(effects: readonly MasterEffect[]): void {
    for (const effect of effects) {
      switch (effect.kind) {
        case 'persist':
          // Only what the autoscaler needs after a restart: requests of clients that wait do not outlive the process.
          this.#entries.push(...effect.entries.filter(({ e }) => e === 'boot' || e === 'autoscaler'));
          this.#perform(effect.then);
          break;
        case 'self':
          this.#feed(effect.event);
          break;
        case 'send':
          this.#send(effect.link, effect.message);
          break;
        case 'answer':
          this.#answered(effect.request, effect.answer.kind === 'task');
          break;
        case 'publish':
          this.#note(effect.event);
          break;
        default:
          break;
      }
    }
  }

  #note(event: Extract<MasterEffect, { kind: 'publish' }>['event']): void {
    if (event.type === 'scaling-decided') this.decisions.push({ ...event.decision, atMs: this.nowMs });
    if (event.type === 'took-over') {
      this.promotions.push({ atMs: this.nowMs, givenMs: event.givenMs, wasStandby: event.wasStandby });
    }
  }

  #send(link: number, message: Extract<MasterEffect, { kind: 'send' }>['message']): void {
    const worker = this.#links.get(link);
    if (worker === undefined || worker.link !== link || worker.state !== 'up') return;
    if (message.t === 'stand-by') {
      worker.standby = true;
      this.#after(WARM_UP_MS, worker, () =>
        this.#feed({ kind: 'warmed', link, node: worker.node, tookMs: WARM_UP_MS }),
      );
    } else if (message.t === 'promote') worker.standby = false;
    else if (message.t === 'cancel') for (const token of message.tokens) worker.running.delete(String(token));
    else if (message.t === 'tasks') for (const { task, token } of message.tasks) this.#execute(worker, task, token);
  }

  #execute(worker: SimWorker, task: string, token: Token): void {
    const { serviceMs, cores = Number.POSITIVE_INFINITY } = this.options;
    let atOnce = 1;
    for (const { state, running } of this.workers.values()) if (state === 'up') atOnce += running.size;
    const tookMs = this.#random.exponential(serviceMs) * Math.max(1, atOnce / cores);
    const done = this.#heap.add(this.nowMs + tookMs + DISPATCH_MS, () => {
      if (!worker.running.delete(String(token)) || worker.state !== 'up') return;
      const result = { task, token, serviceMs: tookMs, outcome: { ok: true as const, result: null } };
      this.#feed({ kind: 'results', link: worker.link, node: worker.node, reply: 0, results: [result] });
    });
    worker.running.set(String(token), done);
  }

  #arrivals(endMs: number): void {
    const arrivals = this.#random.split('arrivals');
    const { rateAt } = this.options;
    let peak = 0;
    for (let s = 0; s <= this.options.seconds; s++) peak = Math.max(peak, rateAt(s));
    const next = (): void => {
      const atMs = this.nowMs + arrivals.exponential(1_000 / peak);
      if (atMs > endMs) return;
      this.#heap.add(atMs, () => {
        // Thinning: of the arrivals at the highest rate so many count as the rate now is of it.
        if (arrivals.chance(rateAt((this.nowMs - this.startMs) / 1_000) / peak)) this.#ask();
        next();
      });
    };
    next();
  }

  #ask(): void {
    this.#lastRequest += 1;
    const request = this.#lastRequest;
    this.#asked.set(request, this.nowMs);
    const spec = { id: `r${request}`, kind: 'work' as const, form: 'kind' as const, payload: {}, keyed: false };
    this.#feed({ kind: 'submit', request, spec, wait: true, queue: true });
  }

  #answered(request: number, ok: boolean): void {
    const arrivedAtMs = this.#asked.get(request);
    if (arrivedAtMs === undefined) return;
    this.#asked.delete(request);
    this.answers.push({ arrivedAtMs, tookMs: this.nowMs - arrivedAtMs, ok });
  }

  isPanelAway(): boolean {
    const { panelAway } = this.options;
    const s = (this.nowMs - this.startMs) / 1_000;
    return panelAway !== undefined && s >= panelAway.fromS && s < panelAway.toS;
  }

  /** As src/core/scaling-plan.ts: starts what is missing, removes what has left. */
  #panel(): void {
    if (this.isPanelAway()) return;
    const { wanted } = scalingPicture(this.state, this.nowMs);
    let have = 0;
    for (const worker of this.workers.values()) {
      if (worker.state === 'gone') continue;
      const member = this.state.membership.members.get(worker.node);
      if (worker.killed) {
        this.#feed({ kind: 'engine-word', node: worker.node, type: 'exited', atMs: this.nowMs });
        this.#gone(worker);
      } else if (member?.health === 'left') this.#gone(worker);
      else if (member === undefined || member.drainUntilMs === null) have += 1;
    }
    for (; have < wanted; have++) this.#launch();
    const unbegun = [...this.workers.values()].filter(({ state }) => state === 'starting').reverse();
    for (const worker of unbegun.slice(0, Math.max(0, have - wanted))) this.#gone(worker);
  }

  #launch(): void {
    this.#lastWorker += 1;
    const worker: SimWorker = {
      node: `worker-${this.#lastWorker}`,
      state: 'starting',
      launchedAtMs: this.nowMs,
      upAtMs: null,
      goneAtMs: null,
      killed: false,
      standby: null,
      seq: 0,
      link: 0,
      running: new Map(),
      standbyMs: 0,
    };
    this.workers.set(worker.node, worker);
    const delayMs = this.options.startMs * this.#random.between(0.7, 1.3);
    this.#heap.add(this.nowMs + delayMs, () => {
      if (worker.state !== 'starting') return;
      worker.state = 'up';
      worker.upAtMs = this.nowMs;
      this.#join(worker);
      this.#beats(worker);
    });
  }

  #join(worker: SimWorker): void {
    this.#lastLink += 1;
    worker.link = this.#lastLink;
    this.#links.set(worker.link, worker);
    const { node, link, standby, launchedAtMs } = worker;
    const info = { capacity: 1, kinds: ['work'], probe: node, standby, holding: tokensOf(worker) };
    this.#feed({ kind: 'hello', link, node, incarnation: launchedAtMs, info });
    this.#beat(worker);
  }

  #beat(worker: SimWorker): void {
    const { node, link, launchedAtMs: incarnation } = worker;
    worker.seq += 1;
    const holding = tokensOf(worker);
    const beat = { incarnation, seq: worker.seq, inFlight: holding.length, eventLoopLagMs: 0, rssBytes: 0, holding };
    this.#feed({ kind: 'heartbeat', link, node, beat });
  }

  #beats(worker: SimWorker): void {
    this.#after(BEAT_EVERY_MS, worker, () => {
      const member = this.state.membership.members.get(worker.node);
      if (member?.health === 'standby') worker.standbyMs += BEAT_EVERY_MS;
      this.#beat(worker);
      this.#beats(worker);
    });
  }

  /** `run` in a while, unless the worker is gone by then. */
  #after(ms: number, worker: SimWorker, run: () => void): void {
    this.#heap.add(this.nowMs + ms, () => {
      if (worker.state === 'up' && !worker.killed) run();
    });
  }

  #every(ms: number, run: () => void, untilMs: number): void {
    const again = (): void => {
      this.#heap.add(this.nowMs + ms, () => {
        run();
        if (this.nowMs < untilMs) again();
      });
    };
    again();
  }

  #gone(worker: SimWorker): void {
    const member = this.state.membership.members.get(worker.node);
    const held = inFlightOf(this.state.queue, worker.node);
    // Invariant 16.
    if (held > 0 && !worker.killed && this.nowMs < (member?.drainUntilMs ?? Number.POSITIVE_INFINITY))
      throw new Error(`${worker.node} is stopped with ${held} tasks in hand`);
    worker.state = 'gone';
    worker.goneAtMs = this.nowMs;
    worker.running.clear();
  }

  /** A container dies: its connection breaks at once, the panel's word comes with its next look. */
  #killOne(): void {
    const alive = [...this.workers.values()].filter(({ state, killed }) => state === 'up' && !killed);
    const victim = this.#random.pick(alive);
    if (victim === undefined) return;
    victim.killed = true;
    this.deaths += 1;
    victim.running.clear();
    this.#feed({ kind: 'disconnected', link: victim.link, node: victim.node });
  }

  /** Clients' connections break; workers come back by themselves. */
  #restartMaster(): void {
    for (const [request] of this.#asked) this.#answered(request, false);
    this.state = this.#boot();
    this.#feed({ kind: 'boot' });
    for (const worker of this.workers.values()) {
      if (worker.state === 'up' && !worker.killed) this.#join(worker);
    }
  }
}

function tokensOf({ running }: SimWorker): Token[] {
  return [...running.keys()].map((text) => {
    const [epoch = 0, n = 0] = text.split(',').map(Number);
    return [epoch, n] as const;
  });
}
