/** The panel without its host: store, journal, engines, clusters, joined and bound to the contract. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import manifest from '../../package.json' with { type: 'json' };
import { OrreryError } from '../../containers/protocol/errors.ts';
import type { DoctorCheck, Handlers, HostInfo } from '../contract/contract.ts';
import type { ExportRequest } from '../contract/export-schema.ts';
import type { ExportedFile } from '../core/export/exported-cluster.ts';
import { PLAN_TIMINGS, type PlanTimings } from '../core/plan.ts';
import { createClusterFiles } from './cluster/cluster-files.ts';
import { Clusters, type EngineChoice } from './cluster/clusters.ts';
import { examine, lookBeforehand } from './cluster/doctor.ts';
import { openHome, type Home } from './cluster/home.ts';
import { nodeSettings } from './cluster/node-settings.ts';
import { systemClock, type PanelClock } from './cluster/panel-clock.ts';
import { createPortPool, portRange } from './cluster/port-pool.ts';
import { SampleHub } from './cluster/samples.ts';
import type { ContainerEngine, Leftovers } from './engine/engine.ts';
import { findEngine, searchDocker, type FindEngineOptions } from './engine/find-engine.ts';
import { createLatencyKeeper } from './latency/latency-keeper.ts';
import { FaultKeeper } from './faults/fault-keeper.ts';
import { createLeaseHolder } from './faults/pause-lease.ts';
import { exportCluster } from './export/export-cluster.ts';
import { HostAsks } from './host-asks.ts';
import { panelLoadRunner } from './load/load-handlers.ts';
import { panelHandlers, type PanelServices } from './panel-handlers.ts';
import { readCourseLog } from './store/course-log.ts';
import { createJournal } from './store/journal.ts';
import { takePanelLock } from './store/panel-lock.ts';
import { openStore } from './store/store.ts';
import { openPanelWeather } from './weather/panel-weather.ts';

const NO_UPDATES: PanelServices['updates'] = {
  check: () => Promise.resolve({ possible: false, available: null }),
  install: () => Promise.resolve(null),
};

/** How long the end of a panel waits for faults to be healed. */
const HEAL_WAIT_MS = 5_000;

export type EngineFinder = (choice: EngineChoice) => Promise<ContainerEngine>;

export type PanelOptions = {
  /** The data folder (homeFolder()). */
  home: string;
  host: HostInfo['host'];
  /** How the process engine starts nodes; child processes of Node when absent. */
  launcher?: FindEngineOptions['launcher'];
  /** How this application is updated; by nobody when absent. */
  updates?: PanelServices['updates'];
  /** What starts the process that holds a fault's lease; Node when absent. */
  watchdog?: readonly string[];
  /** What the desktop asks its windows to show. */
  asks?: HostAsks;
  /** Tests bring their own engine, clock, pace and ports. */
  findEngine?: EngineFinder;
  clock?: PanelClock;
  timings?: PlanTimings;
  /** As ORRERY_PORTS; from the environment when absent. */
  ports?: string;
};

export type Panel = {
  handlers: Handlers;
  /**
   * Ends the panel, in this order: faults healed, load runs closed, the cluster removed, the journal
   * flushed. `remove`: a named cluster keeps its volumes; `{ keepAs }`: they stay under that name, null for
   * none; `leave`: what runs is left to the next panel, faults with it.
   * Rejects when it could not be removed; the panel is closed even so.
   */
  close(cluster?: 'remove' | 'leave' | { keepAs: string | null }): Promise<void>;
};

/**
 * Opens the panel on a data folder and takes over or clears away what a crashed one left there.
 * Throws panel-running when another panel has the folder, journal-failed when its journal cannot be opened.
 */
