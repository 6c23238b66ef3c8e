/** The master's effects: runs the core on its log, answers clients, talks to workers, tells the panel. */
import { parametersOf } from '../algorithms/detector-parameters.ts';
import { availableParallelism } from 'node:os';
import { createRecordGateway } from '../gateway/record-gateway.ts';
import type { RecordGateway } from '../gateway/record-gateway.ts';
import { createDriver } from '../kit/core-driver.ts';
import type { Driver } from '../kit/core-driver.ts';
import type { DurableLog } from '../kit/ports.ts';
import type { RoleContext } from '../kit/role-main.ts';
import { createStreamHub } from '../kit/stream-hub.ts';
import type { StreamHub } from '../kit/stream-hub.ts';
import type { AutoscalerPicture } from '../protocol/autoscaler.ts';
import { OrreryError } from '../protocol/errors.ts';
import type { Member, StreamLine } from '../protocol/stream.ts';
import { rebuildState, stepMaster } from './core.ts';
import type { Answer, MasterEffect, MasterEvent, MasterState, RowView, ShellEffect } from './core-types.ts';
import { ClientDesk } from './guests/client-desk.ts';
import { WebhookDesk } from './guests/webhook-desk.ts';
import { decodeEntry, encodeEntry, encodeSnapshot } from './log-entry.ts';
import type { LogEntry } from './log-entry.ts';
import { probeNode } from '../kit/probe-client.ts';
import { OpenRequests } from './open-requests.ts';
import type { Asker } from './open-requests.ts';
import { defaultSettings } from './settings.ts';
import { scalingPicture } from './scaling/scaling-core.ts';
import type { TaskQueue } from './queue-state.ts';
import { inFlightOf, takeSnapshot } from './task-queue.ts';
import type { TaskSpec } from './task-row.ts';
import { Telemetry } from './telemetry.ts';
import { WorkerLinks } from './worker-links.ts';

type AnswerOf<Kind extends Answer['kind']> = Extract<Answer, { kind: Kind }>;
export type SubmitOptions = {
  waitMs: number | null;
  queue: boolean;
  deadlineMs?: number | undefined;
  onGone?: (listener: () => void) => void;
};

/** Clients and the panel get word of a fatal error before the process ends. */
const LAST_WORDS_MS = 100;
const BATCHES_IN_PICTURE = 100;

export class MasterService {
  readonly links: WorkerLinks;
  readonly telemetry: Telemetry;
  readonly hub: StreamHub;
  readonly webhooks: WebhookDesk;
  readonly clients: ClientDesk;
  /** Null when this master was given no headnode. */
  readonly records: RecordGateway | null;
  readonly #context: RoleContext;
  readonly #log: DurableLog;
  readonly #driver: Driver<MasterState, MasterEvent>;
  readonly #requests: OpenRequests;
  readonly #stopTicks: () => void;
  /** Why nothing is decided any more; the process is about to end. */
  #failure: OrreryError | null = null;

  /** Replays the log and makes the new boot epoch durable; resolves when tasks can be taken. */
  static async open(context: RoleContext, log: DurableLog): Promise<MasterService> {
    const { clock, config, say } = context;
    const snapshot = await log.readSnapshot();
    const entries: LogEntry[] = [];
    await log.replay((bytes) => entries.push(decodeEntry(bytes)));
    const settings = defaultSettings(config.ORRERY_HEARTBEAT_INTERVAL_MS, availableParallelism());
    const state = rebuildState(settings, snapshot?.bytes ?? null, entries, clock.nowMs(), config.ORRERY_NODE);
    const service = new MasterService(context, log, state);
    service.dispatch({ kind: 'boot' });
    // Its own entry is behind the boot entry, so the boot entry is durable by then.
    await log.append([]);
    say('info', 'queue restored', { entries: entries.length, tasks: state.queue.rows.size, epoch: state.queue.epoch });
    return service;
  }

