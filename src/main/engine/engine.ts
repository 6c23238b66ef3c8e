/**
 * The port behind which containers run. Three adapters: docker-engine (dockerode), process-engine
 * (child processes on loopback) and fake-engine (tests). All pass engine.cases.ts.
 *
 * An engine does as it is told and tells what is; it decides nothing. Every object it makes carries
 * the labels below, and it never touches one that does not. All methods are idempotent: asking for
 * what already is so succeeds. Failures are OrreryError: engine-unavailable, engine-failed,
 * image-build-failed, port-taken, unknown-node.
 */
import type { PortName, Role } from '../../../containers/protocol/roles.ts';
import type { NodeLimits } from '../../core/node-limits.ts';

export type EngineKind = 'docker' | 'process' | 'fake';

export const LABELS = {
  cluster: 'dev.orrery.cluster',
  run: 'dev.orrery.run',
  role: 'dev.orrery.role',
  node: 'dev.orrery.node',
} as const;

/** A cluster as an engine knows it. `run` is new at every start, so that remnants can be told apart. */
export type ClusterRef = { cluster: string; run: string };
export type NodeRef = ClusterRef & { node: string; role: Role };

export type NodeSpec = NodeRef & {
  /** ORRERY_* variables (containers/protocol/config.ts) without those that the engine adds: HOST, BIND, DATA, PORT_*. */
  env: Record<string, string>;
  /** Host port on 127.0.0.1 for the node's `http` port; absent: not published. */
  publishHttp?: number;
  /** Host ports on 127.0.0.1 for further ports of the node. */
  publish?: Partial<Record<PortName, number>>;
  limits: NodeLimits;
};

/** `exited` keeps its exit code until it is removed. A killed process reports exitCode 137. */
export type EngineNodeState = 'created' | 'running' | 'paused' | 'exited';
export type EngineNode = NodeRef & {
  state: EngineNodeState;
  exitCode: number | null;
  /** Wall clock, ms; null where the engine does not know. */
  startedAtMs: number | null;
  publishedHttp: number | null;
};

export type EngineEvent =
  | (NodeRef & { type: 'started'; atMs: number })
  /** `exitCode` is -1 where it cannot be known (a process that this panel did not start). */
  | (NodeRef & { type: 'exited'; atMs: number; exitCode: number; outOfMemory: boolean })
  | (NodeRef & { type: 'paused' | 'unpaused' | 'removed'; atMs: number });

export type LogLine = { atMs: number | null; stream: 'stdout' | 'stderr'; text: string };
/** `cpuShare`: 1 is one CPU kept busy. `memoryBytes`: without the page cache. */
export type NodeStats = { atMs: number; cpuShare: number; memoryBytes: number };

/** What `prepare` is at: `check`, then where needed `strip`, `base` or `pull`, then `image`; at last `ready`. */
export type PrepareStep = 'check' | 'strip' | 'base' | 'pull' | 'image' | 'ready';
/** `done` of `total` in bytes (base, pull) or files; `total` is null while it is not known. */
export type PrepareProgress = { step: PrepareStep; done: number; total: number | null };

export type EngineInfo = {
  kind: EngineKind;
  /** e.g. `Docker 20.10.24 (unix:///var/run/docker.sock)`. */
  title: string;
  /** How it was found, in words: `DOCKER_HOST`, `docker context desktop-linux`, `known socket …`. */
  chosenBecause: string;
  cpus: number;
  memoryBytes: number;
};

/** `images` are counted by `clean` alone: they outlive clusters, as they make the next start quick. */
export type Leftovers = { nodes: number; networks: number; volumes: number; images?: number };

/** `bytes`: of the image, or of what its first start has to make or pull; null where that is not known. */
export type ImageState = { present: boolean; bytes: number | null };

export interface ContainerEngine {
  readonly kind: EngineKind;
  info(): Promise<EngineInfo>;
  /**
   * Makes the image (or checks the bundles) that nodes start from. Cheap when already there. Resolves
   * to the image's name; null where nodes start from no image.
   */
  prepare(onProgress: (progress: PrepareProgress) => void): Promise<string | null>;
  /** The image that the next start would use; null where nodes start from none. */
  image(): Promise<ImageState | null>;
  /** The cluster's network (docker). Called before the first launch. */
  createCluster(cluster: ClusterRef): Promise<void>;
  /**
   * `host:port` under which other nodes of the cluster reach a node's port, also before it is launched.
   * Of a node that will be published, give `publishHttp` too: on the process engine that is its http port.
   */
  address(node: NodeRef & { publishHttp?: number }, port: PortName): Promise<string>;
  /** Creates and starts; resolves when it was started (not when it is ready). Starts an exited one again, on its volume. */
  launch(spec: NodeSpec): Promise<void>;
  /** SIGKILL, at once. */
  kill(node: NodeRef): Promise<void>;
  /** SIGTERM, then SIGKILL after `graceMs`. */
  stop(node: NodeRef, graceMs: number): Promise<void>;
  pause(node: NodeRef): Promise<void>;
  unpause(node: NodeRef): Promise<void>;
  /** Removes the (force-stopped) node; its volume too unless kept. */
  remove(node: NodeRef, options: { keepVolume: boolean }): Promise<void>;
  /** Ends with the container unless `follow` is false; aborting ends it too. */
  logs(node: NodeRef, options: { tailLines: number; follow: boolean; signal: AbortSignal }): AsyncIterable<LogLine>;
  /** Every node labelled ours, of this or any cluster. */
  list(): Promise<EngineNode[]>;
  /**
   * Live events of all nodes labelled ours, from the moment at which `onListening` is called: list()
   * after it misses nothing. Throws engine-unavailable when the engine goes away.
   */
  events(signal: AbortSignal, onListening?: () => void): AsyncIterable<EngineEvent>;
  /** About one a second; ends with the container. */
  stats(node: NodeRef, signal: AbortSignal): AsyncIterable<NodeStats>;
  /** Removes all nodes and the network of a cluster; its volumes too unless kept. */
  removeCluster(cluster: string, options: { keepVolumes: boolean }): Promise<void>;
  /** Counts what is labelled ours (of one cluster, or of all), so that "nothing is left" can be shown. */
  leftovers(cluster?: string): Promise<Leftovers>;
  /** Removes everything labelled ours, of all clusters, images included: what `orrery clean` does. */
  clean(): Promise<Leftovers>;
  close(): Promise<void>;
}
