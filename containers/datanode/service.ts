/** The datanode's effects: runs the core on its log, talks to clients, other datanodes and the headnode. */
import { BatchSender, isBatch, isBatched, readBatch } from '../gateway/batch-frames.ts';
import type { BatchReader } from '../gateway/batch-frames.ts';
import { DatanodeLinks } from '../gateway/datanode-links.ts';
import { fromWire, toWire } from '../gateway/store-frames.ts';
import { createDriver } from '../kit/core-driver.ts';
import type { Driver } from '../kit/core-driver.ts';
import type { Hello, Self } from '../kit/frame-server.ts';
import type { Connection, DurableLog, Frame } from '../kit/ports.ts';
import type { RoleContext } from '../kit/role-main.ts';
import type { OrreryError } from '../protocol/errors.ts';
import type { Role } from '../protocol/roles.ts';
import type {
  ClientAnswer,
  ClientRequest,
  CopyReport,
  DatanodeBeat,
  HeadnodeMessage,
  PeerMessage,
} from '../protocol/store-messages.ts';
import { isFromPrimary, stepDatanode } from './core.ts';
import { guardLog } from './log-guard.ts';
import { encodeLogEntry } from './recovery-core.ts';
import { serveSpan } from './request-trace.ts';
import { inspect } from './scrub-core.ts';
import { Compaction, damageOf, isDiskLow } from './storage.ts';
import { epochSum } from './views-core.ts';
import type { DatanodeEffect, DatanodeEvent, DatanodeState, LogEntry } from './types.ts';

const TICK_INTERVAL_MS = 100;
const UPKEEP_INTERVAL_MS = 1_000;

type ShellEffect = Exclude<DatanodeEffect, { kind: 'persist' | 'self' }>;
type FrameClient = {
  connection: Connection;
  frame: Frame;
  withValues: boolean;
  /** Its request came with a trace. */
  traced?: { context: string; startMs: number };
};
/** Whom to answer: somebody whose request was a frame, or came in a batch. */
type Client = FrameClient | { sender: BatchSender; id: number };

export type DatanodeServiceOptions = {
  context: RoleContext;
  self: Self;
  log: DurableLog;
  state: DatanodeState;
  report(message: Extract<ShellEffect, { kind: 'report' }>['message']): void;
};

export class DatanodeService {
  readonly #options: DatanodeServiceOptions;
  readonly #driver: Driver<DatanodeState, DatanodeEvent>;
  readonly #links: DatanodeLinks;
  readonly #compaction: Compaction;
  /** Connections that primaries dialled to us, by node: answers go back on them. */
  readonly #primaries = new Map<string, Connection>();
  readonly #senders = new WeakMap<Connection, BatchSender>();
  readonly #clients = new Map<number, Client>();
  readonly #stops: (() => void)[];
  #addresses: Record<string, string> = {};
  #lastToken = 0;
  #diskPasses = 0;
  #knownDamage = '';

  constructor(options: DatanodeServiceOptions) {
    this.#options = options;
    const { context, log, self, state } = options;
    const { clock, random, shim } = context;
    this.#compaction = new Compaction(log, state);
    this.#driver = createDriver<DatanodeState, DatanodeEvent, DatanodeEffect, LogEntry>({
      step: stepDatanode,
      state,
      clock,
      random,
      log: guardLog(log, (error) => this.#diskFull(error)),
      encode: (entry) => {
        const bytes = encodeLogEntry(entry);
        this.#compaction.grew(bytes.length);
        return bytes;
      },
      perform: (effect) => this.#perform(effect),
      onFatal: context.fatal,
    });
    this.#links = new DatanodeLinks({ self, shim, clock, random });
    this.#links.onOpen((node, connection) => this.#followerOpened(node, connection));
    this.#stops = [
      clock.every(TICK_INTERVAL_MS, () => this.#dispatch({ kind: 'tick' })),
      clock.every(UPKEEP_INTERVAL_MS, () => this.#upkeep()),
    ];
  }

  get state(): DatanodeState {
    return this.#driver.state;
  }

