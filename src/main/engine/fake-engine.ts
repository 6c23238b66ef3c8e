/**
 * An engine without containers that behaves like one: states, events, logs, volumes, published
 * ports. Tests drive it: nodes crash, the engine gets lost, launches fail or take long.
 */
import { OrreryError } from '../../../containers/protocol/errors.ts';
import { containerPort, ROLES_WITH_VOLUME } from '../../../containers/protocol/roles.ts';
import type { PortName } from '../../../containers/protocol/roles.ts';
import type {
  ClusterRef,
  ContainerEngine,
  EngineEvent,
  EngineInfo,
  EngineNode,
  ImageState,
  Leftovers,
  LogLine,
  NodeRef,
  NodeSpec,
  NodeStats,
  PrepareProgress,
} from './engine.ts';
import { checkName, checkNode, checkPort, keyOf } from './engine-names.ts';
import { EventHub } from './event-queue.ts';
import { pause } from './turns.ts';

/** What a fake node can do while it runs. */
export type FakeNode = {
  spec: NodeSpec;
  /** Lives as long as the volume; empty at every start for a role without one. */
  data: Map<string, string>;
  say(text: string, stream?: LogLine['stream']): void;
  exit(exitCode: number): void;
};

export type FakeEngineOptions = {
  /** What a node does when it starts; nothing when absent. */
  program?: (node: FakeNode) => void;
  /** What it does on SIGTERM; exits with 0 when absent. */
  onTerminate?: (node: FakeNode) => void;
  nowMs?: () => number;
  /** How long a launch takes. */
  launchMs?: number;
};

type Held = {
  spec: NodeSpec;
  node: EngineNode;
  lines: LogLine[];
  spoke: PromiseWithResolvers<void>;
  running: AbortController;
};

/** Shorter than real engines': tests wait for it. */
const STATS_INTERVAL_MS = 10;

export function createFakeEngine(options: FakeEngineOptions = {}): FakeEngine {
  return new FakeEngine(options);
}

export class FakeEngine implements ContainerEngine {
  readonly kind = 'fake';
  /** Every call in order, e.g. `launch worker-1`: what a test asserts of its caller. */
  readonly calls: string[] = [];
  #options: FakeEngineOptions;
  #nodes = new Map<string, Held>();
  #prepared = false;
  #networks = new Set<string>();
  #volumes = new Map<string, { node: NodeRef; data: Map<string, string> }>();
  #hub = new EventHub<EngineEvent>();
  #lost = false;
  #refusals = new Map<string, OrreryError>();

  constructor(options: FakeEngineOptions) {
    this.#options = options;
  }

  /** From now on the engine does not answer; streams of events fail. Nodes go on. */
  lose(): void {
    this.#lost = true;
    this.#hub.fail(lostError());
  }

  restore(): void {
    this.#lost = false;
  }

  /** The next launch of this node fails so. */
  failLaunch(node: string, error = new OrreryError('engine-failed', { reason: 'no space left' })): void {
    this.#refusals.set(node, error);
  }

  /** The node's process ends by itself. */
  crash(node: { cluster: string; node: string }, exitCode = 1, outOfMemory = false): void {
    const held = this.#nodes.get(keyOf(node));
    if (held) this.#end(held, exitCode, outOfMemory);
  }

