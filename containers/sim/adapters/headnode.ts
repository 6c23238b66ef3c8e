/** The headnode's core in the simulated world: what headnode/service.ts and peers.ts do, virtually. */
import { exhaustive } from '../../protocol/step.ts';
import type { DatanodeInfo, DatanodeMessage } from '../../protocol/store-messages.ts';
import { createHeadnode, headnodeEntries, replayHeadnode, stepHeadnode } from '../../headnode/core.ts';
import type { HeadnodeOptions } from '../../headnode/core.ts';
import { sumOfEpochs, TICK_INTERVAL_MS } from '../../headnode/membership-core.ts';
import type { HeadnodeEffect, HeadnodeEntry, HeadnodeEvent, HeadnodeState } from '../../headnode/types.ts';
import { steadyTime } from '../../kit/clock.ts';
import type { FrameHead } from '../../kit/ports.ts';
import { runCore } from '../core-runner.ts';
import type { Host } from '../host.ts';
import type { End } from '../network.ts';
import { plainCopy } from '../plain-copy.ts';
import type { Boot, Program } from '../sim-node.ts';
import { Exchange } from './exchange.ts';
import type { CoreObservation, StartObservation } from './observation.ts';

export type HeadnodeObservation = CoreObservation<'headnode', HeadnodeState, HeadnodeEvent, HeadnodeEffect>;

export type HeadnodeSimulation = {
  options: HeadnodeOptions;
  probeTimeoutMs: number;
  snapshotEntries: number;
  observe(observation: HeadnodeObservation | StartObservation): void;
  sabotage(effects: HeadnodeEffect[], event: HeadnodeEvent, state: HeadnodeState): HeadnodeEffect[];
};

export function bootHeadnode(simulation: HeadnodeSimulation): Boot<HeadnodeEntry> {
  return (host) => {
    simulation.observe({ role: 'process', node: host.node, at: 'start' });
    return new HeadnodeProcess(host, simulation);
  };
}

type ShellEffect = Exclude<HeadnodeEffect, { kind: 'persist' | 'self' }>;
type Beat = Omit<Extract<HeadnodeEvent, { kind: 'heartbeat' }>, 'kind' | 'node'>;
type DatanodeHello = { node: string; role: string; incarnation: number; info: DatanodeInfo };

class HeadnodeProcess implements Program {
  readonly #host: Host<HeadnodeEntry>;
  readonly #simulation: HeadnodeSimulation;
  readonly #state: HeadnodeState;
  readonly #dispatch: (event: HeadnodeEvent) => void;
  readonly #datanodes = new Map<string, Exchange>();
  readonly #routers = new Set<Exchange>();
  #appended = 0;

