/** The master's core in the simulated world: what master/service.ts does, with virtual everything. */
import { exhaustive } from '../../protocol/step.ts';
import type { TaskResult, WorkerHeartbeat, WorkerInfo } from '../../protocol/compute-messages.ts';
import { steadyTime } from '../../kit/clock.ts';
import type { FrameHead } from '../../kit/ports.ts';
import type { BatchSpec } from '../../master/batch-row.ts';
import { rebuildState, stepMaster } from '../../master/core.ts';
import type { MasterEffect, MasterEvent, MasterState } from '../../master/core.ts';
import type { Answer, ShellEffect } from '../../master/core-types.ts';
import { encodeSnapshot } from '../../master/log-entry.ts';
import type { LogEntry } from '../../master/log-entry.ts';
import type { MasterSettings } from '../../master/settings.ts';
import { takeSnapshot } from '../../master/task-queue.ts';
import type { Idempotency, TaskSpec } from '../../master/task-row.ts';
import { runCore } from '../core-runner.ts';
import type { Host } from '../host.ts';
import type { End } from '../network.ts';
import type { Boot, Program } from '../sim-node.ts';
import { plainCopy } from '../plain-copy.ts';
import { Exchange } from './exchange.ts';
import type { CoreObservation, StartObservation } from './observation.ts';

export type MasterObservation = CoreObservation<'master', MasterState, MasterEvent, MasterEffect>;

/** What a client asks of the master over HTTP. */
export type MasterRequest =
  | { t: 'submit'; spec: TaskSpec; waitMs: number | null; queue: boolean; deadlineMs?: number }
  | { t: 'submit-batch'; batch: BatchSpec; tasks: TaskSpec[]; idempotency: Idempotency }
  | { t: 'add-to-batch'; id: string; tasks: TaskSpec[]; idempotency: Idempotency }
  | { t: 'seal-batch'; id: string }
  | { t: 'set-weight'; tenant: string; weight: number }
  | { t: 'read'; task: string }
  | { t: 'drain'; node: string };

export type MasterAnswer = Answer;

export type MasterSimulation = {
  settings: MasterSettings;
  observe(observation: MasterObservation | StartObservation): void;
  sabotage(effects: MasterEffect[], event: MasterEvent, state: MasterState): MasterEffect[];
};

export function bootMaster(simulation: MasterSimulation): Boot<LogEntry> {
  return (host) => {
    simulation.observe({ role: 'process', node: host.node, at: 'start' });
    return new MasterProcess(host, simulation);
  };
}

class MasterProcess implements Program {
  readonly #host: Host<LogEntry>;
  readonly #state: MasterState;
  readonly #dispatch: (event: MasterEvent) => void;
  readonly #links = new Map<number, Exchange>();
  readonly #requests = new Map<number, (answer: MasterAnswer) => void>();
  readonly #replies = new Map<number, FrameHead>();
  readonly #observe: (observation: MasterObservation) => void;
  #lastNumber = 0;

  constructor(host: Host<LogEntry>, simulation: MasterSimulation) {
    const { settings, observe } = simulation;
    const { node } = host;
    const nowMs = steadyTime(host);
    this.#host = host;
    this.#observe = observe;
    const snapshot = host.log.snapshot;
    const entries = host.entries().map((entry) => plainCopy(entry));
    this.#state = rebuildState(settings, snapshot instanceof Uint8Array ? snapshot : null, entries, nowMs(), node);
    this.#dispatch = runCore<MasterState, MasterEvent, MasterEffect, LogEntry>(
      {
        host,
        append: (added, whenDurable) => host.append(added, whenDurable),
        step: stepMaster,
        state: this.#state,
        nowMs,
        perform: (effect) => this.#perform(effect as ShellEffect),
        stepped: (event, effects, state) => observe({ role: 'master', node, at: 'step', event, effects, state }),
        performing: (effect, state) => observe({ role: 'master', node, at: 'effect', effect, state }),
        sabotage: simulation.sabotage,
      },
      (effect) => (effect.kind === 'persist' || effect.kind === 'self' ? effect : null),
    );
    this.#dispatch({ kind: 'boot' });
    host.every(settings.tickMs, () => this.#dispatch({ kind: 'tick' }));
  }

