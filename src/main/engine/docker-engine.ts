/** Containers of a Docker engine (or one that speaks its API) as the nodes of clusters. */
import path from 'node:path';
import type Docker from 'dockerode';
import { OrreryError, toOrreryError } from '../../../containers/protocol/errors.ts';
import { containerPort } from '../../../containers/protocol/roles.ts';
import type { PortName } from '../../../containers/protocol/roles.ts';
import type { DockerCandidate } from './docker-discovery.ts';
import { connectDocker } from './docker-engine-client.ts';
import type { DockerClient } from './docker-engine-client.ts';
import { findImage, makeImage, removeImages } from './docker-engine-image.ts';
import type { ImageOptions } from './docker-engine-image.ts';
import { createOptions, hasVolume, nodeOfContainer, ownLabelKeys, specHash } from './docker-engine-nodes.ts';
import { DockerObjects } from './docker-engine-objects.ts';
import { dockerEvents, dockerLogs, dockerStats } from './docker-engine-streams.ts';
import { ToldExits } from './docker-events.ts';
import { dockerError, statusOf } from './docker-errors.ts';
import type {
  ClusterRef,
  ContainerEngine,
  EngineEvent,
  EngineInfo,
  ImageState,
  EngineNode,
  EngineNodeState,
  Leftovers,
  LogLine,
  NodeRef,
  NodeSpec,
  NodeStats,
  PrepareProgress,
} from './engine.ts';
import { findLinuxNode, findRecipesFolder } from './engine-files.ts';
import {
  checkName,
  checkNode,
  checkPort,
  clusterLabels,
  containerName,
  keyOf,
  labelKeys,
  networkName,
  nodeLabels,
} from './engine-names.ts';
import type { LabelKeys } from './engine-names.ts';
import { Gate, KeyedTurns } from './turns.ts';

export type DockerEngineOptions = {
  /** ORRERY_HOME: caches go under it. */
  home: string;
  /** out/containers: `<role>.mjs` for every role. */
  bundlesFolder: string;
  /** The engine, as discoverDocker() found it. */
  candidate: DockerCandidate;
  /** Other than `dev.orrery` only in tests, to stay apart from what really runs. */
  labelPrefix?: string;
  /** containers/ with its Dockerfiles; found beside the program when absent. */
  recipesFolder?: string;
  /** A Linux Node for the offline base image; found when absent, null: use none. */
  nodeBinary?: string | null;
  /** A pull without progress is given up after so long. */
  pullStallMs?: number;
};

/** The engine starts containers one after the other; more requests at once only make it busier. */
const STARTS_AT_ONCE = 6;
const PULL_STALL_MS = 20_000;
const START_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 30_000;

export function createDockerEngine(options: DockerEngineOptions): ContainerEngine {
  return new DockerEngine(options);
}

class DockerEngine implements ContainerEngine {
  readonly kind = 'docker';
  #options: DockerEngineOptions;
  #prefix: string;
  #keys: LabelKeys;
  #client: DockerClient;
  #objects: DockerObjects;
  #image: Promise<string> | null = null;
  /** Ids of containers by node, so that a kill needs no look-up. */
  #ids = new Map<string, string>();
  /** When containers were started, by id: the engine's list does not say it. */
  #startedAtMs = new Map<string, number>();
  #exits = new ToldExits();
  #turns = new KeyedTurns();
  #starts = new Gate(STARTS_AT_ONCE);

  constructor(options: DockerEngineOptions) {
    this.#options = options;
    this.#prefix = options.labelPrefix ?? 'dev.orrery';
    this.#keys = labelKeys(this.#prefix);
    this.#client = connectDocker(options.candidate.target);
    this.#objects = new DockerObjects(this.#client, this.#keys);
  }