  constructor(host: Host<HeadnodeEntry>, simulation: HeadnodeSimulation) {
    const { node } = host;
    const nowMs = steadyTime(host);
    this.#host = host;
    this.#simulation = simulation;
    this.#state = createHeadnode(simulation.options);
    const snapshot = (host.log.snapshot ?? []) as HeadnodeEntry[];
    for (const entry of [...snapshot, ...host.entries()]) replayHeadnode(this.#state, plainCopy(entry), nowMs());
    this.#dispatch = runCore<HeadnodeState, HeadnodeEvent, HeadnodeEffect, HeadnodeEntry>(
      {
        host,
        append: (entries, whenDurable) => {
          this.#appended += entries.length;
          host.append(entries, whenDurable);
        },
        step: stepHeadnode,
        state: this.#state,
        nowMs,
        perform: (effect) => this.#perform(effect as ShellEffect),
        stepped: (event, effects, state) =>
          simulation.observe({ role: 'headnode', node, at: 'step', event, effects, state }),
        performing: (effect, state) => simulation.observe({ role: 'headnode', node, at: 'effect', effect, state }),
        sabotage: simulation.sabotage,
      },
      (effect) => (effect.kind === 'persist' || effect.kind === 'self' ? effect : null),
    );
    host.every(TICK_INTERVAL_MS, () => this.#tick());
  }

  accept(end: End, hello: unknown): unknown {
    const { node, role, incarnation, info } = hello as DatanodeHello;
    const exchange = new Exchange(end, (delayMs, run) => this.#host.after(delayMs, run));
    // The welcome goes first.
    if (role === 'datanode') this.#acceptDatanode(exchange, { node, incarnation, info });
    else this.#acceptRouter(exchange);
    return { t: 'welcome' };
  }

  engineEvent(node: string, type: 'exited' | 'started', atMs: number): void {
    this.#dispatch({ kind: 'engine-word', node, type, atMs });
  }

  request(payload: unknown, answer: (answer: unknown) => void): void {
    const { drain } = payload as { drain: string };
    this.#dispatch({ kind: 'drain', node: drain });
    answer({ status: 202 });
  }

  #acceptRouter(exchange: Exchange): void {
    this.#routers.add(exchange);
    exchange.onClose = () => this.#routers.delete(exchange);
    const sendAll = () => exchange.send(this.#views([...this.#state.announced.values()]));
    this.#host.after(0, sendAll);
    exchange.onFrame = (head) => {
      if (head['epochSum'] !== sumOfEpochs(this.#state.announced.values())) sendAll();
    };
  }

  #acceptDatanode(exchange: Exchange, { node, incarnation, info }: Omit<DatanodeHello, 'role'>): void {
    const before = this.#datanodes.get(node);
    this.#datanodes.set(node, exchange);
    before?.close();
    exchange.onFrame = (head) => this.#received(node, head);
    exchange.onClose = () => {
      if (this.#datanodes.get(node) !== exchange) return;
      this.#datanodes.delete(node);
      this.#dispatch({ kind: 'closed', node, incarnation });
    };
    this.#host.after(0, () => this.#dispatch({ kind: 'hello', node, incarnation, info }));
  }

  #received(node: string, head: FrameHead): void {
    if (head.t !== 'heartbeat') {
      this.#dispatch({ kind: 'message', from: node, message: head as unknown as DatanodeMessage });
      return;
    }
    const { incarnation, seq, inFlight, eventLoopLagMs, rssBytes, epochSum } = head as unknown as Beat;
    this.#dispatch({ kind: 'heartbeat', node, incarnation, seq, inFlight, eventLoopLagMs, rssBytes, epochSum });
  }

  #perform(effect: ShellEffect): void {
    switch (effect.kind) {
      case 'announce': {
        const message = this.#views(effect.views);
        for (const exchange of this.#datanodes.values()) exchange.send(message);
        for (const exchange of this.#routers) exchange.send(message);
        return;
      }
      case 'send-views':
        this.#datanodes.get(effect.to)?.send(this.#views(effect.views));
        return;
      case 'order':
        this.#datanodes.get(effect.to)?.send(effect.message);
        return;
      case 'outdated':
        this.#datanodes.get(effect.node)?.send({ t: 'outdated' });
        return;
      case 'probe': {
        const { node, incarnation } = effect;
        this.#host.probe(effect.address, this.#simulation.probeTimeoutMs, (found) =>
          this.#dispatch({ kind: 'probed', node, incarnation, isAlive: found?.incarnation === incarnation }),
        );
        return;
      }
      case 'event':
        this.#host.record(effect.event.type, () => JSON.stringify(effect.event));
        return;
      case 'beat':
      // Nobody sets anything here.
      case 'set':
        return;
      default:
        exhaustive(effect);
    }
  }

  #views(views: HeadnodeEffectViews): FrameHead {
    return { t: 'views', views, addresses: {} };
  }

  #tick(): void {
    this.#dispatch({ kind: 'tick' });
    if (this.#appended < this.#simulation.snapshotEntries) return;
    this.#appended = 0;
    this.#host.log.writeSnapshot(this.#host.log.lastIndex, headnodeEntries(this.#state));
  }
}

type HeadnodeEffectViews = Extract<HeadnodeEffect, { kind: 'announce' }>['views'];
