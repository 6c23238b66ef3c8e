/** The life of clusters: start, adoption of what a crashed panel left running, stop. One runs at a time. */
import { randomBytes, randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { OrreryError } from '../../../containers/protocol/errors.ts';
import type { AutoscalerPicture } from '../../../containers/protocol/autoscaler.ts';
import type { ClusterOptions, KeptCluster, ProgressState } from '../../contract/contract.ts';
import type { ClusterPicture } from '../../core/cluster-picture.ts';
import { unsaid } from '../../core/adoption.ts';
import { initialDesired, resumed } from '../../core/desired.ts';
import { courseHttpPort } from '../../core/course/course-ports.ts';
import type { MasterSettings } from '../../core/course/courses.ts';
import type { Actor } from '../../core/journal.ts';
import type { PlanTimings } from '../../core/plan.ts';
import type { ContainerEngine } from '../engine/engine.ts';
import type { Journal } from '../store/journal.ts';
import { followAutoscaler } from './autoscaling.ts';
import type { ClusterFile, ClusterFiles } from './cluster-files.ts';
import { checkCoursePorts } from './course-publication.ts';
import { ClusterState } from './cluster-state.ts';
import { setMaster } from './master-settings.ts';
import { Latest } from './latest.ts';
import type { NodeSettings } from './node-spec.ts';
import type { PanelClock } from './panel-clock.ts';
import type { PortPool } from './port-pool.ts';
import type { SampleHub } from './samples.ts';
import { Session } from './session.ts';

type Left = NonNullable<ClusterPicture['left']>;
export type EngineChoice = ClusterOptions['engine'] | 'fake';

export type ClustersOptions = {
  /** Rejects with `engine-unavailable` when there is none. */
  engineFor(choice: EngineChoice): Promise<ContainerEngine>;
  journal: Journal;
  files: ClusterFiles;
  clock: PanelClock;
  ports: PortPool;
  samples: SampleHub;
  settings(): Promise<NodeSettings>;
  timings: PlanTimings;
};

export class Clusters {
  readonly progress = new Latest<ProgressState>(null);
  readonly #options: ClustersOptions;
  #session: Session | null = null;
  /** Taken over from a crashed panel, and asked for by nobody yet. */
  #adopted: Session | null = null;
  /** A start or a stop under way; a start may be cut short by a stop. */
  #starting: { cancelled: boolean; done: Promise<unknown> } | null = null;
  #stopping: Promise<Left> | null = null;
  /** What its master is still to be set to. */
  #wanted: MasterSettings = {};

  constructor(options: ClustersOptions) {
    this.#options = options;
    options.journal.onEvent(({ body }) => {
      if (body.type === 'monitor-event' && body.event.type === 'stop-requested') this.#stopAsAsked();
      if (body.type === 'monitor-connected' && body.monitor === 'master') this.#setMaster();
      this.#showNodes();
    });
  }

  /** The running cluster; throws `no-cluster`. */
  get session(): Session {
    if (this.#session === null || this.#session.state.stopping) throw new OrreryError('no-cluster');
    return this.#session;
  }

  /** Stopped clusters whose data is kept, by name. */
  get kept(): KeptCluster[] {
    const files = this.#options.files.all().filter((file) => file.name !== null && !file.running);
    return files.map(({ name, engine, desired: { nodes } }) => {
      const count = (role: string) => nodes.filter((node) => node.role === role).length;
      return { name: name ?? '', engine, workers: count('worker'), datanodes: count('datanode') };
    });
  }

  /** What is known of the running cluster; null when there is none. */
  get file(): ClusterFile | null {
    return this.#session?.state.file ?? null;
  }

  /**
   * Resolves when all launches are under way; rejects, with nothing left, when they cannot be. The
   * first start after an adoption gets the adopted cluster, if that is what it asks for.
   */
  async start(options: ClusterOptions, actor: Actor): Promise<{ cluster: string }> {
    const adopted = this.#adopted;
    this.#adopted = null;
    if (adopted !== null && adopted === this.#session && isWhatIsAsked(adopted.state.file, options))
      return { cluster: adopted.state.file.cluster };
    if (this.#session !== null || this.#starting !== null || this.#stopping !== null)
      throw new OrreryError('cluster-running');
    const starting = { cancelled: false, done: Promise.resolve() as Promise<unknown> };
    this.#starting = starting;
    const result = this.#start(options, actor, starting);
    starting.done = result.catch(() => null);
    try {
      return await result;
    } finally {
      this.#starting = null;
      this.#showNodes();
    }
  }

  /** Removes everything, data too; with `keepAs` the volumes stay under that name. Resolves with what is left. */
  stop(keepAs: string | null): Promise<Left> {
    this.#stopping ??= this.#stop(keepAs).finally(() => {
      this.#stopping = null;
    });
    return this.#stopping;
  }

  /**
   * What files of this home call running: taken over where something of it still runs, else cleared
   * away. Clusters without a file here belong to another panel and are not touched.
   */
  async adopt(): Promise<void> {
    for (const file of this.#options.files.all().filter((known) => known.running)) {
      const engine = await this.#options.engineFor(file.engine).catch(() => null);
      // Without its engine nothing can be said of it; the next start tries again.
      if (engine !== null) await this.#adoptOrClear(file, engine);
    }
  }

  /** Stops whatever there is; without a cluster there is nothing to do. */
  async end(keepAs: string | null): Promise<void> {
    if (this.#session !== null || this.#starting !== null) await this.stop(keepAs);
  }

  /** Lets go of the cluster and leaves it running, as a crash would. */
  abandon(): void {
    this.#session?.close();
    this.#session = null;
  }

  async #start(options: ClusterOptions, actor: Actor, starting: { cancelled: boolean }): Promise<{ cluster: string }> {
    const { journal, files, ports } = this.#options;
    this.progress.set({ step: 'engine', done: 0, total: null });
    const named = options.name === null ? undefined : files.all().find((file) => file.name === options.name);
    const choice = options.engine === 'auto' && named !== undefined ? named.engine : options.engine;
    const engine = await this.#options.engineFor(choice);
    const { title } = await engine.info();
    const file = await newFile(options, engine, named, ports);
    const { cluster, run, name } = file;
    this.#wanted = options.master ?? {};
    try {
      files.save(file);
      const header = { cluster, run, name, engine: engine.kind, engineTitle: title, adopted: false };
      journal.record({ type: 'cluster-starting', ...header });
      for (const { node, role } of file.desired.nodes) journal.record({ type: 'node-wanted', node, role, by: actor });
      await both(
        engine.prepare((progress) => this.progress.set(progress)),
        makeRoom(engine, file, named !== undefined),
      );
      if (starting.cancelled) throw new OrreryError('no-cluster');
      await this.#open(file, engine, starting);
      return { cluster };
    } catch (error) {
      await this.#session?.halt();
      this.abandon();
      await this.#clear(file, engine).catch(() => null);
      throw error;
    } finally {
      this.progress.set(null);
    }
  }

  async #open(file: ClusterFile, engine: ContainerEngine, starting?: { cancelled: boolean }): Promise<void> {
    const { journal, files, clock, ports, samples, timings } = this.#options;
    const settings = await this.#options.settings();
    if (starting?.cancelled === true) throw new OrreryError('no-cluster');
    const state = new ClusterState(file, files);
    const onAutoscaler = (asking: Session, autoscaler: AutoscalerPicture) =>
      followAutoscaler({ session: asking, journal }, autoscaler, clock.nowMs());
    const session = new Session({ state, engine, journal, clock, ports, samples, settings, timings, onAutoscaler });
    this.#session = session;
    journal.record(session.endpointsEvent);
    await session.firstLook;
  }

  /** If it does not work now, it is tried when the master answers the next time. */
  #setMaster(): void {
    const session = this.#session;
    if (session === null) return;
    const wanted = this.#wanted;
    this.#wanted = {};
    setMaster(session, wanted).catch(() => {
      if (this.#session === session) this.#wanted = { ...wanted, ...this.#wanted };
    });
  }

  async #stop(keepAs: string | null): Promise<Left> {
    if (this.#starting !== null) {
      this.#starting.cancelled = true;
      await this.#starting.done;
    }
    const session = this.#session;
    if (session === null) {
      if (this.#options.journal.picture().phase === 'stopped') return { nodes: 0, networks: 0, volumes: 0 };
      throw new OrreryError('no-cluster');
    }
    const { journal } = this.#options;
    const { state, engine } = session;
    this.#checkName(keepAs, state.file.cluster);
    if (!state.stopping) journal.record({ type: 'cluster-stopping', keepVolumes: keepAs !== null });
    state.stopping = true;
    state.change({ name: keepAs });
    state.save();
    await session.halt();
    const left = await this.#clear(state.file, engine);
    session.close();
    this.#session = null;
    return left;
  }

  #checkName(name: string | null, cluster: string): void {
    const other = this.#options.files.all().find((file) => file.name === name && file.cluster !== cluster);
    if (name !== null && other !== undefined)
      throw new OrreryError('conflict', { reason: `Another cluster is already kept as ${name}` });
  }

  async #adoptOrClear(file: ClusterFile, engine: ContainerEngine): Promise<void> {
    const { journal, ports } = this.#options;
    const found = await engine.list().catch(() => null);
    const ours = found?.filter((node) => node.cluster === file.cluster && node.run === file.run) ?? [];
    const lives = ours.some((node) => node.state === 'running' || node.state === 'paused');
    const known = journal.picture().cluster === file.cluster && journal.picture().phase !== 'stopped';
    const stopping = journal.picture().phase === 'stopping';
    if (this.#session !== null || (found !== null && (!lives || !known || stopping))) {
      if (known && !stopping) journal.record({ type: 'cluster-stopping', keepVolumes: file.name !== null });
      await this.#clear(file, engine, known);
      return;
    }
    ports.keep([file.ports.master, file.ports.headnode]);
    const { title } = await engine.info().catch(() => ({ title: file.engine }));
    const { cluster, run, name } = file;
    const header = { cluster, run, name, engine: engine.kind, engineTitle: title, adopted: true };
    journal.record({ type: 'cluster-starting', ...header });
    for (const body of unsaid(file.desired, journal.picture().nodes)) journal.record(body);
    await this.#open(file, engine);
    this.#adopted = this.#session;
  }

  /** Removes a cluster from the engine and, unless it has a name, from the files. */
  async #clear(file: ClusterFile, engine: ContainerEngine, record = true): Promise<Left> {
    const { journal, files, ports } = this.#options;
    const keepVolumes = file.name !== null;
    let left = await cleared(engine, file.cluster, keepVolumes);
    // A container that was just being made can slip through once.
    if (!isClear(left, keepVolumes)) left = await cleared(engine, file.cluster, keepVolumes);
    for (const port of Object.values(file.ports)) ports.give(port);
    if (keepVolumes) files.save({ ...file, running: !isClear(left, keepVolumes) });
    else if (isClear(left, keepVolumes)) files.drop(file.cluster);
    if (record) journal.record({ type: 'cluster-stopped', left });
    return left;
  }

  /** While a cluster starts: how many of its nodes are ready. */
  /** `quit` in line mode, which the user allowed to mean this. A named cluster keeps its data. */
  #stopAsAsked(): void {
    const { file } = this;
    if (file === null || this.#stopping !== null) return;
    // A stop that fails can be asked for again, by any road.
    this.stop(file.name).catch(() => undefined);
  }

  #showNodes(): void {
    const { phase, nodes } = this.#options.journal.picture();
    if (this.#starting !== null) return;
    const ready = nodes.filter((node) => node.state === 'ready' || node.state === 'standby').length;
    const next = phase === 'starting' ? { step: 'nodes', done: ready, total: nodes.length } : null;
    const before = this.progress.value;
    if (before?.done !== next?.done || before?.total !== next?.total || before?.step !== next?.step)
      this.progress.set(next);
  }
}

