/** The record store under faults: one headnode, five datanodes, three clients, everything checked. */
import { DATANODE_DEFAULTS } from '../datanode/types.ts';
import { decodeLogEntry } from '../datanode/recovery-core.ts';
import type { DatanodeState } from '../datanode/types.ts';
import type { HeadnodeEntry, HeadnodeState } from '../headnode/types.ts';
import { bootDatanode } from './adapters/datanode.ts';
import { bootHeadnode } from './adapters/headnode.ts';
import { planFaults } from './faults.ts';
import type { Fault, FaultOptions } from './faults.ts';
import { watchInvariants } from './invariants.ts';
import { Nemesis } from './nemesis.ts';
import { checkRegisterHistory } from './register-history.ts';
import type { RegisterOperation } from './register-history.ts';
import { caught } from './scenario.ts';
import type { RunOptions, RunResult, Scenario } from './scenario.ts';
import { bootStoreClient } from './store-client.ts';
import { replicasAgree, StoreLedger, viewsAreSound, writesNeedEnoughCopies } from './store-invariants.ts';
import { HEADNODE } from './store-observation.ts';
import type { StoreObservation } from './store-observation.ts';
import { STORE_SABOTAGES } from './store-sabotage.ts';
import { Violation, World } from './world.ts';

const DATANODES = ['datanode-1', 'datanode-2', 'datanode-3', 'datanode-4', 'datanode-5'];
const CLIENTS = ['client-1', 'client-2', 'client-3'];
const KEYS = ['apple', 'kiwi', 'mango', 'plum'];
const SHARDS = 2;
const REPLICAS = 3;
const MIN_IN_SYNC = 2;
/** Clients go on after the healing, so that what was left behind is read. */
const READ_ON_MS = 6_000;
const LIVENESS_MS = 15_000;
const HEARTBEAT_MS = 200;

export const storeScenario: Scenario = {
  name: 'store',
  sabotages: Object.fromEntries(Object.entries(STORE_SABOTAGES).map(([name, { breaks }]) => [name, breaks])),
  run(options) {
    const run = new StoreRun(options);
    const violation = caught(
      () => run.world.nowMs,
      () => run.play(options.seconds * 1_000),
    );
    const { world } = run;
    return {
      seed: options.seed,
      hash: world.hash.hex,
      events: world.events,
      messages: world.network.messages,
      virtualMs: world.nowMs,
      violation,
      counts: { faults: run.faults.length, ...run.counts },
      faults: run.faults,
    } satisfies RunResult;
  },
};

class StoreRun {
  readonly world: World<StoreObservation>;
  readonly faults: readonly Fault[];
  readonly counts: Record<string, number> = {};
  readonly #nemesis: Nemesis<StoreObservation>;
  readonly #ledger = new StoreLedger(MIN_IN_SYNC);
  readonly #history: RegisterOperation[] = [];
  readonly #datanodes = new Map<string, DatanodeState>();
  #headnode: HeadnodeState | null = null;