  private constructor(context: RoleContext, log: DurableLog, state: MasterState) {
    const { clock, random, metrics, hlc, config, self, shim } = context;
    this.#context = context;
    this.#log = log;
    this.#requests = new OpenRequests(clock, (request) => this.dispatch({ kind: 'wait-ended', request }));
    this.#driver = createDriver<MasterState, MasterEvent, MasterEffect, LogEntry>({
      step: stepMaster,
      state,
      clock,
      random,
      log,
      encode: encodeEntry,
      perform: (effect) => this.#perform(effect),
      onFatal: (error) => this.#fail(error),
    });
    this.links = new WorkerLinks({
      heartbeatIntervalMs: () => this.state.settings.phi.heartbeatIntervalMs,
      dispatch: (event) => this.dispatch(event),
      onRefused: (peer, code, reason) => this.refusedPeer(peer, code, reason),
    });
    const { ORRERY_HEADNODE: headnode } = config;
    this.records =
      headnode === undefined ? null : createRecordGateway({ self, shim, clock, random, metrics, headnode });
    const { records } = this;
    this.telemetry = new Telemetry({ node: self.node, state: () => this.state, metrics, random, records });
    this.hub = createStreamHub({
      self,
      clock,
      hlc,
      picture: () => this.#picture(),
      sample: () => this.telemetry.sample(clock.nowMs()),
    });
    this.webhooks = new WebhookDesk({
      hostGateway: config.ORRERY_HOST_GATEWAY ?? null,
      random,
      nowMs: () => clock.nowMs(),
      webhooks: () => this.state.webhooks,
      join: (row, replaces) => this.ask('set', (request) => ({ kind: 'webhook-join', request, row, replaces })),
      step: (step) => this.telemetry.guestSteps.note(step),
    });
    this.clients = new ClientDesk(
      () => clock.nowMs(),
      (step) => this.telemetry.guestSteps.noteOften(step),
    );
    this.#stopTicks = clock.every(state.settings.tickMs, () =>
      this.dispatch({ kind: 'tick', watched: this.hub.watched }),
    );
  }

  get state(): MasterState {
    return this.#driver.state;
  }

  dispatch(event: MasterEvent): void {
    this.#driver.dispatch(event);
  }

  /**
   * Submits a task. `waitMs` null: resolves when it is durable. Otherwise: when it is finished, or
   * after that time as it stands. `deadlineMs`: no answer is wanted after it (throws `deadline-exceeded`, or
   * `overloaded` when it cannot be kept). `onGone` takes who is to be told that the client has gone. Throws the core's refusals
   * (`conflict`, `too-many`, `no-worker`, `overloaded`, `worker-lost`).
   */
  submit(spec: TaskSpec, options: SubmitOptions): Promise<AnswerOf<'accepted' | 'task'>> {
    return this.#ask((asker) => this.submitFor(asker, spec, options), 'accepted', 'task');
  }

  /** As `submit`, but tells `asker`, also the refusals. */
  submitFor(asker: Asker, spec: TaskSpec, options: SubmitOptions): void {
    if (this.#failure !== null) {
      asker.failed(this.#failure);
      return;
    }
    const { waitMs, queue } = options;
    const request = this.#requests.open(asker);
    const submit: MasterEvent = { kind: 'submit', request, spec, wait: waitMs !== null, queue };
    const limitMs = Math.min(waitMs ?? 0, options.deadlineMs ?? Number.POSITIVE_INFINITY);
    // A request that will be told the task as it stands before its deadline does not live to see it.
    if (limitMs === options.deadlineMs) submit.deadlineMs = limitMs;
    this.dispatch(submit);
    if (waitMs !== null) this.#limitWait(request, limitMs, options.onGone);
  }

  /** The task when it is finished, or after `waitMs` as it stands; either way durable. Throws `not-found`. */
  outcomeOf(
    task: string,
    { waitMs, onGone }: { waitMs: number; onGone: (listener: () => void) => void },
  ): Promise<AnswerOf<'task'>> {
    return this.#ask((asker) => {
      const request = this.#requests.open(asker);
      this.dispatch({ kind: 'await', request, task });
      this.#limitWait(request, waitMs, onGone);
    }, 'task');
  }

  /** Resolves when what was asked for is durable. Throws the core's refusals. */
  ask<Kind extends Answer['kind']>(kind: Kind, eventOf: (request: number) => MasterEvent): Promise<AnswerOf<Kind>> {
    return this.#ask((asker) => this.dispatch(eventOf(this.#requests.open(asker))), kind);
  }

  async #ask<Kind extends Answer['kind']>(dispatch: (asker: Asker) => void, ...kinds: Kind[]): Promise<AnswerOf<Kind>> {
    if (this.#failure !== null) throw this.#failure;
    const answer = await new Promise<Answer>((resolve, reject) => dispatch({ answered: resolve, failed: reject }));
    if (answer.kind === 'refused') throw new OrreryError(answer.code, answer.details);
    if (!isOneOf(answer, kinds)) throw new Error(`unexpected answer ${answer.kind}`);
    return answer;
  }

  /** Reads from the state, but answers only when all that it shows is durable: no crash can take it back. */
  async read<T>(look: (rows: ReadonlyMap<string, RowView>, queue: TaskQueue) => T): Promise<T> {
    const { queue } = this.state;
    const seen = look(queue.rows, queue);
    await this.#log.append([]);
    return seen;
  }

  members(): Member[] {
    const { membership, queue } = this.state;
    return [...membership.members.values()].map(
      ({ node, incarnation, health, sinceMs, drainUntilMs, capacity, guest }) => ({
        node,
        role: 'worker',
        incarnation,
        health,
        sinceMs: Math.round(sinceMs),
        inFlight: inFlightOf(queue, node),
        capacity,
        ...(drainUntilMs !== null && { leaving: true }),
        ...(guest !== null && { guest }),
      }),
    );
  }

  #picture(): Extract<StreamLine, { kind: 'picture' }> {
    const detector = parametersOf(this.state.settings.phi);
    const batches = this.telemetry.endedBatches(0).slice(-BATCHES_IN_PICTURE);
    return { kind: 'picture', members: this.members(), views: [], detector, batches };
  }

  /** Where a worker's probe port is; null for one that is not known. */
  probeOf(node: string): string | null {
    return this.state.membership.members.get(node)?.probe ?? null;
  }

  autoscaler(): AutoscalerPicture {
    return scalingPicture(this.state, this.#context.clock.nowMs());
  }

  refusedPeer(peer: string, code: string, reason: string): void {
    this.#context.say('warn', 'refused a peer', { peer, code, reason });
    this.hub.publish({ type: 'peer-refused', peer, code, reason });
  }

  /** Somebody said `quit` in line mode; whoever runs this cluster stops it, if that is what it shall mean. */
  quitByLine(peer: string): void {
    const { quitStops } = this.state.settings.lineMode;
    this.#context.say('info', 'quit in line mode', { peer, quitStops });
    if (quitStops) this.hub.publish({ type: 'stop-requested', peer });
  }

  async stop(): Promise<void> {
    this.#stopTicks();
    this.records?.close();
    this.hub.close();
    this.#driver.close();
    await this.#log.close();
  }

  #limitWait(request: number, waitMs: number, onGone: SubmitOptions['onGone']): void {
    if (!this.#requests.isOpen(request)) return;
    this.#requests.limit(request, waitMs);
    onGone?.(() => {
      if (this.#requests.drop(request)) this.dispatch({ kind: 'client-gone', request });
    });
  }

  #perform(effect: ShellEffect): void {
    switch (effect.kind) {
      case 'answer':
        return this.#requests.answer(effect.request, effect.answer);
      case 'send':
        return this.links.send(effect.link, effect.message);
      case 'settle':
        return this.links.settle(effect.link, effect.reply, effect.verdicts);
      case 'hang-up':
        return this.links.hangUp(effect.link, effect.reason);
      case 'probe':
        return this.#probe(effect);
      case 'publish': {
        const { type, ...fields } = effect.event;
        this.#context.say('info', type, fields);
        this.hub.publish(effect.event);
        return;
      }
      case 'guest-step':
        return this.telemetry.guestSteps.note(effect.step);
      case 'check-webhook':
        return this.#check(effect);
      case 'give-webhook':
        return this.#give(effect);
      case 'beat':
        return this.telemetry.beat(effect.beat);
      case 'finished':
        return this.telemetry.finished(effect.finished);
      case 'snapshot':
        return this.#snapshot();
    }
  }

  #probe({ node, incarnation, address, timeoutMs }: Extract<ShellEffect, { kind: 'probe' }>): void {
    const { shim, clock } = this.#context;
    probeNode({ node, incarnation, address, timeoutMs, shim, clock }).then(
      (alive) => this.dispatch({ kind: 'probe-answered', node, incarnation, alive }),
      this.#context.fatal,
    );
  }

  #check(effect: Extract<ShellEffect, { kind: 'check-webhook' }>): void {
    const { node, registeredAtMs } = effect;
    this.webhooks
      .check(effect)
      .then((facts) => this.dispatch({ kind: 'webhook-checked', node, registeredAtMs, facts }), this.#context.fatal);
  }

  #give(effect: Extract<ShellEffect, { kind: 'give-webhook' }>): void {
    const { node, token, task } = effect;
    this.webhooks
      .give(effect)
      .then((facts) => this.dispatch({ kind: 'webhook-took', node, task: task.id, token, facts }), this.#context.fatal);
  }

  #snapshot(): void {
    const snapshot = takeSnapshot(this.state.queue);
    const bytes = encodeSnapshot(snapshot);
    this.#log
      .append([])
      .then(async (index) => {
        await this.#log.writeSnapshot(index, bytes);
        this.#context.say('info', 'snapshot stored', { index, tasks: snapshot.rows.length });
      })
      .catch((error: unknown) => {
        this.#context.say('warn', 'snapshot failed; the log goes on', { reason: String(error) });
      });
  }

  #fail(error: OrreryError): void {
    const { self, clock, fatal } = this.#context;
    this.#failure = error;
    this.#stopTicks();
    this.hub.publish({ type: 'disk-trouble', node: self.node, code: error.code, reason: error.message });
    this.#requests.failAll(error);
    clock.after(LAST_WORDS_MS, () => fatal(error));
  }
}

function isOneOf<Kind extends Answer['kind']>(answer: Answer, kinds: readonly Kind[]): answer is AnswerOf<Kind> {
  return kinds.some((kind) => kind === answer.kind);
}
