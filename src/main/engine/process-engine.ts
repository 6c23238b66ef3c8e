/**
 * Role bundles as child processes on loopback: the embedded engine where no container engine answers.
 * The limits of a spec are not enforced: an operating system has no portable way to do it without one.
 * Everything needed to adopt or remove a node later is in the registry (process-registry.ts).
 */
import { access } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { OrreryError } from '../../../containers/protocol/errors.ts';
import { PORTS, ROLES, ROLES_WITH_VOLUME } from '../../../containers/protocol/roles.ts';
import type { PortName } from '../../../containers/protocol/roles.ts';
import type {
  ClusterRef,
  ContainerEngine,
  EngineEvent,
  EngineInfo,
  EngineNode,
  Leftovers,
  LogLine,
  NodeRef,
  NodeSpec,
  NodeStats,
  PrepareProgress,
} from './engine.ts';
import { checkNode, checkPort, keyOf } from './engine-names.ts';
import { EventHub } from './event-queue.ts';
import { childProcesses } from './process-launcher.ts';
import type { ProcessLauncher } from './process-launcher.ts';
import { markOf } from './process-identity.ts';
import { openLogs, readLogs, shortenLogs } from './process-logs.ts';
import type { LogFiles } from './process-logs.ts';
import { checkFree, choosePorts, listeningPorts, portsIn } from './process-ports.ts';
import { ProcessRegistry } from './process-registry.ts';
import type { ProcessRecord } from './process-registry.ts';
import { usageOf } from './process-stats.ts';
import { ProcessTable, UNKNOWN_EXIT } from './process-table.ts';
import type { ProcessEnd } from './process-table.ts';
import { KeyedTurns, pause } from './turns.ts';

export type ProcessEngineOptions = {
  /** ORRERY_HOME: registry, logs and volumes go under it. */
  home: string;
  /** out/containers: `<role>.mjs` for every role. */
  bundlesFolder: string;
  /** How a node is started; child processes of Node when absent. */
  launcher?: ProcessLauncher;
  /** For info(). */
  chosenBecause?: string;
  /** Tests hold its words back. */
  registry?: ProcessRegistry;
};

const KILL_LIMIT_MS = 5_000;
/** A process freezes and thaws when the system next gives it a turn. */
const HOLD_LIMIT_MS = 5_000;
const CLEAR_PASSES_MAX = 5;
const STATS_INTERVAL_MS = 1_000;
/** The size of logs is looked at every so many ticks of 250 ms. */
const LOG_CHECK_TICKS = 40;

export function createProcessEngine(options: ProcessEngineOptions): ContainerEngine {
  return new ProcessEngine(options);
}

class ProcessEngine implements ContainerEngine {
  readonly kind = 'process';
  #options: ProcessEngineOptions;
  #registry: ProcessRegistry;
  #launcher: ProcessLauncher;
  #hub = new EventHub<EngineEvent>();
  #turns = new KeyedTurns();
  #table: ProcessTable;
  #ticks = 0;

