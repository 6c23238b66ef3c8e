/** The master's own core in virtual time, with workers that do nothing but take as long as they are told. */
import { createRandom } from '../../containers/algorithms/seeded-random.ts';
import { rebuildState, stepMaster } from '../../containers/master/core.ts';
import type { MasterEffect, MasterEvent } from '../../containers/master/core-types.ts';
import { defaultSettings } from '../../containers/master/settings.ts';
import type { BalancerPolicy } from '../../containers/protocol/balancing.ts';
import type { MasterToWorker, Token } from '../../containers/protocol/compute-messages.ts';
import { EventHeap } from '../../containers/sim/event-heap.ts';
import { keyOf } from '../../containers/worker/core.ts';
import type { Arrival, Outcome } from './load.ts';

type SimulatedOptions = {
  seed: string;
  policy: BalancerPolicy;
  /** How many times as long each worker takes. */
  workers: readonly number[];
  arrivals: readonly Arrival[];
  deadlineMs?: number;
};

const START_MS = 1_000_000_000_000;
const BEAT_MS = 1_000;

/** Outcomes in the order of arrival. */
export function simulate(options: SimulatedOptions): Outcome[] {
  return new Simulation(options).run();
}

class Simulation {
  readonly #options: SimulatedOptions;
  readonly #random;
  readonly #heap = new EventHeap();
  readonly #holding: Map<string, Token>[];
  readonly #outcomes: Outcome[];
  #state;
  #nowMs = START_MS;
  #answered = 0;

  constructor(options: SimulatedOptions) {
    this.#options = options;
    const { policy, arrivals, workers, seed } = options;
    const settings = defaultSettings(BEAT_MS);
    settings.balancer = { ...settings.balancer, policy };
    this.#random = createRandom(`${seed} ${policy}`).next;
    this.#state = rebuildState(settings, null, [], START_MS);
    this.#holding = workers.map(() => new Map());
    this.#outcomes = arrivals.map(({ atMs }) => ({ atMs, tookMs: null }));
  }

  run(): Outcome[] {
    const { workers, arrivals } = this.#options;
    this.#feed({ kind: 'boot' });
    workers.forEach((_, at) => this.#join(at));
    this.#every(this.#state.settings.tickMs, () => this.#feed({ kind: 'tick' }));
    // Past the slow start, as in a cluster that has been there for a while.
    const fromMs = START_MS + 2 * this.#state.settings.slowStartMs;
    arrivals.forEach((arrival, request) => {
      this.#heap.add(fromMs + arrival.atMs, () => this.#arrive(request));
    });
    while (this.#answered < arrivals.length) {
      const next = this.#heap.take();
      if (next === undefined) break;
      this.#nowMs = next.atMs;
      next.run();
    }
    return this.#outcomes;
  }
  #arrive(request: number): void {
    const { deadlineMs } = this.#options;
    const spec = { id: `${request}`, kind: 'work', form: 'kind', payload: null, keyed: false } as const;
    const submit: MasterEvent = { kind: 'submit', request, spec, wait: true, queue: true };
    if (deadlineMs !== undefined) {
      submit.deadlineMs = deadlineMs;
      this.#heap.add(this.#nowMs + deadlineMs, () => this.#feed({ kind: 'wait-ended', request }));
    }
    this.#feed(submit);
  }

  #join(worker: number): void {
    const node = `worker-${worker + 1}`;
    const info = { capacity: 1, kinds: ['work'], probe: '127.0.0.1:1', standby: false, holding: [] };
    let seq = 0;
    const beat = (): void => {
      const holding = [...(this.#holding[worker]?.values() ?? [])];
      const facts = { incarnation: 1, seq: ++seq, inFlight: holding.length, eventLoopLagMs: 0, rssBytes: 0, holding };
      this.#feed({ kind: 'heartbeat', link: worker, node, beat: facts });
    };
    this.#feed({ kind: 'hello', link: worker, node, incarnation: 1, info });
    beat();
    this.#every(BEAT_MS, beat);
  }

  #every(everyMs: number, run: () => void): void {
    this.#heap.add(this.#nowMs + everyMs, () => {
      run();
      this.#every(everyMs, run);
    });
  }

  #feed(event: MasterEvent): void {
    const { state, effects } = stepMaster(this.#state, event, this.#nowMs, this.#random);
    this.#state = state;
    this.#perform(effects);
  }

  #perform(effects: readonly MasterEffect[]): void {
    for (const effect of effects) {
      // The disk takes no time: nothing here waits for it.
      if (effect.kind === 'persist') this.#perform(effect.then);
      else if (effect.kind === 'self') this.#feed(effect.event);
      else if (effect.kind === 'answer') this.#answer(effect.request, effect.answer.kind === 'task');
      else if (effect.kind === 'send') this.#send(effect.link, effect.message);
    }
  }

  #answer(request: number, isResult: boolean): void {
    const outcome = this.#outcomes[request];
    const arrival = this.#options.arrivals[request];
    if (outcome === undefined || arrival === undefined) return;
    const { slowStartMs } = this.#state.settings;
    if (isResult) outcome.tookMs = this.#nowMs - (START_MS + 2 * slowStartMs + arrival.atMs);
    this.#answered++;
  }

  #send(worker: number, message: MasterToWorker): void {
    const holding = this.#holding[worker];
    if (message.t === 'cancel') for (const token of message.tokens) holding?.delete(keyOf(token));
    if (message.t !== 'tasks') return;
    for (const { task, token } of message.tasks) {
      holding?.set(keyOf(token), token);
      const serviceMs = (this.#options.arrivals[Number(task)]?.serviceMs ?? 0) * (this.#options.workers[worker] ?? 1);
      this.#heap.add(this.#nowMs + serviceMs, () => {
        if (holding?.delete(keyOf(token)) !== true) return;
        const result = { task, token, serviceMs, outcome: { ok: true as const, result: null } };
        this.#feed({ kind: 'results', link: worker, node: `worker-${worker + 1}`, reply: 0, results: [result] });
      });
    }
  }
}
