/** The headnode's effects: runs the core on its log, speaks with datanodes, routers and the panel. */
import { parametersOf } from '../algorithms/detector-parameters.ts';
import { createRecordGateway } from '../gateway/record-gateway.ts';
import type { RecordGateway } from '../gateway/record-gateway.ts';
import { viewsLost } from '../gateway/remote-views.ts';
import { toWire } from '../gateway/store-frames.ts';
import { createDriver } from '../kit/core-driver.ts';
import type { Driver } from '../kit/core-driver.ts';
import type { DurableLog } from '../kit/ports.ts';
import { probeNode } from '../kit/probe-client.ts';
import type { RoleContext } from '../kit/role-main.ts';
import { createStreamHub } from '../kit/stream-hub.ts';
import type { StreamHub } from '../kit/stream-hub.ts';
import type { DetectorChange, RecoveryAnswer, VerifyAnswer, VerifyBody } from '../protocol/control.ts';
import { OrreryError } from '../protocol/errors.ts';
import type { DetectorParameters, Member, ShardView, StorePicture, StoreStatus } from '../protocol/stream.ts';
import { createHeadnode, headnodeEntries, replayHeadnode, stepHeadnode } from './core.ts';
import { isOver, TICK_INTERVAL_MS } from './membership-core.ts';
import { Peers } from './peers.ts';
import { findViews } from './rebuild-core.ts';
import type { Finding } from './rebuild-core.ts';
import { MessageStore } from './sockets/message-store.ts';
import { SocketDesk } from './sockets/socket-desk.ts';
import { Telemetry } from './telemetry.ts';
import { verifyCopies } from './verify-copies.ts';
import type { HeadnodeEffect, HeadnodeEntry, HeadnodeEvent, HeadnodeState } from './types.ts';

type ShellEffect = Exclude<HeadnodeEffect, { kind: 'persist' | 'self' }>;