  get inFlight(): number {
    return this.#clients.size;
  }

  /** A peer dialled in: a client, or a primary whose follower this node is. */
  accept(connection: Connection, hello: Hello): Record<string, unknown> {
    const { node, role } = hello;
    const sender = this.#senderOf(connection);
    const reader: BatchReader = {
      put: (id, request) => this.#request({ sender, id }, request),
      peer: (message) => this.#heardPeer(node, role, message),
      answer: () => undefined,
    };
    connection.onFrame((frame) => {
      if (this.#readBatch(frame, reader)) return;
      const message = fromWire(frame);
      if (!isRequest(message)) this.#heardPeer(node, role, message as PeerMessage);
      else this.#request(this.#clientOf(connection, frame, message), message);
    });
    if (role === 'datanode') {
      this.#primaries.set(node, connection);
      connection.onClose(() => {
        if (this.#primaries.get(node) === connection) this.#primaries.delete(node);
      });
    }
    return {};
  }

  /** Views and orders of the headnode. */
  heard(message: Exclude<HeadnodeMessage, { t: 'verify' }>): void {
    if (message.t === 'ask-blocks') {
      this.#dispatch({ kind: 'ask-blocks' });
      return;
    }
    if (message.t === 'learn') {
      this.#links.wake(message.node);
      const { shard, epoch, node, store } = message;
      this.#dispatch({ kind: 'learn', shard, epoch, node, store });
      return;
    }
    this.#addresses = { ...this.#addresses, ...message.addresses };
    for (const node of new Set(message.views.flatMap(({ members }) => members))) this.#links.wake(node);
    this.#dispatch({ kind: 'views', views: message.views });
  }

  /** Looks at a copy now, for whoever asks the headnode. */
  verify(shard: number, key: string | null): CopyReport {
    return inspect(this.state, shard, key);
  }

  beat(): DatanodeBeat {
    const { self } = this.#options;
    const { edges, shards } = this.state;
    const held = [...shards.values()].filter(({ role }) => role !== 'absent');
    return {
      startedMs: this.#options.context.self.incarnation,
      edges: [...edges].map(([to, { sent, ok, failed }]) => ({
        from: self.node,
        to,
        sent,
        ok,
        failed,
        inFlight: sent - ok - failed,
      })),
      records: held.reduce((sum, { liveRecords }) => sum + liveRecords, 0),
      valueBytes: held.reduce((sum, { valueBytes }) => sum + valueBytes, 0),
      shards: held.length,
      epochSum: epochSum(this.state),
      led: held
        .filter(({ role }) => role === 'primary')
        .map(({ shard, liveRecords, valueBytes }) => [shard, liveRecords, valueBytes]),
    };
  }

  async stop(): Promise<void> {
    for (const stop of this.#stops) stop();
    this.#links.close();
    this.#driver.close();
    await this.#options.log.close();
  }

  #dispatch(event: DatanodeEvent): void {
    this.#driver.dispatch(event);
  }

  #heardPeer(node: string, role: Role, message: PeerMessage): void {
    if (role === 'datanode') this.#dispatch({ kind: 'peer', from: node, message });
  }

  #clientOf(connection: Connection, frame: Frame, request: ClientRequest): FrameClient {
    const client = { connection, frame, withValues: request.t === 'list' && request.withValues };
    if (request.trace === undefined) return client;
    return { ...client, traced: { context: request.trace, startMs: this.#options.context.clock.nowMs() } };
  }

  #request(client: Client, request: ClientRequest): void {
    this.#lastToken += 1;
    this.#clients.set(this.#lastToken, client);
    this.#dispatch({ kind: 'request', from: this.#lastToken, request });
  }

  #readBatch(frame: Frame, reader: BatchReader): boolean {
    if (!isBatch(frame)) return false;
    this.#driver.together(() => readBatch(frame, reader));
    return true;
  }

