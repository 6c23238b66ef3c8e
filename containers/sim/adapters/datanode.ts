/** The datanode's core in the simulated world: what datanode/service.ts and headnode-link.ts do, virtually. */
import { exhaustive } from '../../protocol/step.ts';
import type { ClientRequest, DatanodeMessage, HeadnodeMessage, PeerMessage } from '../../protocol/store-messages.ts';
import { createDatanode, isFromPrimary, stepDatanode } from '../../datanode/core.ts';
import {
  decodeLogEntry,
  encodeLogEntry,
  encodeSnapshot,
  finishReplay,
  replay,
  replaySnapshot,
} from '../../datanode/recovery-core.ts';
import type { DatanodeEffect, DatanodeEvent, DatanodeSettings, DatanodeState, LogEntry } from '../../datanode/types.ts';
import { epochSum } from '../../datanode/views-core.ts';
import { steadyTime } from '../../kit/clock.ts';
import type { FrameHead } from '../../kit/ports.ts';
import { runCore } from '../core-runner.ts';
import type { Host } from '../host.ts';
import type { End } from '../network.ts';
import type { Boot, Program } from '../sim-node.ts';
import { Exchange } from './exchange.ts';
import type { CoreObservation, StartObservation } from './observation.ts';

export type DatanodeObservation = CoreObservation<'datanode', DatanodeState, DatanodeEvent, DatanodeEffect>;

export type DatanodeSimulation = {
  settings: Omit<DatanodeSettings, 'node'>;
  headnode: string;
  heartbeatIntervalMs: number;
  tickMs: number;
  /** The log is replaced by a snapshot after so many entries. */
  snapshotEntries: number;
  observe(observation: DatanodeObservation | StartObservation): void;
  sabotage(effects: DatanodeEffect[], event: DatanodeEvent, state: DatanodeState): DatanodeEffect[];
  /** A deliberate fault in what a restart makes of the log. */
  rebuilt(state: DatanodeState): void;
};

export function bootDatanode(simulation: DatanodeSimulation): Boot<Uint8Array> {
  return (host) => {
    simulation.observe({ role: 'process', node: host.node, at: 'start' });
    return new DatanodeProcess(host, simulation);
  };
}

type ShellEffect = Exclude<DatanodeEffect, { kind: 'persist' | 'self' }>;

class DatanodeProcess implements Program {
  readonly #host: Host<Uint8Array>;
  readonly #simulation: DatanodeSimulation;
  readonly #state: DatanodeState;
  readonly #dispatch: (event: DatanodeEvent) => void;
  /** Diallers to followers, with the exchange of each that is open. */
  readonly #links = new Map<string, { exchange: Exchange | null }>();
  readonly #primaries = new Map<string, Exchange>();
  readonly #clients = new Map<number, { exchange: Exchange; head: FrameHead }>();
  #headnode: Exchange | null = null;
  #incarnation: number;
  #seq = 0;
  #lastToken = 0;
  #isReady = false;
  #isLogClosed = false;
  #grown = 0;

