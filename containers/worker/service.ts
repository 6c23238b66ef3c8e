/** The worker's effects: one connection to the master, tasks run, results reported until settled. */
import { readOrders, writeResults } from '../protocol/compute-frames.ts';
import type { TaskOrder, TaskResult, Token } from '../protocol/compute-messages.ts';
import { OrreryError } from '../protocol/errors.ts';
import { createDriver } from '../kit/core-driver.ts';
import { dialFrames } from '../kit/frame-dialer.ts';
import { portionsOf } from '../kit/frame-portions.ts';
import { createHeartbeatSender } from '../kit/heartbeat-sender.ts';
import type { HeartbeatSender } from '../kit/heartbeat-sender.ts';
import type { Connection, Frame } from '../kit/ports.ts';
import type { RoleContext } from '../kit/role-main.ts';
import { createWorkerState, holding, keyOf, running, stepWorker } from './core.ts';
import type { WorkerEffect, WorkerEvent } from './core.ts';
import { burnInThread } from './cpu-thread.ts';
import { KIND_NAMES, runKind } from './kinds/index.ts';
import type { KindContext } from './kinds/kind.ts';
import { warmUp } from './warm-up.ts';

/** The master answers when a result is durable: longer than any ordinary sync. */
const REPORT_TIMEOUT_MS = 10_000;
/** How long a stopping worker may go on with what it has in hand. */
const STOP_GRACE_MS = 5_000;
const REFUSED_SAY_EVERY_MS = 10_000;

export type WorkerService = { readonly ready: boolean; readonly incarnation: number; stop(): Promise<void> };

export type WorkerOptions = {
  context: RoleContext;
  /** `host:port` of the master's frames port. */
  master: string;
  capacity: number;
  /** Where other nodes reach this worker's probe port. */
  probe: string;
  /** URL of the file that a thread is to run, see cpu-thread.ts. */
  entry: string;
};

export function startWorker(options: WorkerOptions): WorkerService {
  return new Service(options);
}

type SharedContext = Omit<KindContext, 'task' | 'signal'>;

/** One for each task, and made in no time; most tasks are over before anybody could abort them. */
class TaskContext implements KindContext {
  readonly task: string;
  readonly random: KindContext['random'];
  readonly nowMs: KindContext['nowMs'];
  readonly weather: KindContext['weather'];
  readonly sleep: KindContext['sleep'];
  readonly burn: KindContext['burn'];
  #abort: AbortController | null = null;

  constructor(task: string, { random, nowMs, weather, sleep, burn }: SharedContext) {
    this.task = task;
    this.random = random;
    this.nowMs = nowMs;
    this.weather = weather;
    this.sleep = sleep;
    this.burn = burn;
  }

  get abort(): AbortController {
    this.#abort ??= new AbortController();
    return this.#abort;
  }

  get signal(): AbortSignal {
    return this.abort.signal;
  }
}

class Service implements WorkerService {
  readonly #options: WorkerOptions;
  readonly #driver;
  readonly #shared: SharedContext;
  readonly #aborts = new Map<string, AbortController>();
  #incarnation: number;
  #link: ReturnType<typeof dialFrames>;
  #beats: HeartbeatSender;
  #connection: Connection | null = null;
  /** What the master said this worker is; null before it said anything. */
  #standby: boolean | null = null;
  /** Results of this turn of the event loop, sent as one frame. */
  #toReport: TaskResult[] = [];
  #refusedSaidMs = Number.NEGATIVE_INFINITY;
  #whenIdle = (): void => {};

