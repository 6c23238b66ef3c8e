/** The contract, answered by a fake world. */
import { OrreryError } from '../../../../containers/protocol/errors.ts';
import { SAMPLE_INTERVAL_MS } from '../../../../containers/protocol/stream.ts';
import { EMPTY_PICTURE } from '../../../core/cluster-picture.ts';
import type {
  ClusterOptions,
  Handlers,
  HostInfo,
  LogPush,
  NodeOutcome,
  NodeUsage,
  ProgressState,
} from '../../../contract/contract.ts';
import type { JournalEvent, NotableRequest } from '../../../core/journal.ts';
import { subscribe } from './async-queue.ts';
import { evaluate } from './expression.ts';
import { createFakeHistory } from './fake-latency.ts';
import { elasticHandlers } from './fake-elastic.ts';
import { faultHandlers } from './fake-faults.ts';
import { loadHandlers } from './fake-load.ts';
import { startCluster } from './fake-scenes.ts';
import { taskHandlers } from './fake-tasks.ts';
import { chooseReplicas, runRecord, runTask } from './fake-traffic.ts';
import type { FakeWorld } from './fake-world.ts';
import { weatherHandlers } from './fake-weather.ts';

const MASTER = 'http://127.0.0.1:41000';
const HOST: HostInfo = {
  host: 'web',
  version: '0.1.0',
  platform: 'linux x64',
  dataFolder: '/home/ada/.local/share/orrery',
};

function note(world: FakeWorld, request: Omit<NotableRequest, 'id'>): NotableRequest {
  const made = { id: `req-${world.requests.length + 1}`, ...request };
  world.requests.push(made);
  world.record({ type: 'request-sent', request: made });
  return made;
}

function calculate(world: FakeWorld, expression: string): NotableRequest {
  const { worker, tookMs } = runTask(world);
  const curl = `curl -s ${MASTER}/submit-task -H 'content-type: application/json' -d '${JSON.stringify({ payload: expression })}'`;
  const base = { kind: 'calculate' as const, subject: expression, worker, replicas: [], tookMs, curl };
  try {
    if (!worker) throw new OrreryError('no-worker');
    return note(world, { ...base, outcome: 'ok', answer: String(evaluate(expression)) });
  } catch (thrown) {
    return note(world, { ...base, outcome: 'error', answer: thrown instanceof Error ? thrown.message : '' });
  }
}

function recordHandlers(
  world: FakeWorld,
): Pick<Handlers, 'records.put' | 'records.get' | 'records.delete' | 'records.list'> {
  const request = (
    kind: NotableRequest['kind'],
    key: string,
    replicas: string[],
    answer: string,
    tookMs = 2,
  ): NotableRequest =>
    note(world, {
      kind,
      subject: key,
      outcome: 'ok',
      answer,
      worker: null,
      replicas,
      tookMs,
      curl: `curl -s ${MASTER}/records/${key}`,
    });
  return {
    'records.put': async ({ key, value }) => {
      const replicas = chooseReplicas(world, key);
      if (replicas.length < 2) throw new OrreryError('too-few-replicas', { have: replicas.length, need: 2 });
      const version = (world.records.get(key)?.version ?? 0) + 1;
      world.records.set(key, { key, value, version, replicas, updatedAt: new Date().toISOString() });
      return request('record-put', key, replicas, `version ${version}`, runRecord(world, 'record-put', replicas));
    },
    'records.get': async ({ key }) => {
      const record = world.records.get(key);
      const replicas = chooseReplicas(world, key);
      const sent = request('record-get', key, replicas, record?.value ?? '', runRecord(world, 'record-get', replicas));
      return { ...sent, record: record ? { ...record, replicas, contentType: 'text/plain' } : null };
    },
    'records.delete': async ({ key }) => {
      const record = world.records.get(key);
      if (!record) throw new OrreryError('not-found', { what: `Record ${key}` });
      world.records.delete(key);
      return request('record-delete', key, record.replicas, 'deleted');
    },
    'records.list': async ({ prefix, contains, after, limit }) => {
      const keys = [...world.records.keys()]
        .filter((key) => key.startsWith(prefix) && key.includes(contains) && key > (after ?? ''))
        .sort();
      const records = keys.slice(0, limit).flatMap((key) => {
        const record = world.records.get(key);
        return record ? [{ ...record, size: record.value.length, contentType: 'text/plain' }] : [];
      });
      return { records, next: keys.length > limit ? (records.at(-1)?.key ?? null) : null };
    },
  };
}

const forEach = (nodes: string[], act: (node: string) => void): NodeOutcome[] =>
  nodes.map((node) => {
    act(node);
    return { node, ok: true };
  });

function nodeHandlers(
  world: FakeWorld,
): Pick<Handlers, 'nodes.spawn' | 'nodes.kill' | 'nodes.remove' | 'nodes.respawn' | 'nodes.hold-down'> {
  return {
    'nodes.spawn': async ({ role, count }) => ({
      nodes: Array.from({ length: count }, () => world.add(role, 600 + Math.random() * 500)),
    }),
    'nodes.kill': async ({ nodes }) => forEach(nodes, (node) => world.end(node, 'killed')),
    'nodes.remove': async ({ nodes }) => forEach(nodes, (node) => world.remove(node)),
    'nodes.respawn': async ({ nodes }) =>
      forEach(nodes, (node) => {
        const old = world.nodes.get(node);
        world.record({ type: 'node-respawn-asked', node, by: 'user' });
        if (old) world.boot(node, old.role, 700);
      }),
    'nodes.hold-down': async ({ node, held }) => {
      world.record({ type: 'node-held-down', node, held, by: 'user' });
      return { node, ok: true };
    },
  };
}