  accept(end: End, hello: unknown): unknown {
    // The port is bound when the boot is durable.
    if (!this.#state.booted) return null;
    const { node, incarnation, info } = hello as { node: string; incarnation: number; info: WorkerInfo };
    const link = this.#next();
    const exchange = new Exchange(end, (delayMs, run) => this.#host.after(delayMs, run));
    this.#links.set(link, exchange);
    exchange.onFrame = (head) => this.#receive(link, node, head);
    exchange.onClose = () => {
      this.#links.delete(link);
      this.#dispatch({ kind: 'disconnected', link, node });
    };
    // The welcome goes first.
    this.#host.after(0, () => {
      if (this.#links.has(link)) this.#dispatch({ kind: 'hello', link, node, incarnation, info });
    });
    return { t: 'welcome' };
  }

  request(payload: unknown, answer: (answer: unknown) => void): () => void {
    const asked = payload as MasterRequest;
    if (!this.#state.booted) {
      answer({ kind: 'refused', code: 'starting', details: { node: this.#host.node } } satisfies MasterAnswer);
      return () => undefined;
    }
    const request = this.#next();
    this.#requests.set(request, answer);
    switch (asked.t) {
      case 'submit':
        this.#submit(request, asked);
        break;
      case 'read':
        this.#read(request, asked.task);
        break;
      case 'drain':
        this.#dispatch({ kind: 'drain', node: asked.node });
        break;
      default: {
        const { t, ...rest } = asked;
        this.#dispatch({ kind: t, request, ...rest } as MasterEvent);
      }
    }
    return () => {
      if (this.#requests.delete(request)) this.#dispatch({ kind: 'client-gone', request });
    };
  }

  engineEvent(node: string, type: 'exited' | 'started', atMs: number): void {
    this.#dispatch({ kind: 'engine-word', node, type, atMs });
  }

  probe(): { incarnation: number } {
    return { incarnation: this.#host.incarnation };
  }

  /** Answered when all that it shows is durable. */
  #read(request: number, task: string): void {
    const row = this.#state.queue.rows.get(task);
    const answer: Answer =
      row === undefined
        ? { kind: 'refused', code: 'not-found', details: { what: task } }
        : { kind: 'task', row: plainCopy(row) };
    const effect: ShellEffect = { kind: 'answer', request, answer };
    this.#host.append([], () => {
      const { node } = this.#host;
      this.#observe({ role: 'master', node, at: 'effect', effect, state: this.#state });
      this.#perform(effect);
    });
  }

  #submit(request: number, { spec, waitMs, queue, deadlineMs }: Extract<MasterRequest, { t: 'submit' }>): void {
    const submit: MasterEvent = { kind: 'submit', request, spec, wait: waitMs !== null, queue };
    if (deadlineMs !== undefined) submit.deadlineMs = deadlineMs;
    this.#dispatch(submit);
    if (waitMs === null) return;
    this.#host.after(deadlineMs ?? waitMs, () => {
      if (this.#requests.has(request)) this.#dispatch({ kind: 'wait-ended', request });
    });
  }

  #next(): number {
    this.#lastNumber += 1;
    return this.#lastNumber;
  }

  #receive(link: number, node: string, head: FrameHead): void {
    switch (head.t) {
      case 'heartbeat': {
        const { incarnation, seq, inFlight, eventLoopLagMs, rssBytes, holding } = head as unknown as WorkerHeartbeat;
        const beat = { incarnation, seq, inFlight, eventLoopLagMs, rssBytes, holding };
        this.#dispatch({ kind: 'heartbeat', link, node, beat });
        return;
      }
      case 'results': {
        const reply = this.#next();
        this.#replies.set(reply, head);
        this.#dispatch({ kind: 'results', link, node, reply, results: head['results'] as TaskResult[] });
        return;
      }
      case 'warmed':
        this.#dispatch({ kind: 'warmed', link, node, tookMs: Number(head['tookMs']) });
        return;
      case 'leave':
        this.#dispatch({ kind: 'leave', link, node });
        return;
      default:
        throw new Error(`a worker sent ${head.t}`);
    }
  }

  #perform(effect: ShellEffect): void {
    switch (effect.kind) {
      case 'answer': {
        const answer = this.#requests.get(effect.request);
        this.#requests.delete(effect.request);
        answer?.(effect.answer);
        return;
      }
      case 'send':
        this.#links.get(effect.link)?.send(effect.message);
        return;
      case 'settle': {
        const to = this.#replies.get(effect.reply);
        this.#replies.delete(effect.reply);
        if (to !== undefined) this.#links.get(effect.link)?.reply(to, { t: 'settled', verdicts: effect.verdicts });
        return;
      }
      case 'hang-up':
        this.#links.get(effect.link)?.close();
        return;
      case 'probe': {
        const { node, incarnation, timeoutMs } = effect;
        this.#host.probe(effect.address, timeoutMs, (found) => {
          this.#dispatch({ kind: 'probe-answered', node, incarnation, alive: found?.incarnation === incarnation });
        });
        return;
      }
      case 'snapshot': {
        const { log } = this.#host;
        const index = log.appendedIndex;
        const bytes = encodeSnapshot(takeSnapshot(this.#state.queue));
        this.#host.append([], () => log.writeSnapshot(index, bytes));
        return;
      }
      case 'publish':
        this.#host.record(effect.event.type, () => JSON.stringify(effect.event));
        return;
      case 'beat':
      case 'finished':
      case 'guest-step':
      // No guests come into the simulated world.
      case 'check-webhook':
      case 'give-webhook':
        return;
      default:
        exhaustive(effect);
    }
  }
}