  #followerOpened(node: string, connection: Connection): void {
    const peer = (message: PeerMessage): void => this.#dispatch({ kind: 'peer', from: node, message });
    const reader: BatchReader = { put: () => undefined, peer, answer: () => undefined };
    connection.onFrame((frame) => {
      if (!this.#readBatch(frame, reader)) peer(fromWire(frame) as PeerMessage);
    });
    this.#dispatch({ kind: 'peer-up', node });
  }

  #perform(effect: ShellEffect): void {
    switch (effect.kind) {
      case 'send':
        return this.#send(effect.to, effect.message);
      case 'answer': {
        const client = this.#clients.get(effect.to);
        this.#clients.delete(effect.to);
        if (client === undefined) return;
        if ('sender' in client) return client.sender.answer(client.id, effect.answer);
        const { head, body } = toWire(this.#toldTo(client, effect.answer), client);
        return client.connection.reply(client.frame, head, body);
      }
      case 'report':
        return this.#options.report(effect.message);
    }
  }

  /** A request that came with a trace gets the time it was here. */
  #toldTo({ traced }: FrameClient, answer: ClientAnswer): ClientAnswer {
    if (traced === undefined) return answer;
    const { context, self } = this.#options;
    const stretch = { node: self.node, startMs: traced.startMs, endMs: context.clock.nowMs() };
    return { ...answer, spans: [serveSpan(traced.context, stretch), ...(answer.spans ?? [])] };
  }

  /** What finds no connection is lost; whatever matters is sent again when there is one. */
  #send(to: string, message: PeerMessage): void {
    const connection = isFromPrimary(message) ? this.#links.to(to, this.#addresses[to]) : this.#primaries.get(to);
    if (!connection) return;
    const sender = this.#senderOf(connection);
    if (isBatched(message)) {
      sender.peer(message);
      return;
    }
    sender.cut();
    const { head, body } = toWire(message);
    connection.send(head, body);
  }

  #senderOf(connection: Connection): BatchSender {
    let sender = this.#senders.get(connection);
    if (sender === undefined) this.#senders.set(connection, (sender = new BatchSender(connection)));
    return sender;
  }

  #diskFull(error: OrreryError): void {
    this.#options.context.say('error', error.message, { code: error.code });
    this.#dispatch({ kind: 'disk', state: 'failed' });
    this.#options.report({ t: 'disk-trouble', code: error.code, reason: error.message });
  }

  #upkeep(): void {
    const { context } = this.#options;
    const { say, fatal, config } = context;
    isDiskLow(config.ORRERY_DATA).then((isLow) => {
      const state = isLow ? 'low' : 'ok';
      if (this.state.disk === 'failed' || this.state.disk === state) return;
      say(isLow ? 'warn' : 'info', isLow ? 'little space is left: no new writes' : 'there is space again');
      this.#dispatch({ kind: 'disk', state });
    }, fatal);
    if (this.#compaction.isDue && this.state.disk === 'ok') this.#compact();
    const { scrub } = this.state;
    if (scrub.passes === this.#diskPasses) return;
    this.#diskPasses = scrub.passes;
    this.#scrubDisk().catch(fatal);
  }

  #compact(): void {
    const { say, clock } = this.#options.context;
    this.#compaction.run(clock.nowMs()).then(
      () => say('info', 'replaced the log by a snapshot'),
      (error: unknown) => say('warn', 'no snapshot; the log goes on', { reason: String(error) }),
    );
  }

  /** Reads the log back. What is damaged there is sound in memory: a snapshot of that takes its place. */
  async #scrubDisk(): Promise<void> {
    const { log, report, self } = this.#options;
    const reason = await damageOf(log);
    if (reason === null || reason === this.#knownDamage) return;
    this.#knownDamage = reason;
    this.#options.context.say('error', 'the log is damaged', { reason });
    const damage = { shard: null, epoch: 0, key: null, place: 'disk', remedy: 'log-rewritten', reason } as const;
    report({ t: 'corrupt', node: self.node, ...damage });
    this.#compact();
  }
}

function isRequest(message: { t: string }): message is ClientRequest {
  return message.t === 'put' || message.t === 'get' || message.t === 'delete' || message.t === 'list';
}
