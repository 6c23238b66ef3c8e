/** The contract, bound to the panel's services. */
import type { CallContext, Handlers, HostInfo, Preflight, UpdateState } from '../contract/contract.ts';
import type { ExportRequest } from '../contract/export-schema.ts';
import type { ExportedFile } from '../core/export/exported-cluster.ts';
import type { NotableRequest } from '../core/journal.ts';
import type { DoctorCheck } from '../contract/contract.ts';
import type { Clusters } from './cluster/clusters.ts';
import {
  holdDown,
  killNodes,
  pauseAll,
  removeNodes,
  respawnNodes,
  spawnNodes,
  type NodeRequestContext,
} from './cluster/node-requests.ts';
import { checkSetting } from './cluster/node-settings.ts';
import type { PanelClock } from './cluster/panel-clock.ts';
import type { LatencyKeeper } from './latency/latency-keeper.ts';
import { faultHandlers } from './faults/fault-handlers.ts';
import type { FaultKeeper } from './faults/fault-keeper.ts';
import { clientPart } from './nodes/client-trace.ts';
import { loadHandlers } from './load/load-handlers.ts';
import type { HostAsks } from './host-asks.ts';
import type { LoadRunner } from './load/load-runner.ts';
import type { SampleHub } from './cluster/samples.ts';
import { recordHandlers, type RecordMethod } from './nodes/record-handlers.ts';
import * as requests from './nodes/requests.ts';
import { taskHandlers } from './nodes/task-handlers.ts';
import { followUsage } from './nodes/usage.ts';
import { readCourseLog } from './store/course-log.ts';
import type { Journal } from './store/journal.ts';
import type { Store } from './store/store.ts';
import type { PanelWeather } from './weather/panel-weather.ts';

export type PanelServices = {
  clusters: Clusters;
  journal: Journal;
  store: Store;
  samples: SampleHub;
  clock: PanelClock;
  host: HostInfo;
  asks: HostAsks;
  updates: { check(): Promise<UpdateState>; install(): Promise<null> };
  doctor(): Promise<DoctorCheck[]>;
  preflight(): Promise<Preflight>;
  exportFiles(request: ExportRequest): Promise<ExportedFile[]>;
  weather: PanelWeather;
  loads: LoadRunner;
  latency: LatencyKeeper;
  faults: FaultKeeper;
};

export function panelHandlers(services: PanelServices): Handlers {
  const { clusters, journal, store, samples, host, weather } = services;
  return {
    'host.info': () => Promise.resolve(host),
    'host.doctor': () => services.doctor(),
    'host.preflight': () => services.preflight(),
    'host.asks': (_, signal) => services.asks.follow(signal),
    'updates.check': () => services.updates.check(),
    'updates.install': () => services.updates.install(),
    'cluster.start': (options, context) => clusters.start(options, actorOf(context)),
    'cluster.stop': async ({ keepAs }) => ({ left: await clusters.stop(keepAs) }),
    'course.log': () => readCourseLog(journal),
    'cluster.export': (request) => services.exportFiles(request),
    async 'cluster.course-ports'({ coursePorts }) {
      await clusters.session.setCoursePorts(coursePorts);
      return null;
    },
    'cluster.kept': () => Promise.resolve(clusters.kept),
    'cluster.picture': () => Promise.resolve(journal.picture()),
    'cluster.progress': (_, signal) => clusters.progress.follow(signal),
    ...nodeHandlers(services),
    ...requestHandlers(services),
    ...taskHandlers((which) => ({
      base: clusters.session.endpoints[which],
      secret: clusters.session.state.file.secret,
    })),
    ...weather.handlers,
    'journal.follow': ({ afterSeq }, signal) => journal.follow(afterSeq, signal),
    'journal.page': ({ beforeSeq, limit }) => journal.page(beforeSeq, limit),
    'journal.between': (span) => journal.between(span),
    'latency.history': (query) => services.latency.history(query),
    'traces.list': (query) => services.latency.traces(query),
    'traces.read': ({ trace }) => services.latency.trace(trace),
    'samples.follow': (_, signal) => samples.follow(signal),
    ...loadHandlers(services.loads, store),
    ...faultHandlers(services.faults),
    'settings.read': () => store.request('settings-read', null),
    async 'settings.write'({ name, value }) {
      checkSetting(name, value);
      weather.checkSetting(name, value);
      const written = await store.request('settings-write', { name, value });
      await weather.applySetting(name, value);
      return written;
    },
  };
}

type NodeMethod = 'cluster.pause' | Extract<keyof Handlers, `nodes.${string}`>;

function nodeHandlers({ clusters, journal }: PanelServices): Pick<Handlers, NodeMethod> {
  // Asked inside each handler, so that "no cluster" rejects and does not throw.
  const about = (context: CallContext | undefined): NodeRequestContext => ({
    session: clusters.session,
    journal,
    actor: actorOf(context),
  });
  return {
    'cluster.pause': async ({ paused }, context) => pauseAll(about(context), paused),
    'nodes.spawn': async ({ role, count }, context) => ({ nodes: spawnNodes(about(context), role, count) }),
    'nodes.kill': async ({ nodes }, context) => killNodes(about(context), nodes),
    'nodes.remove': async ({ nodes }, context) => removeNodes(about(context), nodes),
    'nodes.respawn': async ({ nodes }, context) => respawnNodes(about(context), nodes),
    'nodes.hold-down': async ({ node, held }, context) => holdDown(about(context), node, held),
    async *'nodes.logs'({ node, tailLines, follow }, signal) {
      const { session } = clusters;
      yield* session.engine.logs(session.ref(node), { tailLines, follow, signal });
    },
    'nodes.usage': (_, signal) => followUsage({ running: () => running(clusters, journal) }, signal),
  };
}

type RequestMethod = 'tasks.calculate' | 'tasks.list' | RecordMethod;

function requestHandlers({ clusters, journal, clock, latency }: PanelServices): Pick<Handlers, RequestMethod> {
  const at = () => clusters.session.endpoints;
  const monotonicMs = () => clock.monotonicMs();
  async function noted<Request extends NotableRequest>(sent: Promise<Request>): Promise<Request> {
    const request = await sent;
    latency.note(clientPart(request, clock.nowMs()));
    const { id, kind, subject, outcome, answer, worker, replicas, tookMs, curl, code } = request;
    const kept = { id, kind, subject, outcome, answer: clipped(answer), worker, replicas, tookMs, curl: clipped(curl) };
    journal.record({ type: 'request-sent', request: code === undefined ? kept : { ...kept, code } });
    return request;
  }
  return {
    'tasks.calculate': async ({ expression }) => noted(requests.calculate(at(), expression, monotonicMs)),
    'tasks.list': async ({ limit }) => requests.listTasks(at(), limit),
    ...recordHandlers({ at, noted, monotonicMs, secret: () => clusters.session.state.file.secret }),
  };
}

const actorOf = (context: CallContext | undefined) => context?.actor ?? 'user';

/** The journal keeps what was asked and answered, not whole records. */
const KEPT_LENGTH_MAX = 4_000;
const clipped = (text: string) => (text.length <= KEPT_LENGTH_MAX ? text : `${text.slice(0, KEPT_LENGTH_MAX)}…`);

function running(clusters: Clusters, journal: Journal) {
  const { phase, nodes } = journal.picture();
  if (phase !== 'starting' && phase !== 'running') return null;
  try {
    const { session } = clusters;
    const live = nodes.filter((node) => node.engineWord === 'running');
    return { engine: session.engine, nodes: live.map((node) => session.state.ref(node.node, node.role)) };
  } catch {
    return null;
  }
}