async function newFile(
  options: ClusterOptions,
  engine: ContainerEngine,
  named: ClusterFile | undefined,
  ports: PortPool,
): Promise<ClusterFile> {
  if (named !== undefined && named.engine !== engine.kind)
    throw new OrreryError('conflict', { reason: `Cluster ${named.name} is kept on the engine ${named.engine}` });
  const counts = { worker: options.workers, datanode: options.datanodes };
  const { coursePorts } = options;
  await checkCoursePorts(coursePorts, []);
  const [master, headnode] = await twoPorts(ports);
  return {
    cluster: named?.cluster ?? randomBytes(4).toString('hex'),
    run: randomUUID(),
    name: options.name,
    secret: named?.secret ?? randomBytes(32).toString('base64url'),
    engine: engine.kind,
    running: true,
    ports: { master: courseHttpPort(coursePorts) ?? master, headnode },
    coursePorts,
    desired: named === undefined ? initialDesired(counts) : resumed(named.desired, counts),
  };
}

/** The cluster's network. Of one that was kept, containers of an earlier run may still be there. */
async function makeRoom(engine: ContainerEngine, { cluster, run }: ClusterFile, kept: boolean): Promise<void> {
  if (kept) await engine.removeCluster(cluster, { keepVolumes: true });
  await engine.createCluster({ cluster, run });
}