  constructor(options: WorkerOptions) {
    this.#options = options;
    const { context, capacity, entry } = options;
    this.#shared = {
      random: context.random,
      nowMs: () => context.clock.nowMs(),
      weather: {
        geocoding: context.config.ORRERY_WEATHER_GEOCODING_URL,
        forecast: context.config.ORRERY_WEATHER_FORECAST_URL,
      },
      sleep: (durationMs, signal) => sleep(durationMs, signal, context),
      burn: (durationMs, signal) => burnInThread(entry, durationMs, signal),
    };
    this.#incarnation = context.self.incarnation;
    this.#driver = createDriver<ReturnType<typeof createWorkerState>, WorkerEvent, WorkerEffect, never>({
      step: stepWorker,
      state: createWorkerState(capacity),
      clock: context.clock,
      random: context.random,
      log: null,
      encode: () => new Uint8Array(),
      perform: (effect) => this.#perform(effect),
      onFatal: (error) => context.fatal(error),
    });
    this.#beats = this.#createBeats();
    this.#link = this.#dial();
  }

  get ready(): boolean {
    return this.#connection !== null;
  }

  get incarnation(): number {
    return this.#incarnation;
  }

  /** Lets tasks in hand finish for a while, says goodbye, hangs up. */
  async stop(): Promise<void> {
    this.#dispatch({ kind: 'drain' });
    if (this.#driver.state.inHand.size > 0 && this.#connection !== null) {
      await new Promise<void>((resolve) => {
        this.#whenIdle = resolve;
        this.#options.context.clock.after(STOP_GRACE_MS, resolve);
      });
    }
    this.#connection?.send({ t: 'leave' });
    this.#driver.close();
    this.#beats.stop();
    this.#link.close();
  }

  #dispatch(event: WorkerEvent): void {
    this.#driver.dispatch(event);
    if (this.#driver.state.inHand.size === 0) this.#whenIdle();
  }

  #dial(): ReturnType<typeof dialFrames> {
    const { context, master, capacity, probe } = this.#options;
    const { clock, random, shim, say } = context;
    return dialFrames({
      address: master,
      peer: { role: 'master' },
      self: { ...context.self, incarnation: this.#incarnation },
      info: () => ({
        capacity,
        kinds: KIND_NAMES,
        probe,
        standby: this.#standby,
        holding: holding(this.#driver.state),
      }),
      shim,
      clock,
      random,
      onOpen: (connection, welcome) => {
        this.#connection = connection;
        connection.onFrame((frame) => this.#receive(frame));
        this.#beats.start(connection, welcome['heartbeatIntervalMs']);
        say('info', 'joined the master', { master, incarnation: this.#incarnation });
        this.#dispatch({ kind: 'connected' });
      },
      onClosed: (reason) => {
        this.#connection = null;
        say('warn', 'lost the master', { reason });
        this.#dispatch({ kind: 'disconnected' });
      },
      onRefused: (code, reason) => {
        const nowMs = clock.monotonicMs();
        if (nowMs - this.#refusedSaidMs < REFUSED_SAY_EVERY_MS) return;
        this.#refusedSaidMs = nowMs;
        say('error', 'the master refused this worker', { code, reason });
      },
    });
  }

  #createBeats(): HeartbeatSender {
    const { clock, hlc } = this.#options.context;
    return createHeartbeatSender({
      clock,
      hlc,
      incarnation: this.#incarnation,
      inFlight: () => running(this.#driver.state),
      extra: () => ({ holding: holding(this.#driver.state) }),
    });
  }

  /** The master is trusted as the holder of the secret; what does not fit is still refused, not guessed. */
  #receive({ head }: Frame): void {
    const { say } = this.#options.context;
    switch (head.t) {
      case 'tasks':
        return this.#dispatch({ kind: 'tasks', tasks: readOrders(head['tasks']) });
      case 'cancel':
        return this.#dispatch({ kind: 'cancel', tokens: listIn<Token>(head['tokens']) });
      case 'drain':
        say('info', 'draining', { inHand: this.#driver.state.inHand.size });
        return this.#dispatch({ kind: 'drain' });
      case 'stand-by':
        this.#standby = true;
        return this.#warmUp();
      case 'promote':
        this.#standby = false;
        return undefined;
      case 'dead':
        if (head['incarnation'] === this.#incarnation) this.#dispatch({ kind: 'declared-dead' });
        return undefined;
      default:
        return undefined;
    }
  }

  #perform(effect: WorkerEffect): void {
    switch (effect.kind) {
      case 'run':
        return this.#run(effect.order);
      case 'abort':
        this.#aborts.get(keyOf(effect.token))?.abort();
        return undefined;
      case 'report':
        this.#toReport.push(...effect.results);
        if (this.#toReport.length === effect.results.length) queueMicrotask(() => this.#report());
        return undefined;
      case 'reincarnate':
        return this.#reincarnate();
    }
  }

  #run({ task, kind, payload, token, withinMs }: TaskOrder): void {
    const { clock, fatal } = this.#options.context;
    const context = new TaskContext(task, this.#shared);
    const outcome = runKind(kind, payload, context);
    if (!(outcome instanceof Promise)) {
      this.#dispatch({ kind: 'finished', task, token, outcome });
      return;
    }
    this.#aborts.set(keyOf(token), context.abort);
    const tooLate = (): void => this.#dispatch({ kind: 'too-late', task, token });
    const cancelTimer = withinMs === undefined ? null : clock.after(withinMs, tooLate);
    outcome.then((settled) => {
      cancelTimer?.();
      this.#aborts.delete(keyOf(token));
      this.#dispatch({ kind: 'finished', task, token, outcome: settled });
    }, fatal);
  }

  #warmUp(): void {
    const { context } = this.#options;
    const connection = this.#connection;
    warmUp(context).then((tookMs) => connection?.send({ t: 'warmed', tookMs }), context.fatal);
  }

  #report(): void {
    const results = this.#toReport;
    this.#toReport = [];
    for (const portion of portionsOf(results, contentOf)) this.#reportPortion(portion);
  }

  #reportPortion(results: TaskResult[]): void {
    const connection = this.#connection;
    if (connection === null) {
      this.#dispatch({ kind: 'report-failed', leases: results });
      return;
    }
    connection.request({ t: 'results', results: writeResults(results) }, { timeoutMs: REPORT_TIMEOUT_MS }).then(
      () => this.#dispatch({ kind: 'settled', leases: results }),
      () => this.#dispatch({ kind: 'report-failed', leases: results }),
    );
  }

  /** DEAD is final for an incarnation: the same process comes back as a new one. */
  #reincarnate(): void {
    const { clock, say } = this.#options.context;
    this.#beats.stop();
    this.#link.close();
    this.#connection = null;
    this.#incarnation = Math.max(clock.nowMs(), this.#incarnation + 1);
    // What it was has passed to another.
    this.#standby = null;
    say('warn', 'was declared dead; comes back as a new incarnation', { incarnation: this.#incarnation });
    this.#beats = this.#createBeats();
    this.#link = this.#dial();
  }
}

function sleep(durationMs: number, signal: AbortSignal, { clock }: RoleContext): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(durationMs, resolve);
    signal.addEventListener(
      'abort',
      () => {
        cancel();
        resolve();
      },
      { once: true },
    );
  });
}

function contentOf({ outcome }: TaskResult): unknown {
  return outcome.ok ? outcome.result : outcome.error;
}

function listIn<Item>(value: unknown): Item[] {
  if (!Array.isArray(value)) throw new OrreryError('bad-request', { reason: 'the frame lacks its list' });
  return value as Item[];
}
