/**
 * The commands of scenario files about the compute half. A calm world: every message takes 1 ms, every
 * sync 1 ms, no clock is off, so that what is printed tells of the protocol and not of chance.
 *
 *   start <node>…            begins a process: the master first, then workers
 *   kill <node>…             SIGKILL; the engine tells the master at once
 *   vanish <node>…           the same, but nobody is told: only silence gives it away
 *   pause, resume <node>…    SIGSTOP, SIGCONT
 *   cut, mend <node> <node>  nothing passes between two nodes; it passes again
 *   drain <node>             asks the master to let a worker go
 *   work <duration>          how long a task takes from now on
 *   submit <expression>      a durable task
 *   batch <id> <expression>…   a batch, sealed at once; its id is its key, too: said again, it is the same
 *   open <id> <expression>…    a batch that is not sealed yet
 *   add <id> <expression>…     more tasks for it
 *   seal <id>                  nothing more comes into it
 *   tick <duration>          lets time pass
 *   members, tasks, batches  what the master knows
 *   events                   what the master told since the last time
 */
import { calculator } from '../worker/kinds/calculator.ts';
import type { TaskOutcome } from '../protocol/compute-messages.ts';
import type { MonitorEvent } from '../protocol/stream.ts';
import { defaultSettings } from '../master/settings.ts';
import type { MasterState } from '../master/core.ts';
import { stateOf } from '../master/batch-row.ts';
import type { BatchRow } from '../master/batch-row.ts';
import { inFlightOf } from '../master/task-queue.ts';
import type { TaskRow } from '../master/task-row.ts';
import { bootMaster } from './adapters/master.ts';
import type { MasterAnswer, MasterRequest } from './adapters/master.ts';
import { bootWorker } from './adapters/worker.ts';
import { sendRequest } from './client-request.ts';
import { COMPUTE_INVARIANTS } from './compute-scenario.ts';
import { MASTER } from './compute-observation.ts';
import type { ComputeObservation } from './compute-observation.ts';
import { watchInvariants } from './invariants.ts';
import { parseDuration } from './scenario-text.ts';
import type { Commander } from './scenario-text.ts';
import { taskSpec } from './task-client.ts';
import { World } from './world.ts';

/** A fresh world and the function that commands it. */
export function createComputeCommander(): Commander {
  const cluster = new Cluster();
  return (name, words) => cluster.perform(name, words);
}

