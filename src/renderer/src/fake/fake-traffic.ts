/** Beats, background requests and the samples made of them. */
import {
  SAMPLE_INTERVAL_MS,
  TRACES_PER_SAMPLE,
  type Sample,
  type Suspicion,
  type Trace,
} from '../../../../containers/protocol/stream.ts';
import { phi } from '../../../../containers/algorithms/phi-accrual.ts';
import { bucketOf } from '../../../../containers/algorithms/histogram.ts';
import type { SamplePush } from '../../../contract/contract.ts';
import type { FakeNode, FakeWorld, Monitor } from './fake-world.ts';

let traceNumber = 0;

function pick<T>(items: readonly T[]): T | undefined {
  return items[Math.floor(Math.random() * items.length)];
}

/** Log-normal, so that the tail looks like a real one; milliseconds. */
function serviceMs(medianMs: number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
  return medianMs * Math.exp(0.55 * normal);
}

/** One task through the master: counters, latency, a trace. Returns who did it and how long it took. */
export function runTask(world: FakeWorld): { worker: string | null; tookMs: number } {
  const worker = pick(world.elastic.takers())?.node ?? null;
  const tookMs = serviceMs(1.6);
  const atMs = Date.now() - tookMs;
  world.count('client', 'master', worker !== null);
  if (worker) world.count('master', worker);
  world.observed.master.latencies.push(['task-sync', tookMs * 1_000]);
  const hops = [{ from: 'client', to: 'master', startMs: atMs, endMs: atMs + tookMs }];
  if (worker) hops.push({ from: 'master', to: worker, startMs: atMs + tookMs * 0.2, endMs: atMs + tookMs * 0.9 });
  const outcome = worker === null ? 'error' : 'ok';
  addTrace(world, 'master', { series: 'task-sync', atMs, durationMs: tookMs, outcome, hops }, worker);
  return { worker, tookMs };
}

/** One record operation through the headnode. Returns the replicas that took part. */
export function runRecord(world: FakeWorld, series: 'record-put' | 'record-get', replicas: string[]): number {
  const tookMs = serviceMs(series === 'record-put' ? 5.2 : 1.1);
  const atMs = Date.now() - tookMs;
  world.count('client', 'headnode');
  world.observed.headnode.latencies.push([series, tookMs * 1_000]);
  const hops = [{ from: 'client', to: 'headnode', startMs: atMs, endMs: atMs + tookMs }];
  const [primary, ...others] = replicas;
  if (primary) {
    world.count('headnode', primary);
    hops.push({ from: 'headnode', to: primary, startMs: atMs + tookMs * 0.1, endMs: atMs + tookMs * 0.95 });
    for (const other of series === 'record-put' ? others : []) {
      world.count(primary, other);
      hops.push({ from: primary, to: other, startMs: atMs + tookMs * 0.3, endMs: atMs + tookMs * 0.8 });
    }
  }
  addTrace(world, 'headnode', { series, atMs, durationMs: tookMs, outcome: 'ok', hops });
  return tookMs;
}

/** `worker`: who was chosen for it, which is explained. */
function addTrace(world: FakeWorld, monitor: Monitor, trace: Omit<Trace, 'id'>, worker: string | null = null): void {
  traceNumber += 1;
  const { traces } = world.observed[monitor];
  if (traces.length >= TRACES_PER_SAMPLE) return;
  traces.push({ id: `trace-${traceNumber}`, ...trace, ...(worker !== null && { why: world.elastic.why(worker) }) });
}

/** Replicas by key, for as long as the datanodes are the same. */
const chosen = new WeakMap<readonly FakeNode[], Map<string, string[]>>();

export function chooseReplicas(world: FakeWorld, key: string): string[] {
  const datanodes = world.ready('datanode');
  const byKey = chosen.get(datanodes) ?? new Map<string, string[]>();
  chosen.set(datanodes, byKey);
  const known = byKey.get(key) ?? drawReplicas(datanodes, key);
  byKey.set(key, known);
  return [...known];
}

function drawReplicas(datanodes: readonly FakeNode[], key: string): string[] {
  const weight = (node: string): number =>
    Array.from(`${key}/${node}`).reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 9_973, 7);
  const nodes = datanodes.map((node) => node.node);
  return nodes.sort((a, b) => weight(a) - weight(b)).slice(0, 3);
}

const watcherOf = ({ role }: FakeNode): Monitor => (role === 'worker' ? 'master' : 'headnode');