  constructor(host: Host<Uint8Array>, simulation: DatanodeSimulation) {
    const { node } = host;
    this.#host = host;
    this.#simulation = simulation;
    this.#incarnation = host.incarnation;
    this.#state = rebuild(host, simulation);
    this.#dispatch = runCore<DatanodeState, DatanodeEvent, DatanodeEffect, LogEntry>(
      {
        host,
        append: (entries, whenDurable) => this.#append(entries, whenDurable),
        step: stepDatanode,
        state: this.#state,
        nowMs: steadyTime(host),
        perform: (effect) => this.#perform(effect as ShellEffect),
        stepped: (event, effects, state) =>
          simulation.observe({ role: 'datanode', node, at: 'step', event, effects, state }),
        performing: (effect, state) => simulation.observe({ role: 'datanode', node, at: 'effect', effect, state }),
        sabotage: simulation.sabotage,
      },
      (effect) => (effect.kind === 'persist' || effect.kind === 'self' ? effect : null),
    );
    if (this.#state.store !== '') {
      this.#ready();
      return;
    }
    this.#state.store = `store of ${node} ${host.incarnation}`;
    host.append([encodeLogEntry({ kind: 'identity', store: this.#state.store })], () => this.#ready());
  }

  accept(end: End, hello: unknown): unknown {
    if (!this.#isReady) return null;
    const { node, role } = hello as { node: string; role: string };
    const exchange = new Exchange(end, (delayMs, run) => this.#host.after(delayMs, run));
    exchange.onFrame = (head) => {
      if (isRequest(head)) this.#request(exchange, head);
      else if (role === 'datanode') this.#dispatch({ kind: 'peer', from: node, message: asPeerMessage(head) });
    };
    if (role === 'datanode') {
      this.#primaries.set(node, exchange);
      exchange.onClose = () => {
        if (this.#primaries.get(node) === exchange) this.#primaries.delete(node);
      };
    }
    return { t: 'welcome' };
  }

  probe(): { incarnation: number } {
    return { incarnation: this.#incarnation };
  }

  #ready(): void {
    const { headnode, heartbeatIntervalMs, tickMs } = this.#simulation;
    this.#isReady = true;
    const epoch = (): number => Math.max(0, ...[...this.#state.shards.values()].map((shard) => shard.epoch));
    this.#host.every(tickMs, () => this.#dispatch({ kind: 'tick' }));
    this.#host.every(heartbeatIntervalMs, () => this.#beat());
    this.#host.keepDialled(headnode, {
      hello: () => ({
        node: this.#host.node,
        role: 'datanode',
        incarnation: this.#incarnation,
        info: {
          store: this.#state.store,
          framesAddress: this.#host.node,
          probeAddress: this.#host.node,
          epoch: epoch(),
        },
      }),
      onOpen: (end) => {
        const exchange = new Exchange(end, (delayMs, run) => this.#host.after(delayMs, run));
        this.#headnode = exchange;
        exchange.onFrame = (head) => this.#heard(exchange, head);
        exchange.onClose = () => {
          if (this.#headnode === exchange) this.#headnode = null;
        };
        if (this.#isLogClosed) this.#reportDiskFull();
        this.#beat();
      },
    });
  }

  #beat(): void {
    this.#seq += 1;
    this.#headnode?.send({
      t: 'heartbeat',
      incarnation: this.#incarnation,
      seq: this.#seq,
      inFlight: this.#clients.size,
      eventLoopLagMs: 0,
      rssBytes: 0,
      epochSum: epochSum(this.#state),
    });
  }

  #heard(exchange: Exchange, head: FrameHead): void {
    if (head.t === 'outdated') {
      this.#incarnation = Math.max(this.#incarnation + 1, this.#host.nowMs());
      this.#seq = 0;
      exchange.close();
      return;
    }
    const message = head as unknown as HeadnodeMessage;
    if (message.t === 'learn') {
      this.#link(message.node);
      const { shard, epoch, node, store } = message;
      this.#dispatch({ kind: 'learn', shard, epoch, node, store });
    } else if (message.t === 'ask-blocks') {
      this.#dispatch({ kind: 'ask-blocks' });
    } else if (message.t === 'views') {
      this.#dispatch({ kind: 'views', views: message.views });
    }
  }

  #request(exchange: Exchange, head: FrameHead & ClientRequest): void {
    this.#lastToken += 1;
    this.#clients.set(this.#lastToken, { exchange, head });
    const { id: _, ...request } = head;
    this.#dispatch({ kind: 'request', from: this.#lastToken, request: request as ClientRequest });
  }

  #link(node: string): { exchange: Exchange | null } {
    const known = this.#links.get(node);
    if (known !== undefined) return known;
    const link: { exchange: Exchange | null } = { exchange: null };
    this.#links.set(node, link);
    this.#host.keepDialled(node, {
      hello: () => ({ node: this.#host.node, role: 'datanode' }),
      onOpen: (end) => {
        const exchange = new Exchange(end, (delayMs, run) => this.#host.after(delayMs, run));
        link.exchange = exchange;
        exchange.onFrame = (head) => this.#dispatch({ kind: 'peer', from: node, message: asPeerMessage(head) });
        exchange.onClose = () => {
          link.exchange = null;
        };
        this.#dispatch({ kind: 'peer-up', node });
      },
    });
    return link;
  }

  #perform(effect: ShellEffect): void {
    switch (effect.kind) {
      case 'send': {
        const { to, message } = effect;
        const exchange = isFromPrimary(message) ? this.#link(to).exchange : this.#primaries.get(to);
        exchange?.send(message);
        return;
      }
      case 'answer': {
        const client = this.#clients.get(effect.to);
        this.#clients.delete(effect.to);
        client?.exchange.reply(client.head, effect.answer);
        return;
      }
      case 'report':
        this.#report(effect.message);
        return;
      default:
        exhaustive(effect);
    }
  }

  #report(message: DatanodeMessage): void {
    this.#headnode?.send(message);
  }

  #reportDiskFull(): void {
    this.#report({ t: 'disk-trouble', code: 'disk-full', reason: 'the simulated disk is full' });
  }

  /** A full disk ends writing for this process, not the process: what waits for it waits for ever. */
  #append(entries: readonly LogEntry[], whenDurable: () => void): void {
    if (this.#host.log.isFull && !this.#isLogClosed) {
      this.#isLogClosed = true;
      this.#host.after(0, () => this.#dispatch({ kind: 'disk', state: 'failed' }));
      this.#reportDiskFull();
    }
    if (this.#isLogClosed) return;
    this.#host.append(entries.map(encodeLogEntry), whenDurable);
    this.#grown += entries.length;
    if (this.#grown >= this.#simulation.snapshotEntries) this.#host.after(0, () => this.#snapshot());
  }

  #snapshot(): void {
    if (this.#isLogClosed || this.#grown < this.#simulation.snapshotEntries) return;
    this.#grown = 0;
    const bytes = encodeSnapshot(this.#state);
    const { log } = this.#host;
    let index = 0;
    this.#host.append([encodeLogEntry({ kind: 'identity', store: this.#state.store })], () =>
      log.writeSnapshot(index, bytes),
    );
    index = log.appendedIndex;
  }
}

function rebuild(host: Host<Uint8Array>, simulation: DatanodeSimulation): DatanodeState {
  const state = createDatanode({ ...simulation.settings, node: host.node });
  const { snapshot } = host.log;
  if (snapshot instanceof Uint8Array) replaySnapshot(state, snapshot);
  for (const bytes of host.entries()) replay(state, decodeLogEntry(bytes));
  finishReplay(state);
  simulation.rebuilt(state);
  return state;
}

function isRequest(head: FrameHead): head is FrameHead & ClientRequest {
  return head.t === 'put' || head.t === 'get' || head.t === 'delete' || head.t === 'list';
}

function asPeerMessage(head: FrameHead): PeerMessage {
  return head as unknown as PeerMessage;
}