export async function createPanel(options: PanelOptions): Promise<Panel> {
  const home = openHome(options.home);
  const ends: (() => unknown)[] = [takePanelLock(home.lock, process.pid)];
  const end = async () => {
    for (const close of ends.splice(0).reverse()) await close();
  };
  try {
    const { handlers, clusters, calm } = await openServices(options, home, (close) => ends.push(close));
    return {
      handlers,
      async close(cluster = 'remove') {
        try {
          if (cluster !== 'leave') {
            await calm();
            await clusters.end(cluster === 'remove' ? (clusters.file?.name ?? null) : cluster.keepAs);
          }
        } finally {
          clusters.abandon();
          await end();
        }
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
}

/** `onEnd` takes what must be closed at the end, in the order in which it was opened. */
async function openServices(options: PanelOptions, home: Home, onEnd: (close: () => unknown) => void) {
  const { clock = systemClock, timings = PLAN_TIMINGS } = options;
  const ports = createPortPool(portRange(options.ports ?? process.env['ORRERY_PORTS']));
  const engines = engineCache(options.findEngine ?? engineFinder(options));
  onEnd(() => engines.close());
  const store = await openStore({ file: home.journal, nowMs: clock.nowMs() });
  onEnd(() => store.close());
  const journal = createJournal(store, () => clock.nowMs());
  onEnd(() => journal.close());
  const latency = createLatencyKeeper(store);
  onEnd(() => latency.close());
  const samples = new SampleHub((push) => latency.take(push));
  const files = createClusterFiles(home.clusters);
  const settings = async () => nodeSettings(await store.request('settings-read', null).catch(() => ({})));
  const engineFor = engines.get;
  const clusters = new Clusters({ engineFor, journal, files, clock, ports, samples, settings, timings });
  await clusters.adopt();
  const weather = await openPanelWeather({ clusters, journal, store, clock });
  onEnd(() => weather.close());
  const doctor = () => examineWith(options, home, engineFor, clusters);
  const docker = () => engineFor('docker');
  const exportFiles = (request: ExportRequest) => exportCluster(request, { docker, running: clusters.file, settings });
  const preflight = () => lookBeforehand(() => engineFor('auto'));
  const host = hostInfo(options, home);
  const loads = panelLoadRunner({ clusters, journal, store, clock });
  onEnd(() => loads.close());
  const leases = createLeaseHolder(home.folder, options.watchdog);
  const faults = new FaultKeeper({ clusters, journal, samples, clock, home: home.folder, leases });
  onEnd(() => faults.close());
  const calm = async () => {
    // What cannot be healed goes with the cluster; its lease ends by itself in any case.
    if (faults.list().length > 0) await Promise.race([faults.heal('all'), delay(HEAL_WAIT_MS)]).catch(() => undefined);
    await loads.close();
  };
  return {
    clusters,
    calm,
    handlers: panelHandlers({
      clusters,
      journal,
      store,
      samples,
      clock,
      host,
      asks: options.asks ?? new HostAsks(),
      updates: options.updates ?? NO_UPDATES,
      doctor,
      preflight,
      exportFiles,
      loads,
      faults,
      weather,
      latency,
    }),
  };
}

/** Examines the machine without a running panel. */
export async function runDoctor(home: string): Promise<DoctorCheck[]> {
  const options: PanelOptions = { home, host: 'web' };
  const engines = engineCache(engineFinder(options));
  try {
    return await examineWith(options, openHome(home), engines.get, null);
  } finally {
    await engines.close();
  }
}

/** A new cluster as files, without a running panel. Rejects as exportCluster() does. */
export async function exportNewCluster(home: string, request: ExportRequest): Promise<ExportedFile[]> {
  const engines = engineCache(engineFinder({ home, host: 'web' }));
  try {
    const docker = () => engines.get('docker');
    return await exportCluster(request, { docker, running: null, settings: () => Promise.resolve(nodeSettings({})) });
  } finally {
    await engines.close();
  }
}

/** The courses' log of the newest run that this home had, without a running panel. Rejects with journal-failed. */
export async function* readOldCourseLog(folder: string): AsyncGenerator<string> {
  const store = await openStore({ file: openHome(folder).journal, nowMs: Date.now() });
  try {
    yield* readCourseLog(createJournal(store, Date.now));
  } finally {
    await store.close();
  }
}

/** Removes everything labelled ours on every engine that answers, and forgets the clusters of this home. */
export async function cleanEverything(folder: string): Promise<Leftovers> {
  const home = openHome(folder);
  const engines = engineCache(engineFinder({ home: folder, host: 'web' }));
  const sum: Leftovers = { nodes: 0, networks: 0, volumes: 0 };
  try {
    for (const choice of ['docker', 'process'] as const) {
      const engine = await engines.get(choice).catch(unlessUnavailable);
      const removed = await engine?.clean();
      sum.nodes += removed?.nodes ?? 0;
      sum.networks += removed?.networks ?? 0;
      sum.volumes += removed?.volumes ?? 0;
      if (removed === undefined) continue;
      const files = createClusterFiles(home.clusters);
      for (const file of files.all()) if (file.engine === choice) files.drop(file.cluster);
    }
    return sum;
  } finally {
    await engines.close();
  }
}

function unlessUnavailable(error: unknown): null {
  if (error instanceof OrreryError && error.code === 'engine-unavailable') return null;
  throw error;
}

function hostInfo({ host }: PanelOptions, home: Home): HostInfo {
  return { host, version: manifest.version, platform: process.platform, dataFolder: home.folder };
}

function examineWith(options: PanelOptions, home: Home, engineFor: EngineFinder, clusters: Clusters | null) {
  const own = clusters?.file ?? null;
  return examine({
    home: home.folder,
    ports: portRange(options.ports ?? process.env['ORRERY_PORTS']),
    ownPorts: own === null ? [] : Object.values(own.ports),
    ownCluster: own?.cluster ?? null,
    engine: () => engineFor('auto'),
    attempts: async () => {
      const { engine, attempts } = await searchDocker(findOptions(options));
      await engine?.close();
      return attempts;
    },
  });
}

const findOptions = ({ home, launcher }: PanelOptions): FindEngineOptions => ({
  home,
  bundlesFolder: bundlesFolder(),
  ...(launcher === undefined ? {} : { launcher }),
});

function engineFinder(options: PanelOptions): EngineFinder {
  return (choice) => {
    if (choice === 'fake') throw new OrreryError('engine-unavailable', { reason: 'the fake engine is for tests' });
    return findEngine(choice, findOptions(options));
  };
}

/**
 * One engine of a kind for the panel's whole life. `auto` is asked anew unless the Docker that is
 * known still answers: another may have come up since, or this one gone.
 */
function engineCache(find: EngineFinder) {
  const known = new Map<ContainerEngine['kind'], ContainerEngine>();
  return {
    async get(choice: EngineChoice): Promise<ContainerEngine> {
      const kept = choice === 'auto' ? await answering(known.get('docker')) : known.get(choice);
      if (kept !== undefined) return kept;
      const found = await find(choice);
      const same = known.get(found.kind);
      if (same !== undefined && same !== found) await found.close();
      else known.set(found.kind, found);
      return same ?? found;
    },
    async close() {
      for (const engine of known.values()) await engine.close();
      known.clear();
    },
  };
}

async function answering(engine: ContainerEngine | undefined): Promise<ContainerEngine | undefined> {
  const info = await engine?.info().catch(() => undefined);
  return info === undefined ? undefined : engine;
}

/** out/containers: beside the built panel, or in the repository when run from source. */
function bundlesFolder(): string {
  for (let folder = import.meta.dirname; folder !== path.dirname(folder); folder = path.dirname(folder)) {
    for (const bundles of [path.join(folder, 'containers'), path.join(folder, 'out', 'containers')])
      if (existsSync(path.join(bundles, 'worker.mjs'))) return bundles;
  }
  return path.resolve(import.meta.dirname, '..', 'containers');
}