  info(): Promise<EngineInfo> {
    return this.#answer('info', () => ({
      kind: 'fake' as const,
      title: 'Fake engine',
      chosenBecause: 'asked for',
      cpus: 4,
      memoryBytes: 8 * 1024 ** 3,
    }));
  }

  image(): Promise<ImageState> {
    return this.#answer('image', () => ({ present: this.#prepared, bytes: 1 }));
  }

  prepare(onProgress: (progress: PrepareProgress) => void): Promise<string> {
    return this.#answer('prepare', () => {
      onProgress({ step: 'check', done: 0, total: null });
      onProgress({ step: 'ready', done: 1, total: 1 });
      this.#prepared = true;
      return 'orrery:fake';
    });
  }

  createCluster({ cluster }: ClusterRef): Promise<void> {
    return this.#answer(`createCluster ${cluster}`, () => {
      this.#networks.add(checkName('cluster', cluster));
    });
  }

  address(node: NodeRef & { publishHttp?: number }, port: PortName): Promise<string> {
    return this.#answer(
      `address ${node.node}`,
      () => `${checkPort(node, port).node}:${containerPort(node.role, port)}`,
    );
  }

  async launch(spec: NodeSpec): Promise<void> {
    this.#check(`launch ${checkNode(spec).node}`);
    if (this.#options.launchMs !== undefined) await pause(this.#options.launchMs);
    await this.#answer(null, () => {
      const refusal = this.#refusals.get(spec.node);
      this.#refusals.delete(spec.node);
      if (refusal) throw refusal;
      const before = this.#nodes.get(keyOf(spec));
      if (before && before.node.state !== 'exited') return;
      this.#checkPublished(spec);
      this.#start(spec, before);
    });
  }

  #checkPublished({ cluster, node, publishHttp }: NodeSpec): void {
    if (publishHttp === undefined) return;
    for (const held of this.#nodes.values()) {
      const other = held.node.state !== 'exited' && keyOf(held.node) !== keyOf({ cluster, node });
      if (other && held.node.publishedHttp === publishHttp) throw new OrreryError('port-taken', { port: publishHttp });
    }
  }

  #start(spec: NodeSpec, before: Held | undefined): void {
    const { cluster, run, node, role } = spec;
    const ref: NodeRef = { cluster, run, node, role };
    const startedAtMs = this.#nowMs();
    const held: Held = {
      spec,
      node: { ...ref, state: 'running', exitCode: null, startedAtMs, publishedHttp: spec.publishHttp ?? null },
      lines: before?.lines ?? [],
      spoke: Promise.withResolvers(),
      running: new AbortController(),
    };
    this.#nodes.set(keyOf(spec), held);
    let data = new Map<string, string>();
    if (ROLES_WITH_VOLUME.includes(role)) {
      data = this.#volumes.get(keyOf(spec))?.data ?? data;
      this.#volumes.set(keyOf(spec), { node: ref, data });
    }
    this.#hub.publish({ ...ref, type: 'started', atMs: startedAtMs });
    this.#options.program?.(this.#handle(held, data));
  }

  #handle(held: Held, data: Map<string, string>): FakeNode {
    return {
      spec: held.spec,
      data,
      say: (text, stream = 'stdout') => {
        const line: LogLine = { atMs: this.#nowMs(), stream, text };
        held.lines.push(line);
        wake(held);
      },
      exit: (exitCode) => this.#end(held, exitCode, false),
    };
  }

  #end(held: Held, exitCode: number, outOfMemory: boolean): void {
    if (held.node.state === 'exited') return;
    held.node = { ...held.node, state: 'exited', exitCode };
    const { cluster, run, node, role } = held.node;
    this.#hub.publish({ cluster, run, node, role, type: 'exited', atMs: this.#nowMs(), exitCode, outOfMemory });
    held.running.abort();
    wake(held);
  }

  kill(node: NodeRef): Promise<void> {
    return this.#answer(`kill ${node.node}`, () => this.#end(this.#known(node), 137, false));
  }

  async stop(node: NodeRef, graceMs: number): Promise<void> {
    const held = await this.#answer(`stop ${node.node}`, () => this.#known(node));
    if (held.node.state === 'exited') return;
    const data = this.#volumes.get(keyOf(node))?.data ?? new Map<string, string>();
    if (this.#options.onTerminate) this.#options.onTerminate(this.#handle(held, data));
    else this.#end(held, 0, false);
    await pause(graceMs, held.running.signal);
    this.#end(held, 137, false);
  }

  pause(node: NodeRef): Promise<void> {
    return this.#answer(`pause ${node.node}`, () => this.#hold(node, 'running', 'paused'));
  }

  unpause(node: NodeRef): Promise<void> {
    return this.#answer(`unpause ${node.node}`, () => this.#hold(node, 'paused', 'running'));
  }

  #hold(node: NodeRef, from: 'running' | 'paused', to: 'running' | 'paused'): void {
    const held = this.#known(node);
    if (held.node.state === to) return;
    if (held.node.state !== from) throw new OrreryError('engine-failed', { reason: `${node.node} does not run` });
    held.node = { ...held.node, state: to };
    const { cluster, run, role } = held.node;
    const type = to === 'paused' ? 'paused' : 'unpaused';
    this.#hub.publish({ cluster, run, node: node.node, role, type, atMs: this.#nowMs() });
  }

  remove(node: NodeRef, { keepVolume }: { keepVolume: boolean }): Promise<void> {
    return this.#answer(`remove ${node.node}`, () => this.#remove(keyOf(checkNode(node)), keepVolume));
  }

  #remove(key: string, keepVolume: boolean): void {
    const held = this.#nodes.get(key);
    if (held) {
      this.#end(held, 137, false);
      this.#nodes.delete(key);
      const { cluster, run, node, role } = held.node;
      this.#hub.publish({ cluster, run, node, role, type: 'removed', atMs: this.#nowMs() });
    }
    if (!keepVolume) this.#volumes.delete(key);
  }

  async *logs(
    node: NodeRef,
    options: { tailLines: number; follow: boolean; signal: AbortSignal },
  ): AsyncGenerator<LogLine> {
    const held = await this.#answer(`logs ${node.node}`, () => this.#known(node));
    options.signal.addEventListener('abort', () => wake(held), { once: true });
    let at = Math.max(0, held.lines.length - options.tailLines);
    while (!options.signal.aborted) {
      const line = held.lines[at];
      if (line !== undefined) {
        at += 1;
        yield line;
      } else if (options.follow && held.node.state !== 'exited') {
        await held.spoke.promise;
      } else return;
    }
  }

  async *events(signal: AbortSignal, onListening?: () => void): AsyncGenerator<EngineEvent> {
    this.#check('events');
    yield* this.#hub.listen(signal, onListening);
  }

  async *stats(node: NodeRef, signal: AbortSignal): AsyncGenerator<NodeStats> {
    const held = await this.#answer(`stats ${node.node}`, () => this.#known(node));
    while (!signal.aborted && held.node.state !== 'exited') {
      yield { atMs: this.#nowMs(), cpuShare: 0.01, memoryBytes: 12 * 1024 ** 2 };
      await pause(STATS_INTERVAL_MS, AbortSignal.any([signal, held.running.signal]));
    }
  }

  list(): Promise<EngineNode[]> {
    return this.#answer('list', () => [...this.#nodes.values()].map(({ node }) => node));
  }

  removeCluster(cluster: string, { keepVolumes }: { keepVolumes: boolean }): Promise<void> {
    return this.#answer(`removeCluster ${cluster}`, () => {
      const of = (key: string) => key.startsWith(`${checkName('cluster', cluster)}/`);
      for (const key of [...this.#nodes.keys(), ...this.#volumes.keys()].filter(of)) this.#remove(key, keepVolumes);
      this.#networks.delete(cluster);
    });
  }

  leftovers(cluster?: string): Promise<Leftovers> {
    return this.#answer('leftovers', () => this.#count(cluster));
  }

  clean(): Promise<Leftovers> {
    return this.#answer('clean', () => {
      const removed = this.#count();
      for (const key of [...this.#nodes.keys(), ...this.#volumes.keys()]) this.#remove(key, false);
      this.#networks.clear();
      return removed;
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #count(cluster?: string): Leftovers {
    const of = (key: string) => cluster === undefined || key.startsWith(`${cluster}/`);
    return {
      nodes: [...this.#nodes.keys()].filter(of).length,
      networks: [...this.#networks].filter((name) => of(`${name}/`)).length,
      volumes: [...this.#volumes.keys()].filter(of).length,
    };
  }

  #known(node: NodeRef): Held {
    const held = this.#nodes.get(keyOf(checkNode(node)));
    if (!held) throw new OrreryError('unknown-node', { node: node.node });
    return held;
  }

  #check(call: string | null): void {
    if (call !== null) this.calls.push(call);
    if (this.#lost) throw lostError();
  }

  // Asynchronous as a real engine's answer is.
  async #answer<T>(call: string | null, work: () => T): Promise<T> {
    this.#check(call);
    await Promise.resolve();
    return work();
  }

  #nowMs(): number {
    return this.#options.nowMs?.() ?? Date.now();
  }
}

/** Lets whoever waits for a line look again. */
function wake(held: Held): void {
  held.spoke.resolve();
  held.spoke = Promise.withResolvers();
}

function lostError(): OrreryError {
  return new OrreryError('engine-unavailable', { reason: 'it was lost' });
}