const PROBE_TIMEOUT_MS = 500;
/** Entries after which the log is replaced by what they amount to. */
const SNAPSHOT_ENTRIES = 10_000;
/** Datanodes redial within two seconds. */
const BLOCK_REPORTS_GRACE_MS = 2_500;
/** The panel gets word of a fatal error before the process ends. */
const LAST_WORDS_MS = 100;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export class HeadnodeService {
  readonly gateway: RecordGateway;
  readonly telemetry: Telemetry;
  readonly hub: StreamHub;
  readonly peers: Peers;
  readonly sockets: SocketDesk;
  readonly #context: RoleContext;
  readonly #log: DurableLog;
  readonly #driver: Driver<HeadnodeState, HeadnodeEvent>;
  readonly #stopTicks: () => void;
  /** Requests to set something, until that is durable. */
  readonly #setting = new Map<number, () => void>();
  #lastRequest = 0;
  #appended = 0;
  /** Since when block reports are awaited, monotonic. */
  #lostSinceMs: number | null = null;

  /** Rebuilds views and members from the log. */
  static async open(context: RoleContext, log: DurableLog): Promise<HeadnodeService> {
    const { config, clock, say } = context;
    const state = createHeadnode({
      node: config.ORRERY_NODE,
      shards: config.ORRERY_SHARDS,
      replicas: config.ORRERY_REPLICAS,
      minInSync: config.ORRERY_MIN_IN_SYNC,
      rereplicationDelayMs: config.ORRERY_REREPLICATION_DELAY_MS,
      heartbeatIntervalMs: config.ORRERY_HEARTBEAT_INTERVAL_MS,
    });
    const snapshot = await log.readSnapshot();
    const nowMs = clock.nowMs();
    for (const entry of snapshot === null ? [] : (decode(snapshot.bytes) as HeadnodeEntry[])) {
      replayHeadnode(state, entry, nowMs);
    }
    await log.replay((bytes) => replayHeadnode(state, decode(bytes) as HeadnodeEntry, nowMs));
    say('info', 'views restored', { shards: state.views.size, members: state.members.size });
    return new HeadnodeService(context, log, state);
  }

  private constructor(context: RoleContext, log: DurableLog, state: HeadnodeState) {
    const { clock, random, metrics, hlc, self, shim, config } = context;
    this.#context = context;
    this.#log = log;
    this.#driver = createDriver<HeadnodeState, HeadnodeEvent, HeadnodeEffect, HeadnodeEntry>({
      step: stepHeadnode,
      state,
      clock,
      random,
      log,
      encode: (entry) => {
        this.#appended += 1;
        return encoder.encode(JSON.stringify(entry));
      },
      perform: (effect) => this.#perform(effect),
      onFatal: (error) => this.#fail(error),
    });
    this.gateway = createRecordGateway({ self, shim, clock, random, metrics });
    this.gateway.table.update([...state.announced.values()], this.#addresses(), config.ORRERY_STORE_MODE);
    this.gateway.table.obstacle = () => (this.#isKnownLost() ? viewsLost(this.state.waitingFor) : null);
    this.telemetry = new Telemetry({
      state: () => this.state,
      gateway: this.gateway,
      metrics,
      nowMs: () => clock.nowMs(),
    });
    this.hub = createStreamHub({
      self,
      clock,
      hlc,
      picture: () => ({
        kind: 'picture',
        members: this.members(),
        views: this.#views(),
        store: this.#storePicture(),
        detector: this.detector(),
      }),
      sample: () => this.telemetry.sample(clock.nowMs()),
    });
    this.sockets = new SocketDesk({
      clock,
      messages: new MessageStore(this.gateway),
      publish: (event) => this.hub.publish(event),
      beat: (beat) => this.telemetry.beat(beat),
      step: (step) => this.telemetry.guestSteps.note(step),
    });
    this.peers = new Peers({
      heartbeatIntervalMs: () => this.state.settings.phi.heartbeatIntervalMs,
      dispatch: (event) => this.dispatch(event),
      views: () => ({
        views: [...this.state.announced.values()],
        addresses: this.#addresses(),
        mode: config.ORRERY_STORE_MODE,
        ...(this.#isKnownLost() && { lostTo: this.state.waitingFor }),
      }),
      onHeartbeat: (node, beat) => {
        this.telemetry.heard(node, beat);
        const { incarnation, seq, inFlight, eventLoopLagMs, rssBytes, epochSum } = beat;
        this.dispatch({ kind: 'heartbeat', node, incarnation, seq, inFlight, eventLoopLagMs, rssBytes, epochSum });
        const { heartbeatIntervalMs } = this.state.settings.phi;
        return { t: 'heartbeat-reply', hlc: hlc.tick(clock.nowMs()), heartbeatIntervalMs };
      },
    });
    this.#stopTicks = clock.every(TICK_INTERVAL_MS, () => this.#tick());
  }

  get state(): HeadnodeState {
    return this.#driver.state;
  }

  dispatch(event: HeadnodeEvent): void {
    this.#driver.dispatch(event);
  }

  members(): Member[] {
    const own = [...this.state.members.values()].map(({ node, incarnation, health, sinceMs, inFlight }): Member => ({
      node,
      role: 'datanode',
      incarnation,
      health,
      sinceMs,
      inFlight,
    }));
    return [...own, ...this.sockets.members()];
  }

  /** What the store promises and whether it can. */
  store(): StoreStatus {
    const { isLogLost, waitingFor } = this.state;
    const mode = this.#context.config.ORRERY_STORE_MODE;
    return { mode, state: isLogLost ? 'views-lost' : 'serving', waitingFor };
  }

  #storePicture(): StorePicture {
    const { settings, shortSinceMs, joins } = this.state;
    const { replicas, minInSync, rereplicationDelayMs } = settings;
    const repairs = [...joins.values()].map(({ repair, shard, from, node, reason, startedMs }) => ({
      repair,
      shard,
      from,
      to: node,
      reason,
      startedMs,
    }));
    return { ...this.store(), replicas, minInSync, rereplicationDelayMs, short: [...shortSinceMs], repairs };
  }

  /** Has every copy of a shard, or of one record, looked at now. Throws `not-found`. */
  verify(asked: VerifyBody): Promise<VerifyAnswer> {
    const { self, clock } = this.#context;
    return verifyCopies(asked, { table: this.gateway.table, peers: this.peers, node: self.node, clock });
  }

  /** What going on with the copies that are here would mean. Throws `conflict` when nothing is lost. */
  foreseeRecovery(isEmptying: boolean): RecoveryAnswer {
    const { isLogLost, views } = this.state;
    const gone = [...views.values()].filter(({ members }) => members.length === 0).map(({ shard }) => shard);
    if (!isLogLost && (gone.length === 0 || !isEmptying)) {
      throw new OrreryError('conflict', { reason: 'No views are lost, there is nothing to recover' });
    }
    const findings = isLogLost ? findViews(this.state) : [];
    const guessed = findings.filter(({ isCertain }) => !isCertain);
    const isLost = ({ view }: Finding): boolean => view.members.length === 0;
    return {
      shards: isLogLost ? findings.length : views.size,
      doubtful: guessed.filter((finding) => !isLost(finding)).map(({ shard }) => shard),
      lost: isLogLost ? guessed.filter(isLost).map(({ shard }) => shard) : gone,
      emptied: isEmptying,
    };
  }

  /** Goes on with the copies that are here, as the operator wishes, who was told what is foreseen. */
  recoverUnsafely(isEmptying: boolean, { shards, doubtful, lost }: RecoveryAnswer): void {
    const numbers = { shards, doubtful: doubtful.length, lost: lost.length };
    this.#context.say('warn', 'unsafe recovery, as asked', numbers);
    this.dispatch({ kind: 'unsafe-recovery', isEmptying });
  }

  /** Asks a datanode to leave. Throws `unknown-node`. */
  drain(node: string): void {
    const member = this.state.members.get(node);
    if (member === undefined || isOver(member)) throw new OrreryError('unknown-node', { node });
    this.dispatch({ kind: 'drain', node });
  }

  detector(): DetectorParameters {
    return parametersOf(this.state.settings.phi);
  }

  /** Resolves with all parameters when the change is durable; never when the disk fails, which ends the process. */
  setDetector(change: DetectorChange): Promise<DetectorParameters> {
    this.#lastRequest += 1;
    const request = this.#lastRequest;
    return new Promise((resolve) => {
      this.#setting.set(request, () => resolve(this.detector()));
      this.dispatch({ kind: 'set-detector', request, change });
    });
  }

  /** Where a datanode's probe port is; null for one that is not known. */
  probeOf(node: string): string | null {
    return this.state.members.get(node)?.info.probeAddress ?? null;
  }

  refusedPeer(peer: string, code: string, reason: string): void {
    this.#context.say('warn', 'refused a peer', { peer, code, reason });
    this.hub.publish({ type: 'peer-refused', peer, code, reason });
  }

  async stop(): Promise<void> {
    this.#stopTicks();
    this.gateway.close();
    this.hub.close();
    this.#driver.close();
    await this.#log.close();
  }

  #perform(effect: ShellEffect): void {
    switch (effect.kind) {
      case 'announce': {
        const addresses = this.#addresses();
        this.gateway.table.update(effect.views, addresses);
        const { head, body } = toWire({ t: 'views', views: effect.views, addresses, mode: this.store().mode });
        return this.peers.broadcast(head, body === undefined ? { toRouters: true } : { body, toRouters: true });
      }
      case 'send-views': {
        // Its address may be new to the others as well.
        this.gateway.table.update([], this.#addresses());
        const { head, body } = toWire({ t: 'views', views: effect.views, addresses: this.#addresses() });
        this.peers.sendTo(effect.to, head, body);
        const news = toWire({ t: 'views', views: [], addresses: this.#addresses() });
        return this.peers.broadcast(news.head, { ...(news.body && { body: news.body }), toRouters: true });
      }
      case 'order':
        return this.peers.sendTo(effect.to, effect.message);
      case 'outdated':
        return this.peers.sendTo(effect.node, { t: 'outdated' });
      case 'probe':
        return this.#probe(effect);
      case 'event': {
        const { type, ...fields } = effect.event;
        this.#context.say('info', type, fields);
        return this.hub.publish(effect.event);
      }
      case 'beat':
        return this.telemetry.beat(effect.beat);
      case 'set': {
        const done = this.#setting.get(effect.request);
        this.#setting.delete(effect.request);
        return done?.();
      }
    }
  }

  #probe({ node, incarnation, address }: Extract<ShellEffect, { kind: 'probe' }>): void {
    const { shim, clock } = this.#context;
    probeNode({ node, incarnation, address, timeoutMs: PROBE_TIMEOUT_MS, shim, clock }).then(
      (isAlive) => this.dispatch({ kind: 'probed', node, incarnation, isAlive }),
      this.#context.fatal,
    );
  }

  /** Views as they are in force, with the copies that are on their way. */
  #views(): ShardView[] {
    const { announced, joins } = this.state;
    return [...announced.values()].map((view) => {
      const joiner = joins.get(view.shard)?.node;
      return joiner === undefined ? view : { ...view, joiner };
    });
  }

  #addresses(): Record<string, string> {
    return Object.fromEntries([...this.state.members.values()].map(({ node, info }) => [node, info.framesAddress]));
  }

  /** Requests wait while the datanodes may just be dialling; then they are told. */
  #isKnownLost(): boolean {
    const lostForMs = this.#lostSinceMs === null ? 0 : this.#context.clock.monotonicMs() - this.#lostSinceMs;
    return this.state.isLogLost && lostForMs > BLOCK_REPORTS_GRACE_MS;
  }

  #tick(): void {
    this.dispatch({ kind: 'tick' });
    this.#lostSinceMs = this.state.isLogLost ? (this.#lostSinceMs ?? this.#context.clock.monotonicMs()) : null;
    if (this.#appended < SNAPSHOT_ENTRIES) return;
    this.#appended = 0;
    const bytes = encoder.encode(JSON.stringify(headnodeEntries(this.state)));
    // Views only ever grow newer: applying those behind the index again changes nothing.
    this.#log.writeSnapshot(this.#log.lastIndex, bytes).then(
      () => this.#context.say('info', 'snapshot stored'),
      (error: unknown) => this.#context.say('warn', 'no snapshot; the log goes on', { reason: String(error) }),
    );
  }

  #fail(error: OrreryError): void {
    const { self, clock, fatal } = this.#context;
    this.#stopTicks();
    this.hub.publish({ type: 'disk-trouble', node: self.node, code: error.code, reason: error.message });
    clock.after(LAST_WORDS_MS, () => fatal(error));
  }
}

function decode(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch (cause) {
    throw new OrreryError('log-corrupt', { node: 'the headnode', where: 'an entry that is not JSON' }, { cause });
  }
}