function beat(world: FakeWorld, node: FakeNode, nowMs: number): void {
  if (node.nextBeatAtMs > nowMs || node.silentUntilMs > nowMs) return;
  const monitor = watcherOf(node);
  node.beatSeq += 1;
  world.observed[monitor].beats.push({
    node: node.node,
    incarnation: node.incarnation,
    seq: node.beatSeq,
    atMs: nowMs,
    gapMs: node.lastBeatAtMs === null ? null : nowMs - node.lastBeatAtMs,
    inFlight: Math.random() < 0.2 ? 1 : 0,
    eventLoopLagMs: Math.random() * 2,
    rssBytes: 21e6 + (node.incarnation % 997) * 2_000,
  });
  node.lastBeatAtMs = nowMs;
  const beatMs = world.detectors[monitor].heartbeatIntervalMs;
  node.nextBeatAtMs += beatMs + (Math.random() - 0.5) * 60;
  if (node.nextBeatAtMs < nowMs) node.nextBeatAtMs = nowMs + beatMs;
}

function suspicionOf(world: FakeWorld, node: FakeNode, nowMs: number): Suspicion {
  const { heartbeatIntervalMs: meanMs, pauseMs, sigmaMinMs: sigmaMs } = world.detectors[watcherOf(node)];
  const silentMs = nowMs - (node.lastBeatAtMs ?? nowMs);
  return {
    node: node.node,
    phiRoute: phi(silentMs, meanMs, sigmaMs),
    phiDead: phi(silentMs, meanMs + pauseMs, sigmaMs),
    lastBeatAgoMs: silentMs,
    meanMs,
    sigmaMs,
  };
}

function judge(world: FakeWorld, node: FakeNode, nowMs: number): void {
  const { phiRoute, lastBeatAgoMs: silentMs, meanMs, sigmaMs } = suspicionOf(world, node, nowMs);
  const threshold = world.detectors[watcherOf(node)].thresholdRoute;
  const suspect = phiRoute >= threshold;
  if (suspect === node.suspect) return;
  node.suspect = suspect;
  const { node: id, incarnation } = node;
  const judged = { threshold, pauseMs: 0, meanMs, sigmaMs };
  world.tell(
    node,
    suspect
      ? { type: 'member-suspect', node: id, incarnation, phi: phiRoute, silentMs, judged }
      : { type: 'member-trusted', node: id, incarnation },
  );
}

/** Lets the world live for one tick; call about ten times a second. */
export function live(world: FakeWorld, sinceLastMs: number): void {
  const nowMs = Date.now();
  for (const node of world.ready()) {
    if (node.role === 'master' || node.role === 'headnode') continue;
    beat(world, node, nowMs);
    judge(world, node, nowMs);
  }
  if (!world.running) return;
  const expected = (world.trafficPerSecond * sinceLastMs) / 1_000;
  for (let left = expected; left > 0; left -= 1) {
    if (Math.random() >= left) continue;
    if (Math.random() < 0.6) runTask(world);
    else
      runRecord(
        world,
        Math.random() < 0.4 ? 'record-put' : 'record-get',
        chooseReplicas(world, `r${Math.floor(Math.random() * 40)}`),
      );
  }
}

/** What `monitor` saw since the last call, as it would send it. */
export function takeSample(world: FakeWorld, monitor: Monitor): SamplePush {
  const seen = world.observed[monitor];
  const nowMs = Date.now();
  const buckets = new Map<Trace['series'], Map<number, number>>();
  for (const [series, microseconds] of seen.latencies) {
    const counts = buckets.get(series) ?? new Map<number, number>();
    const bucket = bucketOf(microseconds);
    counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
    buckets.set(series, counts);
  }
  const role = monitor === 'master' ? 'worker' : 'datanode';
  const sample: Sample = {
    atMs: nowMs,
    intervalMs: SAMPLE_INTERVAL_MS,
    beats: seen.beats.splice(0),
    suspicions: world.ready(role).map((node) => suspicionOf(world, node, nowMs)),
    edges: [...world.edges.values()]
      .filter((edge) => (monitor === 'master') === (edge.to === 'master' || edge.from === 'master'))
      .map((edge) => ({ ...edge })),
    latencies: [...buckets].map(([series, counts]) => ({ series, buckets: [...counts] })),
    traces: seen.traces.splice(0),
    gauges: {},
    detector: world.detectors[monitor],
    ...(monitor === 'master' && world.running ? world.elastic.sample() : {}),
  };
  seen.latencies.length = 0;
  return { monitor, receivedAtMs: nowMs, sample };
}