  async info(): Promise<EngineInfo> {
    const { docker, ask } = this.#client;
    const [info, version] = await Promise.all([ask<unknown>(docker.info()), ask(docker.version())]);
    const podman = version.Components?.some((component) => component.Name.startsWith('Podman')) ?? false;
    return {
      kind: 'docker',
      title: `${podman ? 'Podman' : 'Docker'} ${version.Version} (${this.#options.candidate.url})`,
      chosenBecause: this.#options.candidate.because,
      cpus: numberIn(info, 'NCPU'),
      memoryBytes: numberIn(info, 'MemTotal'),
    };
  }

  prepare(onProgress: (progress: PrepareProgress) => void): Promise<string> {
    const image = makeImage(this.#imageOptions(), onProgress);
    this.#image = image;
    // A failed build is tried again at the next launch, not remembered.
    image.catch(() => {
      if (this.#image === image) this.#image = null;
    });
    return image;
  }

  async createCluster(cluster: ClusterRef): Promise<void> {
    const { docker, ask } = this.#client;
    const Name = networkName(cluster.cluster);
    await this.#turns.run(Name, async () => {
      if ((await this.#objects.networks({ cluster: cluster.cluster })).length > 0) return;
      const Labels = clusterLabels(this.#keys, cluster);
      await ask(docker.createNetwork({ Name, Driver: 'bridge', CheckDuplicate: true, Labels }));
    });
  }

  async address(node: NodeRef, port: PortName): Promise<string> {
    return Promise.resolve(`${checkPort(node, port).node}:${containerPort(node.role, port)}`);
  }

  async launch(spec: NodeSpec): Promise<void> {
    checkNode(spec);
    const image = await (this.#image ?? this.prepare(() => undefined));
    try {
      await this.#turns.run(keyOf(spec), () => this.#launch(spec, image));
    } catch (thrown) {
      if (!/no such image/i.test(String(toOrreryError(thrown).details['reason']))) throw thrown;
      // Somebody removed it since: it is made again.
      const anew = await this.prepare(() => undefined);
      await this.#turns.run(keyOf(spec), () => this.#launch(spec, anew));
    }
  }

  async #launch(spec: NodeSpec, image: string): Promise<void> {
    if (this.#ids.has(keyOf(spec)) && (await this.#reuse(spec, image))) return;
    await this.#makeVolume(spec);
    const id = await this.#create(spec, image);
    if (id === null) return;
    this.#ids.set(keyOf(spec), id);
    await this.#start(id, spec);
  }

  /** The id of a new container, or null when there was a fitting one, which runs now. */
  async #create(spec: NodeSpec, image: string): Promise<string | null> {
    const { docker, ask } = this.#client;
    const options = createOptions(spec, image, this.#keys, this.#prefix);
    try {
      return (await docker.createContainer(options)).id;
    } catch (thrown) {
      if (statusOf(thrown) !== 409) throw dockerError(thrown);
      if (await this.#reuse(spec, image)) return null;
      return (await ask(docker.createContainer(options))).id;
    }
  }

  /**
   * Starts the node's container if it is what the spec asks for; removes it if it is not.
   * @returns whether the node runs now
   */
  async #reuse(spec: NodeSpec, image: string): Promise<boolean> {
    const { docker, ask } = this.#client;
    const [found] = await this.#objects.containers({ cluster: spec.cluster, node: spec.node });
    if (!found) return false;
    if (found.State === 'running' || found.State === 'paused') return true;
    if (found.Labels[ownLabelKeys(this.#prefix).spec] === specHash(spec, image)) {
      this.#ids.set(keyOf(spec), found.Id);
      await this.#start(found.Id, spec);
      return true;
    }
    await ask(docker.getContainer(found.Id).remove({ force: true }), { node: spec.node });
    this.#ids.delete(keyOf(spec));
    return false;
  }

  async #start(id: string, spec: NodeSpec): Promise<void> {
    const { docker, ask } = this.#client;
    try {
      await this.#starts.run(() => ask(docker.getContainer(id).start(), { node: spec.node, limitMs: START_LIMIT_MS }));
      // A list meanwhile may have noted the time of the run before.
      this.#startedAtMs.delete(id);
    } catch (error) {
      // What could not be started is not left behind, so that the next try begins afresh.
      if (dockerError(error).code !== 'engine-unavailable') {
        await docker
          .getContainer(id)
          .remove({ force: true })
          .catch(() => undefined);
        this.#ids.delete(keyOf(spec));
      }
      throw error;
    }
  }

  async #makeVolume(spec: NodeSpec): Promise<void> {
    if (!hasVolume(spec)) return;
    const { docker, ask } = this.#client;
    const Name = containerName(spec);
    await ask(docker.createVolume({ Name, Labels: nodeLabels(this.#keys, spec) }));
    // Creating one that exists succeeds, whosever it is.
    const { Labels: labels } = await ask(docker.getVolume(Name).inspect());
    if (labels?.[this.#keys.cluster] !== spec.cluster) {
      throw new OrreryError('engine-failed', { reason: `there is a volume ${Name} already, which is not Orrery's` });
    }
  }

  async kill(node: NodeRef): Promise<void> {
    await this.#actUnless(node, ['exited', 'created'], (container) => container.kill({ signal: 'SIGKILL' }));
  }

  async stop(node: NodeRef, graceMs: number): Promise<void> {
    const t = Math.ceil(graceMs / 1_000);
    const limitMs = t * 1_000 + STOP_LIMIT_MS;
    await this.#actUnless(node, ['exited', 'created'], (container) => container.stop({ t }), limitMs);
  }

  async pause(node: NodeRef): Promise<void> {
    await this.#actUnless(node, ['paused'], (container) => container.pause());
  }

  async unpause(node: NodeRef): Promise<void> {
    await this.#actUnless(node, ['running'], (container) => container.unpause());
  }

  async remove(node: NodeRef, { keepVolume }: { keepVolume: boolean }): Promise<void> {
    const selection = { cluster: checkNode(node).cluster, node: node.node };
    await this.#turns.run(keyOf(node), async () => {
      await this.#objects.removeContainers(selection);
      this.#ids.delete(keyOf(node));
      if (!keepVolume) await this.#objects.removeVolumes(selection);
    });
  }

  async *logs(
    node: NodeRef,
    options: { tailLines: number; follow: boolean; signal: AbortSignal },
  ): AsyncGenerator<LogLine> {
    yield* dockerLogs(this.#client, await this.#container(node), node.node, options);
  }

  async *stats(node: NodeRef, signal: AbortSignal): AsyncGenerator<NodeStats> {
    yield* dockerStats(this.#client, await this.#container(node), node.node, signal);
  }

  async *events(signal: AbortSignal, onListening?: () => void): AsyncGenerator<EngineEvent> {
    try {
      for await (const event of dockerEvents(this.#client, this.#keys, signal, onListening)) {
        this.#exits.note(event);
        yield event;
      }
    } finally {
      this.#exits.clear();
    }
  }

  async list(): Promise<EngineNode[]> {
    const containers = await this.#objects.containers({});
    const nodes = containers.flatMap((container) => nodeOfContainer(container, this.#keys, this.#prefix) ?? []);
    return Promise.all(
      nodes.map(async ({ id, ...node }) => {
        this.#ids.set(keyOf(node), id);
        const startedAtMs = await this.#startOf(id, node.state);
        const exitCode = node.state === 'created' ? null : this.#exits.codeOf(node, startedAtMs);
        if (exitCode === null) return { ...node, startedAtMs };
        return { ...node, startedAtMs, state: 'exited' as const, exitCode };
      }),
    );
  }

  /** When a container was started last: remembered while it runs, as each look costs a call. */
  async #startOf(id: string, state: EngineNodeState): Promise<number | null> {
    const known = this.#startedAtMs.get(id);
    if (known !== undefined && state !== 'exited') return known;
    try {
      const { State } = await this.#client.ask(this.#client.docker.getContainer(id).inspect());
      const startedAtMs = Date.parse(State.StartedAt);
      // The year 1 stands for "never".
      if (Number.isNaN(startedAtMs) || startedAtMs <= 0) return null;
      if (state === 'exited') this.#startedAtMs.delete(id);
      else this.#startedAtMs.set(id, startedAtMs);
      return startedAtMs;
    } catch (thrown) {
      if (dockerError(thrown).code === 'engine-unavailable') throw thrown;
      return null;
    }
  }

  image(): Promise<ImageState> {
    return findImage(this.#imageOptions());
  }

  async removeCluster(cluster: string, { keepVolumes }: { keepVolumes: boolean }): Promise<void> {
    await this.#objects.removeAll({ cluster: checkName('cluster', cluster) }, { keepVolumes });
    this.#forget((key) => key.startsWith(`${cluster}/`));
  }

  leftovers(cluster?: string): Promise<Leftovers> {
    return this.#objects.count(cluster === undefined ? {} : { cluster });
  }

  async clean(): Promise<Leftovers> {
    const removed = await this.#objects.removeAll({}, { keepVolumes: false });
    const images = await removeImages(this.#imageOptions());
    this.#image = null;
    this.#forget(() => true);
    return { ...removed, images };
  }

  close(): Promise<void> {
    this.#client.close();
    return Promise.resolve();
  }

  #forget(over: (key: string) => boolean): void {
    for (const [key, id] of this.#ids) {
      if (!over(key)) continue;
      this.#ids.delete(key);
      this.#startedAtMs.delete(id);
    }
  }

  /** The node's container, found by its labels unless it is known. */
  async #container(node: NodeRef): Promise<Docker.Container> {
    const { docker } = this.#client;
    const known = this.#ids.get(keyOf(checkNode(node)));
    if (known !== undefined) return docker.getContainer(known);
    const [found] = await this.#objects.containers({ cluster: node.cluster, node: node.node });
    if (!found) throw new OrreryError('unknown-node', { node: node.node });
    this.#ids.set(keyOf(node), found.Id);
    return docker.getContainer(found.Id);
  }

  async #act(
    node: NodeRef,
    action: (container: Docker.Container) => Promise<unknown>,
    limitMs?: number,
  ): Promise<void> {
    const options = { node: node.node, ...(limitMs === undefined ? {} : { limitMs }) };
    try {
      await this.#client.ask(action(await this.#container(node)), options);
    } catch (thrown) {
      // What was known may have been removed and made anew by somebody else.
      if (dockerError(thrown).code !== 'unknown-node' || !this.#ids.delete(keyOf(node))) throw thrown;
      await this.#client.ask(action(await this.#container(node)), options);
    }
  }

  /** Performs an action; when the engine refuses it because the node is in that state already, all is well. */
  async #actUnless(
    node: NodeRef,
    wanted: EngineNodeState[],
    action: (container: Docker.Container) => Promise<unknown>,
    limitMs?: number,
  ): Promise<void> {
    try {
      await this.#act(node, action, limitMs);
    } catch (thrown) {
      if (dockerError(thrown).code !== 'engine-failed') throw thrown;
      const [found] = await this.#objects.containers({ cluster: node.cluster, node: node.node });
      const state = found && nodeOfContainer(found, this.#keys, this.#prefix)?.state;
      if (state === undefined || !wanted.includes(state)) throw thrown;
    }
  }

  #imageOptions(): ImageOptions {
    const options = this.#options;
    return {
      client: this.#client,
      labelPrefix: this.#prefix,
      bundlesFolder: options.bundlesFolder,
      recipesFolder: options.recipesFolder ?? findRecipesFolder(),
      cacheFolder: path.join(options.home, 'cache'),
      nodeBinary: options.nodeBinary === undefined ? findLinuxNode() : options.nodeBinary,
      pullStallMs: options.pullStallMs ?? PULL_STALL_MS,
    };
  }
}

function numberIn(value: unknown, name: string): number {
  const found: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, name) : 0;
  return typeof found === 'number' ? found : 0;
}