  constructor({ seed, seconds, sabotage, faults, trace }: RunOptions) {
    const world = new World<StoreObservation>({
      seed,
      network: { delayMsMin: 0.1, delayMsMean: 0.8, slowShare: 0.01, slowMsMax: 80 },
      disk: { syncMsMin: 0.3, syncMsMean: 1.5 },
      skewMsMax: 20,
      driftPpmMax: 200,
      trace,
    });
    this.world = world;
    this.faults = faults ?? planFaults(world.random.split('faults'), faultOptions(seconds * 1_000));
    this.#addHeadnode(sabotage);
    for (const name of DATANODES) this.#addDatanode(name, sabotage);
    for (const name of CLIENTS) this.#addClient(name, seconds * 1_000 + READ_ON_MS);
    watchInvariants(world, [
      viewsAreSound(this.#ledger),
      replicasAgree(this.#ledger),
      writesNeedEnoughCopies(this.#ledger),
    ]);
    this.#nemesis = new Nemesis(world, this.faults, {
      tell: (node, type) => this.#tell(node, type),
      freedDisk: (node) => {
        // A datanode that could not write goes on reading only; it writes again when it was restarted.
        if (node !== HEADNODE) world.node(node).kill({ isSilent: false, why: 'restarted for its disk' });
      },
      replaceDisk: (node) => {
        world.node(node).disk.wipe();
      },
    });
    world.watch((seen) => this.#follow(seen));
    for (const node of world.nodes.values()) node.start();
  }

  play(safetyMs: number): void {
    this.world.runUntil(safetyMs);
    this.#nemesis.heal();
    this.world.runUntil(safetyMs + LIVENESS_MS);
    this.#mustBeLinearizable();
    this.#mustBeSettled();
  }

  #addHeadnode(sabotage: string | null): void {
    const broken = sabotage === null ? undefined : STORE_SABOTAGES[sabotage];
    this.world.addNode<HeadnodeEntry>(
      HEADNODE,
      'headnode',
      bootHeadnode({
        options: {
          node: HEADNODE,
          shards: SHARDS,
          replicas: REPLICAS,
          minInSync: MIN_IN_SYNC,
          rereplicationDelayMs: 400,
          heartbeatIntervalMs: HEARTBEAT_MS,
          phi: { heartbeatIntervalMs: HEARTBEAT_MS, windowSize: 100, sigmaMinMs: 50, deadPauseMs: 600, threshold: 8 },
          settleMs: 100,
          settleShortMs: 500,
          complaintMs: 800,
          joinTimeoutMs: 3_000,
          drainTimeoutMs: 3_000,
        },
        probeTimeoutMs: 200,
        snapshotEntries: 40,
        observe: (seen) => this.world.observe(seen),
        sabotage: broken?.headnode ?? ((effects) => effects),
      }),
      {
        onDurable: (entries) => {
          for (const entry of entries) if (entry.kind === 'views') this.#ledger.viewsSynced(entry.views);
        },
      },
    );
  }

  #addDatanode(name: string, sabotage: string | null): void {
    const broken = sabotage === null ? undefined : STORE_SABOTAGES[sabotage];
    this.world.addNode<Uint8Array>(
      name,
      'datanode',
      bootDatanode({
        settings: {
          ...DATANODE_DEFAULTS,
          minInSync: MIN_IN_SYNC,
          resendAfterMs: 200,
          ackTimeoutMs: 400,
          // Small, so that a copy takes several.
          chunkBytes: 200,
          chunkOperations: 5,
        },
        headnode: HEADNODE,
        heartbeatIntervalMs: HEARTBEAT_MS,
        tickMs: 50,
        snapshotEntries: 60,
        observe: (seen) => this.world.observe(seen),
        sabotage: broken?.datanode ?? ((effects) => effects),
        rebuilt: broken?.rebuilt ?? (() => undefined),
      }),
      {
        onDurable: (entries) => this.#ledger.synced(name, entries.map(decodeLogEntry)),
        onWiped: () => this.#ledger.wiped(name),
      },
    );
  }