/** Like Promise.all, but nothing is still under way when it rejects. */
async function both(...tasks: Promise<unknown>[]): Promise<void> {
  for (const result of await Promise.allSettled(tasks)) if (result.status === 'rejected') throw result.reason;
}

async function twoPorts(ports: PortPool): Promise<[number, number]> {
  const first = await ports.take();
  try {
    return [first, await ports.take()];
  } catch (error) {
    ports.give(first);
    throw error;
  }
}

function isWhatIsAsked(file: ClusterFile, asked: ClusterOptions): boolean {
  const count = (role: string) => file.desired.nodes.filter((node) => node.role === role).length;
  return (
    (asked.engine === 'auto' || asked.engine === file.engine) &&
    asked.name === file.name &&
    isDeepStrictEqual(asked.coursePorts, file.coursePorts) &&
    asked.workers === count('worker') &&
    asked.datanodes === count('datanode')
  );
}

async function cleared(engine: ContainerEngine, cluster: string, keepVolumes: boolean): Promise<Left> {
  await engine.removeCluster(cluster, { keepVolumes });
  const { nodes, networks, volumes } = await engine.leftovers(cluster);
  return { nodes, networks, volumes };
}

const isClear = (left: Left, keepVolumes: boolean) =>
  left.nodes === 0 && left.networks === 0 && (keepVolumes || left.volumes === 0);