  constructor(options: ProcessEngineOptions) {
    this.#options = options;
    this.#registry = options.registry ?? new ProcessRegistry(options.home);
    this.#launcher = options.launcher ?? childProcesses();
    this.#table = new ProcessTable(
      (end) => this.#ended(end),
      () => this.#tick(),
    );
  }

  info(): Promise<EngineInfo> {
    return Promise.resolve({
      kind: 'process',
      title: `Processes on this machine (${process.platform}, Node ${process.versions.node})`,
      chosenBecause: this.#options.chosenBecause ?? 'asked for',
      cpus: os.availableParallelism(),
      memoryBytes: os.totalmem(),
    });
  }

  async prepare(onProgress: (progress: PrepareProgress) => void): Promise<null> {
    onProgress({ step: 'check', done: 0, total: ROLES.length });
    for (const role of ROLES) await this.#bundle(role);
    onProgress({ step: 'ready', done: ROLES.length, total: ROLES.length });
    return null;
  }

  async #bundle(role: NodeRef['role']): Promise<string> {
    const bundle = path.join(this.#options.bundlesFolder, `${role}.mjs`);
    try {
      await access(bundle);
      return bundle;
    } catch (cause) {
      throw new OrreryError('image-build-failed', { reason: `${bundle} is missing` }, { cause });
    }
  }

  image(): Promise<null> {
    return Promise.resolve(null);
  }

  /** Loopback is there already; only the name is checked. */
  createCluster(cluster: ClusterRef): Promise<void> {
    this.#registry.clusterFolder(cluster.cluster);
    return Promise.resolve();
  }

  async address(node: NodeRef & { publishHttp?: number }, port: PortName): Promise<string> {
    checkPort(node, port);
    const { ports } = await this.#turns.run(keyOf(node), () => this.#reserve(node));
    return `127.0.0.1:${ports[port] ?? 0}`;
  }

  /** The node's record with its ports; made, and its ports chosen, when there is none. Within the node's turn. */
  async #reserve(node: NodeRef & Pick<NodeSpec, 'publishHttp' | 'publish'>): Promise<ProcessRecord> {
    // Choosing is one at a time for all nodes, so that no two choose the same.
    return this.#turns.run('', async () => {
      const known = await this.#registry.read(node);
      const http = node.publishHttp ?? known?.publishedHttp ?? null;
      const published = node.publish ?? known?.published ?? {};
      if (known && http === known.publishedHttp && isDeepStrictEqual(published, known.published)) return known;
      const others = (await this.#registry.all()).filter((record) => keyOf(record) !== keyOf(node));
      const taken = new Set(others.flatMap(portsIn));
      for (const port of [http, ...Object.values(published)])
        if (port !== null && taken.has(port)) throw new OrreryError('port-taken', { port });
      const ports = known?.ports ?? (await choosePorts(node.role, taken, this.#options.home));
      const record: ProcessRecord = {
        ...(known ?? { pid: null, mark: null, startedAtMs: null }),
        cluster: node.cluster,
        run: node.run,
        node: node.node,
        role: node.role,
        ports: http === null ? ports : { ...ports, http },
        publishedHttp: http,
        published,
      };
      await this.#registry.write(record);
      return record;
    });
  }

  async launch(spec: NodeSpec): Promise<void> {
    const bundle = await this.#bundle(checkNode(spec).role);
    await this.#turns.run(keyOf(spec), async () => {
      const before = await this.#registry.read(spec);
      if (before && (await this.#table.liveness(before)) !== 'gone') return;
      const record = await this.#reserve(spec);
      await checkFree(record);
      await this.#start(spec, record, bundle);
    });
  }

  async #start(spec: NodeSpec, record: ProcessRecord, bundle: string): Promise<void> {
    const volume = ROLES_WITH_VOLUME.includes(spec.role) ? await this.#registry.makeVolume(spec) : null;
    await this.#registry.removeEnds(spec);
    const logs = await openLogs(this.#logFiles(spec));
    try {
      const child = await this.#launcher({
        bundle,
        env: nodeEnvironment(spec, record, volume ?? this.#registry.volumeFolder(spec)),
        folder: this.#registry.clusterFolder(spec.cluster),
        stdout: logs.stdout,
        stderr: logs.stderr,
        logs: this.#logFiles(spec),
      });
      const { pid } = child;
      const startedAtMs = Date.now();
      const started: ProcessRecord = { ...record, ...refOf(spec), pid, mark: null, startedAtMs };
      this.#hub.publish({ ...refOf(spec), type: 'started', atMs: startedAtMs });
      this.#table.addChild(started, child);
      try {
        await this.#registry.write({ ...started, mark: await markOf(pid) });
        child.go();
      } catch (error) {
        // Nobody could know of it: it must not wait for a word that never comes.
        await this.#table.signal(started, 'SIGKILL');
        throw error;
      }
    } finally {
      await logs.close();
    }
  }

  async kill(node: NodeRef): Promise<void> {
    const record = await this.#known(node);
    if (!(await this.#table.signal(record, 'SIGKILL'))) return;
    await this.#awaitEnd(record, KILL_LIMIT_MS);
    await this.#settled(record);
  }

  async stop(node: NodeRef, graceMs: number): Promise<void> {
    const record = await this.#known(node);
    if (!(await this.#table.signal(record, 'SIGTERM'))) return;
    // A paused process takes the signal when it goes on.
    await this.#table.signal(record, 'SIGCONT');
    if (await this.#table.waitEnd(record, graceMs)) await this.#settled(node);
    else await this.kill(node);
  }

  pause(node: NodeRef): Promise<void> {
    return this.#hold(node, 'paused');
  }

  unpause(node: NodeRef): Promise<void> {
    return this.#hold(node, 'running');
  }

  async #hold(node: NodeRef, wanted: 'paused' | 'running'): Promise<void> {
    await this.#turns.run(keyOf(checkNode(node)), async () => {
      const record = await this.#known(node);
      if ((await this.#table.liveness(record)) === wanted) return;
      const fail = (reason: string) => new OrreryError('engine-failed', { reason: `${node.node} ${reason}` });
      const sent = await this.#table.signal(record, wanted === 'paused' ? 'SIGSTOP' : 'SIGCONT');
      if (!sent) throw fail('does not run');
      if (!(await this.#table.waitUntil(record, wanted, HOLD_LIMIT_MS))) throw fail(`is not ${wanted}`);
      const type = wanted === 'paused' ? 'paused' : 'unpaused';
      this.#hub.publish({ ...refOf(record), type, atMs: Date.now() });
    });
  }

  async remove(node: NodeRef, { keepVolume }: { keepVolume: boolean }): Promise<void> {
    await this.#turns.run(keyOf(checkNode(node)), async () => {
      const record = await this.#registry.read(node);
      if (record) {
        // As long as it runs, its record is all that anybody knows of it.
        if (await this.#table.signal(record, 'SIGKILL')) await this.#awaitEnd(record, KILL_LIMIT_MS);
        await this.#registry.remove(node);
        if (record.pid !== null) {
          this.#hub.publish({ ...refOf(record), type: 'removed', atMs: Date.now() });
        }
      }
      if (!keepVolume) await this.#registry.removeVolume(node);
    });
  }

  async *logs(
    node: NodeRef,
    options: { tailLines: number; follow: boolean; signal: AbortSignal },
  ): AsyncGenerator<LogLine> {
    await this.#known(node);
    yield* readLogs(this.#logFiles(node), options, async () => {
      const record = await this.#registry.read(node);
      return record === null || (await this.#table.liveness(record)) === 'gone';
    });
  }

  async *stats(node: NodeRef, signal: AbortSignal): AsyncGenerator<NodeStats> {
    const record = await this.#known(node);
    let before: { atMs: number; cpuMs: number } | null = null;
    while (!signal.aborted && record.pid !== null && (await this.#table.liveness(record)) !== 'gone') {
      const usage = await usageOf(record.pid);
      if (!usage) return;
      const atMs = Date.now();
      const cpuShare = before ? (usage.cpuMs - before.cpuMs) / Math.max(1, atMs - before.atMs) : 0;
      before = { atMs, cpuMs: usage.cpuMs };
      yield { atMs, cpuShare, memoryBytes: usage.memoryBytes };
      await pause(STATS_INTERVAL_MS, signal);
    }
  }

  events(signal: AbortSignal, onListening?: () => void): AsyncIterable<EngineEvent> {
    return this.#hub.listen(signal, () => {
      // Looks for processes of an earlier panel, so that their end is told too.
      this.list().catch(() => undefined);
      onListening?.();
    });
  }

  async list(): Promise<EngineNode[]> {
    const records = (await this.#registry.all()).filter((record) => record.pid !== null);
    return Promise.all(records.map((record) => this.#describe(record)));
  }

  async #describe(record: ProcessRecord): Promise<EngineNode> {
    const liveness = await this.#table.liveness(record);
    if (liveness !== 'gone') this.#table.adopt(record);
    const { startedAtMs, publishedHttp } = record;
    const described = { ...refOf(record), startedAtMs, publishedHttp };
    if (liveness !== 'gone') return { ...described, state: liveness, exitCode: null };
    const exitCode = await this.#registry.readEnd(record);
    if (exitCode !== null) return { ...described, state: 'exited', exitCode };
    // The end may have been told and not be written down yet.
    await this.#settled(record);
    return { ...described, state: 'exited', exitCode: await this.#registry.readEnd(record) };
  }

  async removeCluster(cluster: string, { keepVolumes }: { keepVolumes: boolean }): Promise<void> {
    // One that was just being launched has its record by the next pass.
    for (let passes = 0; passes < CLEAR_PASSES_MAX; passes++) {
      const records = await this.#registry.all(cluster);
      await Promise.all(records.map((record) => this.remove(record, { keepVolume: keepVolumes })));
      if (await this.#registry.removeCluster(cluster)) break;
    }
    if (keepVolumes) return;
    for (const node of await this.#registry.volumes(cluster)) await this.#registry.removeVolume({ cluster, node });
  }

  async leftovers(cluster?: string): Promise<Leftovers> {
    const clusters = cluster === undefined ? await this.#registry.clusters() : [cluster];
    const volumes = await Promise.all(clusters.map((name) => this.#registry.volumes(name)));
    const nodes = await this.#registry.all(cluster);
    return { nodes: nodes.length, networks: 0, volumes: volumes.flat().length };
  }

  async clean(): Promise<Leftovers> {
    const removed = await this.leftovers();
    for (const cluster of await this.#registry.clusters()) await this.removeCluster(cluster, { keepVolumes: false });
    return removed;
  }

  /** Stops watching; what runs goes on running. */
  close(): Promise<void> {
    this.#table.close();
    return Promise.resolve();
  }

  /** Tells of the end of a process, and writes down what is known of it. */
  #ended({ record, exitCode }: ProcessEnd): void {
    // Queued before the event is told, so that a launch in answer to it comes after it.
    if (exitCode !== UNKNOWN_EXIT)
      this.#turns
        .run(keyOf(record), () => this.#registry.writeEnd(record, exitCode))
        // A disk that cannot be written: list() finds the process gone all the same.
        .catch(() => undefined);
    this.#hub.publish({ ...refOf(record), type: 'exited', atMs: Date.now(), exitCode, outOfMemory: false });
  }

  async #awaitEnd(record: ProcessRecord, limitMs: number): Promise<void> {
    if (await this.#table.waitEnd(record, limitMs)) return;
    throw new OrreryError('engine-failed', { reason: `${record.node} did not end within ${limitMs} ms` });
  }

  /** Waits until what happened to a node so far is written down. */
  #settled(node: NodeRef): Promise<void> {
    return this.#turns.run(keyOf(node), () => Promise.resolve());
  }

  async #known(node: NodeRef): Promise<ProcessRecord> {
    const record = await this.#registry.read(checkNode(node));
    if (!record || record.pid === null) throw new OrreryError('unknown-node', { node: node.node });
    return record;
  }

  #logFiles(node: NodeRef): LogFiles {
    return { stdout: this.#registry.logFile(node, 'stdout'), stderr: this.#registry.logFile(node, 'stderr') };
  }

  #tick(): void {
    this.#ticks += 1;
    if (this.#ticks % LOG_CHECK_TICKS !== 0) return;
    this.#shortenLogs().catch(() => undefined);
  }

  async #shortenLogs(): Promise<void> {
    for (const record of await this.#registry.all()) await shortenLogs(this.#logFiles(record));
  }
}

function refOf({ cluster, run, node, role }: NodeRef): NodeRef {
  return { cluster, run, node, role };
}

function nodeEnvironment(spec: NodeSpec, record: ProcessRecord, dataFolder: string): Record<string, string> {
  const env: Record<string, string> = {
    ...spec.env,
    ORRERY_HOST: '127.0.0.1',
    ORRERY_BIND: '127.0.0.1',
    ORRERY_DATA: dataFolder,
  };
  const ports = listeningPorts(record);
  for (const name of PORTS) {
    const port = ports[name];
    if (port !== undefined) env[`ORRERY_PORT_${name.toUpperCase()}`] = String(port);
  }
  return env;
}
