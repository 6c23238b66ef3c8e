/** The worker's core in the simulated world: what worker/service.ts does, with virtual time and tasks that only take time. */
import { exhaustive } from '../../protocol/step.ts';
import { TASK_KINDS } from '../../protocol/tasks.ts';
import type { MasterToWorker, TaskOrder, TaskOutcome, TaskResult } from '../../protocol/compute-messages.ts';
import type { FrameHead } from '../../kit/ports.ts';
import { createWorkerState, holding, keyOf, running, stepWorker } from '../../worker/core.ts';
import type { WorkerEffect, WorkerEvent, WorkerState } from '../../worker/core.ts';
import { steadyTime } from '../../kit/clock.ts';
import { runCore } from '../core-runner.ts';
import type { Host } from '../host.ts';
import type { Boot } from '../sim-node.ts';
import { Exchange } from './exchange.ts';
import type { CoreObservation, StartObservation } from './observation.ts';

export type WorkerObservation = CoreObservation<'worker', WorkerState, WorkerEvent, WorkerEffect>;

export type WorkerSettings = {
  master: string;
  capacity: number;
  heartbeatIntervalMs: number;
  reportTimeoutMs: number;
  /** How long an attempt takes and how it ends. */
  execute(order: TaskOrder, host: Host<never>): { serviceMs: number; outcome: TaskOutcome };
  observe(observation: WorkerObservation | StartObservation): void;
  sabotage(effects: WorkerEffect[], event: WorkerEvent): WorkerEffect[];
};

export function bootWorker(settings: WorkerSettings): Boot<never> {
  return (host) => {
    settings.observe({ role: 'process', node: host.node, at: 'start' });
    const worker = new WorkerProcess(host, settings);
    return { probe: () => ({ incarnation: worker.incarnation }) };
  };
}

const WARM_UP_MS = 20;

class WorkerProcess {
  readonly #host: Host<never>;
  readonly #settings: WorkerSettings;
  readonly #state: WorkerState;
  readonly #dispatch: (event: WorkerEvent) => void;
  readonly #aborts = new Map<string, () => void>();
  #incarnation: number;
  #link: ReturnType<Host<never>['keepDialled']>;
  #exchange: Exchange | null = null;
  #stopBeats = (): void => undefined;
  #seq = 0;
  #standby: boolean | null = null;
  /** Results of one turn go in one frame. */
  #toReport: TaskResult[] = [];

  constructor(host: Host<never>, settings: WorkerSettings) {
    this.#host = host;
    this.#settings = settings;
    this.#incarnation = host.incarnation;
    this.#state = createWorkerState(settings.capacity);
    const { node } = host;
    this.#dispatch = runCore<WorkerState, WorkerEvent, WorkerEffect, never>(
      {
        host,
        append: () => undefined,
        step: stepWorker,
        state: this.#state,
        nowMs: steadyTime(host),
        perform: (effect) => this.#perform(effect),
        stepped: (event, effects, state) =>
          settings.observe({ role: 'worker', node, at: 'step', event, effects, state }),
        performing: (effect, state) => settings.observe({ role: 'worker', node, at: 'effect', effect, state }),
        sabotage: settings.sabotage,
      },
      () => null,
    );
    this.#link = this.#dial();
  }

  get incarnation(): number {
    return this.#incarnation;
  }

  #dial(): ReturnType<Host<never>['keepDialled']> {
    const { capacity, master } = this.#settings;
    return this.#host.keepDialled(master, {
      hello: () => ({
        node: this.#host.node,
        role: 'worker',
        incarnation: this.#incarnation,
        info: {
          capacity,
          kinds: [...TASK_KINDS],
          probe: this.#host.node,
          standby: this.#standby,
          holding: holding(this.#state),
        },
      }),
      onOpen: (end) => this.#opened(new Exchange(end, (delayMs, run) => this.#host.after(delayMs, run))),
    });
  }

  #opened(exchange: Exchange): void {
    this.#exchange = exchange;
    exchange.onFrame = (head) => this.#receive(head as FrameHead & MasterToWorker);
    exchange.onClose = () => {
      if (this.#exchange !== exchange) return;
      this.#stopBeats();
      this.#exchange = null;
      this.#dispatch({ kind: 'disconnected' });
    };
    this.#startBeats(exchange);
    this.#dispatch({ kind: 'connected' });
  }

  #startBeats(exchange: Exchange): void {
    const beat = (eventLoopLagMs: number) => {
      this.#seq += 1;
      exchange.send({
        t: 'heartbeat',
        incarnation: this.#incarnation,
        seq: this.#seq,
        hlc: '',
        inFlight: running(this.#state),
        eventLoopLagMs,
        rssBytes: 0,
        holding: holding(this.#state),
      });
    };
    this.#stopBeats();
    beat(0);
    this.#stopBeats = this.#host.every(this.#settings.heartbeatIntervalMs, beat);
  }

  #receive(head: FrameHead & MasterToWorker): void {
    switch (head.t) {
      case 'tasks':
        return this.#dispatch({ kind: 'tasks', tasks: head.tasks });
      case 'cancel':
        return this.#dispatch({ kind: 'cancel', tokens: head.tokens });
      case 'drain':
        return this.#dispatch({ kind: 'drain' });
      case 'dead':
        if (head.incarnation === this.#incarnation) this.#dispatch({ kind: 'declared-dead' });
        return undefined;
      case 'stand-by': {
        this.#standby = true;
        const exchange = this.#exchange;
        this.#host.after(WARM_UP_MS, () => exchange?.send({ t: 'warmed', tookMs: WARM_UP_MS }));
        return undefined;
      }
      case 'promote':
        this.#standby = false;
        return undefined;
      default:
        return exhaustive(head);
    }
  }

  #perform(effect: WorkerEffect): void {
    switch (effect.kind) {
      case 'run':
        return this.#run(effect.order);
      case 'abort':
        this.#aborts.get(keyOf(effect.token))?.();
        return undefined;
      case 'report':
        this.#toReport.push(...effect.results);
        if (this.#toReport.length === effect.results.length) this.#host.after(0, () => this.#report());
        return undefined;
      case 'reincarnate':
        return this.#reincarnate();
      default:
        return exhaustive(effect);
    }
  }

  #run(order: TaskOrder): void {
    const { serviceMs, outcome } = this.#settings.execute(order, this.#host);
    const key = keyOf(order.token);
    const cancel = this.#host.after(serviceMs, () => {
      this.#aborts.delete(key);
      this.#dispatch({ kind: 'finished', task: order.task, token: order.token, outcome });
    });
    this.#aborts.set(key, cancel);
  }

  #report(): void {
    const results = this.#toReport;
    this.#toReport = [];
    const failed = () => this.#dispatch({ kind: 'report-failed', leases: results });
    if (this.#exchange === null) {
      failed();
      return;
    }
    const settled = () => this.#dispatch({ kind: 'settled', leases: results });
    this.#exchange.request({ t: 'results', results }, this.#settings.reportTimeoutMs, settled, failed);
  }

  #reincarnate(): void {
    this.#stopBeats();
    const before = this.#exchange;
    this.#exchange = null;
    before?.close();
    this.#link.close();
    this.#seq = 0;
    this.#incarnation = Math.max(this.#host.nowMs(), this.#incarnation + 1);
    this.#standby = null;
    this.#host.record('reincarnate');
    this.#link = this.#dial();
  }
}