class Cluster {
  readonly #world = new World<ComputeObservation>({
    seed: 1,
    network: { delayMsMin: 1, delayMsMean: 0, slowShare: 0, slowMsMax: 0 },
    disk: { syncMsMin: 1, syncMsMean: 0 },
    skewMsMax: 0,
    driftPpmMax: 0,
    trace: null,
  });
  #state: MasterState | null = null;
  #events: string[] = [];
  #serviceMs = 100;
  #submitted = 0;

  constructor() {
    const { defaults } = { defaults: defaultSettings(1_000) };
    this.#world.addNode(
      MASTER,
      'master',
      bootMaster({
        settings: defaults,
        observe: (seen) => this.#world.observe(seen),
        sabotage: (effects) => effects,
      }),
    );
    watchInvariants(this.#world, COMPUTE_INVARIANTS);
    this.#world.watch((seen) => {
      if (seen.role !== 'master') return;
      this.#state = seen.state;
      if (seen.at === 'effect' && seen.effect.kind === 'publish') this.#note(seen.effect.event);
    });
  }

  perform(name: string, words: readonly string[]): readonly string[] {
    switch (name) {
      case 'start':
        return words.map((node) => this.#start(node));
      case 'kill':
        return words.map((node) => this.#kill(node, true));
      case 'vanish':
        return words.map((node) => this.#kill(node, false));
      case 'pause':
        return words.map((node) => (this.#world.node(node).pause(), `${node} stands still`));
      case 'resume':
        return words.map((node) => (this.#world.node(node).resume(), `${node} goes on`));
      case 'cut':
      case 'mend':
        return this.#link(words, name === 'cut');
      case 'drain':
        return this.#drain(words[0] ?? '');
      case 'work':
        this.#serviceMs = parseDuration(words[0] ?? '');
        return [`a task takes ${words[0]}`];
      case 'submit':
        return this.#submit(words.join(' '));
      case 'batch':
      case 'open':
      case 'add':
        return this.#batch(name, words);
      case 'seal':
        return this.#ask({ t: 'seal-batch', id: words[0] ?? '' });
      case 'tick':
        this.#world.runUntil(this.#world.nowMs + parseDuration(words[0] ?? ''));
        return [`it is ${(this.#world.nowMs / 1_000).toFixed(1)} s`];
      case 'members':
        return this.#members();
      case 'tasks':
        return this.#tasks();
      case 'batches':
        return this.#batches();
      case 'events':
        return this.#takeEvents();
      default:
        throw new SyntaxError(`no such command: ${name}`);
    }
  }

  #start(name: string): string {
    if (!this.#world.nodes.has(name)) this.#addWorker(name);
    this.#world.node(name).start();
    return `${name} is up`;
  }

  #addWorker(name: string): void {
    this.#world.addNode(
      name,
      'worker',
      bootWorker({
        master: MASTER,
        capacity: 1,
        heartbeatIntervalMs: 1_000,
        reportTimeoutMs: 10_000,
        observe: (seen) => this.#world.observe(seen),
        sabotage: (effects) => effects,
        execute: ({ payload }) => ({ serviceMs: this.#serviceMs, outcome: calculate(payload) }),
      }),
    );
  }

  #kill(name: string, isTold: boolean): string {
    const node = this.#world.node(name);
    node.kill({ isSilent: !isTold, why: 'killed' });
    const master = this.#world.node(MASTER);
    if (isTold) master.program?.engineEvent?.(name, 'exited', master.clock.wallMs());
    return `${name} is gone`;
  }

  #link(words: readonly string[], isCut: boolean): string[] {
    const [one = '', other = ''] = words;
    for (const name of [one, other]) this.#world.node(name);
    this.#world.network.setFault(one, other, { isCut });
    this.#world.network.setFault(other, one, { isCut });
    return [`${one} and ${other} ${isCut ? 'do not reach' : 'reach'} each other`];
  }

  #drain(node: string): string[] {
    const payload: MasterRequest = { t: 'drain', node };
    sendRequest(this.#world, { to: MASTER, payload, timeoutMs: 1_000 }, () => undefined);
    this.#world.runUntil(this.#world.nowMs + 10);
    return [`${node} is asked to leave`];
  }

  #submit(expression: string): string[] {
    this.#submitted += 1;
    const spec = { ...taskSpec(`task-${this.#submitted}`, true), kind: 'calculator' as const, payload: expression };
    return this.#ask({ t: 'submit', spec, waitMs: null, queue: true });
  }

  #batch(how: 'batch' | 'open' | 'add', [id = '', ...expressions]: readonly string[]): string[] {
    const tasks = expressions.map((payload) => ({ ...taskSpec('', false), kind: 'calculator' as const, payload }));
    const body = expressions.join(' ');
    if (how === 'add') return this.#ask({ t: 'add-to-batch', id, tasks, idempotency: { key: body, hash: body } });
    const batch = { id, name: null, tenant: 'default', hash: body, sealed: how === 'batch' };
    return this.#ask({ t: 'submit-batch', batch, tasks, idempotency: { key: id, hash: body } });
  }

  #ask(payload: MasterRequest): string[] {
    const heard: string[] = [];
    sendRequest(this.#world, { to: MASTER, payload, timeoutMs: 1_000 }, (answer) => {
      heard.push(answer.outcome === 'answered' ? describeAnswer(answer.answer as MasterAnswer) : answer.outcome);
    });
    this.#world.runUntil(this.#world.nowMs + 10);
    return heard.length === 0 ? ['no answer yet'] : heard;
  }

  #members(): string[] {
    const state = this.#running();
    if (typeof state === 'string') return [state];
    const rows = [...state.membership.members.values()];
    if (rows.length === 0) return ['nobody'];
    return rows.map(({ node, health }) => `${node}  ${health.padEnd(8)}  in flight ${inFlightOf(state.queue, node)}`);
  }

  #tasks(): string[] {
    const state = this.#running();
    if (typeof state === 'string') return [state];
    const rows = [...state.queue.rows.values()];
    return rows.length === 0 ? ['none'] : rows.map(describeTask);
  }

  #batches(): string[] {
    const state = this.#running();
    if (typeof state === 'string') return [state];
    const { batches, events } = state.queue;
    const ends = events.map(({ number, batch, state: end }) => `event ${number}: ${batch} is ${end}`);
    return batches.size === 0 ? ['none'] : [...[...batches.values()].map(describeBatch), ...ends];
  }

  #takeEvents(): string[] {
    const events = this.#events;
    this.#events = [];
    return events.length === 0 ? ['nothing'] : events;
  }

  #running(): MasterState | string {
    if (this.#world.node(MASTER).life !== 'up' || this.#state === null) return 'the master does not answer';
    return this.#state;
  }

  #note(event: MonitorEvent): void {
    const who = 'node' in event ? event.node : '';
    const why = event.type === 'member-dead' ? ` (${event.cause})` : '';
    this.#events.push(`${(this.#world.nowMs / 1_000).toFixed(1).padStart(5)} s  ${event.type} ${who}${why}`);
  }
}

function calculate(payload: unknown): TaskOutcome {
  const outcome = calculator(String(payload), {
    task: '',
    random: () => 0,
    nowMs: () => 0,
    weather: { geocoding: '', forecast: '' },
    signal: new AbortController().signal,
    sleep: () => Promise.resolve(),
    burn: () => Promise.resolve(),
  });
  if (outcome instanceof Promise) throw new Error('the calculator answers at once');
  return outcome;
}

function describeAnswer(answer: MasterAnswer): string {
  if (answer.kind === 'accepted') return `${answer.task} is accepted`;
  if (answer.kind === 'task') return describeTask(answer.row);
  if (answer.kind === 'batch') return describeBatch(answer.batch);
  return answer.kind === 'refused' ? `refused: ${answer.code}` : answer.kind;
}

function describeBatch(batch: Readonly<BatchRow>): string {
  return `${batch.id} is ${stateOf(batch)}: ${batch.done} done and ${batch.dead} failed of ${batch.total}`;
}

function describeTask({ id, payload, state, worker, attempts, result, error }: Readonly<TaskRow>): string {
  const what = `${id}  ${String(payload).padEnd(12)}  `;
  switch (state) {
    case 'READY':
      return `${what}waits${attempts > 0 ? `, ${attempts} tried it` : ''}`;
    case 'LEASED':
      return `${what}with ${worker}, attempt ${attempts}`;
    case 'DONE':
      return `${what}= ${result}  by ${worker}, attempt ${attempts}`;
    case 'DEAD':
      return `${what}failed: ${error}`;
  }
}