  #addClient(name: string, untilMs: number): void {
    const { world } = this;
    world.addNode(
      name,
      'worker',
      bootStoreClient({
        headnode: HEADNODE,
        shards: SHARDS,
        keys: KEYS,
        meanGapMs: 40,
        untilMs,
        random: world.random.split(`operations of ${name}`),
        nowMs: () => world.nowMs,
        history: this.#history,
        counts: this.counts,
        wrong: (what) => {
          throw new Violation('26 checksums', world.nowMs, what);
        },
      }),
    );
  }

  #tell(node: string, type: 'exited' | 'started'): void {
    const headnode = this.world.node(HEADNODE);
    const process = headnode.processNumber;
    if (process === null || !DATANODES.includes(node)) return;
    const atMs = headnode.clock.wallMs();
    headnode.enter(process, 'engine', () => headnode.program?.engineEvent?.(node, type, atMs));
  }

  #follow(seen: StoreObservation): void {
    if (seen.role === 'process') return;
    if (seen.role === 'headnode') {
      this.#headnode = seen.state;
      if (seen.at === 'effect' && seen.effect.kind === 'announce') this.#nemesis.moment('announce', seen.node);
      return;
    }
    this.#datanodes.set(seen.node, seen.state);
    if (seen.at === 'step') {
      if (seen.event.kind === 'adopted') this.#nemesis.moment('adopted', seen.node);
      if (seen.event.kind === 'learned') this.#nemesis.moment('learned', seen.node);
      if (seen.event.kind === 'reconciled') this.#nemesis.moment('reconciled', seen.node);
      return;
    }
    const { effect } = seen;
    if (effect.kind === 'answer' && effect.answer.t === 'done') this.#nemesis.moment('done', seen.node);
    if (effect.kind === 'send') this.#nemesis.moment(effect.message.t, seen.node);
    if (effect.kind === 'report') this.#nemesis.moment(effect.message.t, seen.node);
  }

  #mustBeLinearizable(): void {
    for (const { key, result, operations } of checkRegisterHistory(this.#history, 500_000)) {
      if (result === 'linearizable') continue;
      throw new Violation('24 linearizable', this.world.nowMs, `${result}: the ${operations} operations on ${key}`);
    }
  }

  /** 27, 28 and liveness: full replication, equal copies, everybody trusted. */
  #mustBeSettled(): void {
    const fail = (what: string) => {
      throw new Violation('27, 28 settled', this.world.nowMs, what);
    };
    const { views, members } = this.#headnode ?? { views: new Map(), members: new Map() };
    if (views.size !== SHARDS) fail(`${views.size} shards have a view`);
    for (const name of DATANODES)
      if (members.get(name)?.health !== 'ready') fail(`${name} is ${members.get(name)?.health}`);
    for (const view of views.values()) {
      // Its last copy lay on the disk that was lost: it has to stay away, not to come back empty.
      if (view.members.length === 0 && this.#ledger.wipedNodes.size > 0) continue;
      if (view.members.length !== REPLICAS) fail(`shard ${view.shard} has ${view.members.length} members`);
      const copies = view.members.map((name: string) => {
        const shard = this.#datanodes.get(name)?.shards.get(view.shard);
        if (shard === undefined || shard.committed !== shard.last)
          return `${name}: ${shard?.committed} of ${shard?.last}`;
        const records = [...shard.records.values()].map(({ key, version, checksum, isDelete }) => [
          key,
          version,
          checksum,
          isDelete,
        ]);
        return JSON.stringify([shard.committed, records.toSorted()]);
      });
      if (new Set(copies).size !== 1) fail(`copies of shard ${view.shard} differ: ${copies.join(' | ')}`);
    }
  }
}

function faultOptions(untilMs: number): FaultOptions {
  return {
    fromMs: 500,
    untilMs,
    meanGapMs: 300,
    nodes: [HEADNODE, ...DATANODES],
    nodesWithDisk: [HEADNODE, ...DATANODES],
    mayLoseDisk: DATANODES,
    bystanders: CLIENTS,
    watched: DATANODES,
    downMax: 4,
    moments: [
      'announce',
      'adopted',
      'learned',
      'reconciled',
      'done',
      'ack',
      'add',
      'reconcile',
      'confirmed',
      'learn-begin',
    ],
    weights: {
      kill: 3,
      'kill-after': 4,
      pause: 2,
      partition: 2,
      'one-way': 2,
      loss: 1,
      duplication: 1,
      delay: 2,
      break: 1,
      'disk-stall': 1,
      'disk-full': 0.5,
      'lost-disk': 0.5,
      suspicion: 2,
    },
  };
}