function every<T>(intervalMs: number, make: () => T, signal: AbortSignal): AsyncGenerator<T> {
  return subscribe<T>((push) => {
    const timer = setInterval(() => push(make()), intervalMs);
    return () => clearInterval(timer);
  }, signal);
}

function usage(world: FakeWorld): NodeUsage[] {
  return world.ready().map((node) => ({
    node: node.node,
    atMs: Date.now(),
    cpuShare: 0.004 + Math.random() * 0.03,
    memoryBytes: (node.role === 'worker' ? 21e6 : 32e6) + Math.random() * 4e5,
  }));
}

function logLine(node: string): LogPush {
  const atMs = Date.now();
  const text =
    Math.random() < 0.15
      ? `warn ${node} heartbeat late lag=${(Math.random() * 40).toFixed(1)}ms`
      : `info ${node} task done id=t-${Math.floor(Math.random() * 1e4)} took=${(Math.random() * 4).toFixed(2)}ms`;
  return {
    atMs,
    stream: text.startsWith('warn') ? 'stderr' : 'stdout',
    text: `${new Date(atMs).toISOString()} ${text}`,
  };
}

function streamHandlers(
  world: FakeWorld,
  sample: ReturnType<typeof createFakeHistory>['sample'],
): Pick<Handlers, 'cluster.progress' | 'nodes.logs' | 'nodes.usage' | 'journal.follow' | 'samples.follow'> {
  return {
    'cluster.progress': (_input, signal) =>
      every<ProgressState>(
        400,
        () => {
          const waiting = [...world.nodes.values()].filter((node) => node.state === 'starting').length;
          if (waiting === 0 || world.running) return null;
          return { step: 'starting nodes', done: world.nodes.size - waiting, total: world.nodes.size };
        },
        signal,
      ),
    'nodes.logs': ({ node }, signal) =>
      subscribe<LogPush>((push) => {
        for (let count = 0; count < 30; count += 1) push(logLine(node));
        const timer = setInterval(() => push(logLine(node)), 700);
        return () => clearInterval(timer);
      }, signal),
    'nodes.usage': (_input, signal) => every(1_000, () => usage(world), signal),
    'journal.follow': ({ afterSeq }, signal) =>
      subscribe<JournalEvent[]>((push) => world.follow(afterSeq ?? 0, push), signal),
    'samples.follow': (_input, signal) =>
      every(SAMPLE_INTERVAL_MS, () => [sample(world, 'master'), sample(world, 'headnode')], signal),
  };
}

/** What the pages of today ask for; anything else is answered with not-found. */
export function createFakeHandlers(world: FakeWorld): Partial<Handlers> {
  const settings: Record<string, unknown> = {};
  const history = createFakeHistory();
  return {
    ...nodeHandlers(world),
    ...recordHandlers(world),
    ...streamHandlers(world, history.sample),
    ...history.handlers,
    ...weatherHandlers(world),
    ...loadHandlers(world),
    ...taskHandlers(world),
    ...faultHandlers(world),
    ...elasticHandlers(world),
    'host.info': async () => HOST,
    'host.preflight': async () => ({
      cpus: 2,
      memoryBytes: 8 * 1_073_741_824,
      engine: 'Docker 27.3.1',
      image: { present: true, bytes: 120_000_000 },
      offer: { workers: 1, datanodes: 2, small: true },
    }),
    'host.doctor': async () => [
      { id: 'docker', ok: true, found: 'Docker 27.3.1 at unix:///var/run/docker.sock', fix: null },
      { id: 'ports', ok: true, found: '41000 to 41099 are free', fix: null },
      {
        id: 'disk',
        ok: false,
        found: '0.4 GB free in the data folder',
        fix: 'Free some space: a cluster needs about 1 GB.',
      },
      { id: 'memory', ok: 'unknown', found: 'the engine does not tell', fix: null },
    ],
    async *'course.log'() {
      yield '';
    },
    'cluster.export': async ({ format }) => [{ name: `${format}.yaml`, text: '# the cluster of the fake\n' }],
    'cluster.start': async (options: ClusterOptions) => {
      startCluster(world, options, 1_400);
      return { cluster: 'k7f2' };
    },
    'cluster.stop': async ({ keepAs }) => {
      world.record({ type: 'cluster-stopping', keepVolumes: keepAs !== null });
      world.clear();
      await new Promise((resolve) => setTimeout(resolve, 900));
      const left = { nodes: 0, networks: 0, volumes: keepAs === null ? 0 : 5 };
      world.record({ type: 'cluster-stopped', left });
      return { left };
    },
    'cluster.kept': async () => [],
    'cluster.picture': async () => EMPTY_PICTURE,
    'tasks.calculate': async ({ expression }) => calculate(world, expression),
    'journal.page': async ({ beforeSeq, limit }) =>
      world.events
        .filter((event) => event.seq < (beforeSeq ?? Infinity))
        .slice(-limit)
        .toReversed(),
    'traces.list': async () => [],
    'traces.read': async () => [],
    'journal.between': async ({ fromMs, toMs, limit }) =>
      world.events.filter(({ atMs }) => atMs >= fromMs && atMs < toMs).slice(-limit),
    'settings.read': async () => settings,
    'settings.write': async ({ name, value }) => {
      settings[name] = value;
      return null;
    },
  };
}
