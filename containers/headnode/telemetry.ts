/** What the headnode's samples and /metrics are made of. */
import { parametersOf } from '../algorithms/detector-parameters.ts';
import { readPhi } from '../algorithms/phi-accrual.ts';
import { sumEdges } from '../gateway/edge-counts.ts';
import type { RecordGateway } from '../gateway/record-gateway.ts';
import { GuestSteps } from '../kit/guest-steps.ts';
import type { Metrics } from '../kit/metrics.ts';
import type { Beat, EdgeCount, Recovery, Sample, Suspicion } from '../protocol/stream.ts';
import { isOver } from './membership-core.ts';
import type { DatanodeHeartbeat } from './peers.ts';
import type { HeadnodeState } from './types.ts';

/** Beats between two samples; more than that only when nobody listens. */
const BEATS_MAX = 5_000;

type Told = Pick<DatanodeHeartbeat, 'startedMs' | 'edges' | 'records' | 'valueBytes' | 'led'>;

export class Telemetry {
  readonly guestSteps = new GuestSteps();
  readonly #state: () => HeadnodeState;
  readonly #gateway: RecordGateway;
  readonly #metrics: Metrics;
  readonly #nowMs: () => number;
  #beats: Beat[] = [];
  #sampledAtMs = 0;
  /** What each datanode last told of itself, in its present process. */
  readonly #told = new Map<string, Told>();
  /** Live records of each shard and bytes of their values, as its primary last told. */
  readonly #held = new Map<number, { records: number; bytes: number }>();
  /** Of its earlier processes, summed: what a node counted before it ended still happened. */
  #before: EdgeCount[] = [];

  constructor(options: { state: () => HeadnodeState; gateway: RecordGateway; metrics: Metrics; nowMs: () => number }) {
    this.#nowMs = options.nowMs;
    this.#state = options.state;
    this.#gateway = options.gateway;
    this.#metrics = options.metrics;
    this.#registerGauges();
  }

  beat(beat: Beat): void {
    if (this.#beats.length < BEATS_MAX) this.#beats.push(beat);
  }

  /** Takes a datanode's own counts. */
  heard(node: string, { startedMs, edges, records, valueBytes, led }: DatanodeHeartbeat): void {
    const told = this.#told.get(node);
    if (told !== undefined && told.startedMs !== startedMs) this.#keep(told.edges);
    this.#told.set(node, { startedMs, edges, records, valueBytes, led });
    for (const [shard, records, bytes] of led) this.#held.set(shard, { records, bytes });
  }

  /** Everything since the last sample. */
  sample(nowMs: number): Sample {
    const sample: Sample = {
      atMs: nowMs,
      intervalMs: this.#sampledAtMs === 0 ? 0 : nowMs - this.#sampledAtMs,
      beats: this.#beats,
      suspicions: this.#suspicions(nowMs),
      edges: this.#edges(),
      ...this.#gateway.take(),
      ...this.guestSteps.take(),
      gauges: this.#metrics.numbers(),
      detector: parametersOf(this.#state().settings.phi),
      ...this.#recovery(),
    };
    this.#beats = [];
    this.#sampledAtMs = nowMs;
    return sample;
  }

  #suspicions(nowMs: number): Suspicion[] {
    const { members, settings } = this.#state();
    return [...members.values()]
      .filter((member) => !isOver(member))
      .map(({ node, detector }) => ({ node, ...readPhi(detector, nowMs, settings.phi) }));
  }

  #edges(): EdgeCount[] {
    const now = [...this.#told.values()].flatMap(({ edges }) => edges);
    return sumEdges([...this.#gateway.edges(), ...this.#before, ...now]);
  }

  /** A process is gone: what it had in flight failed. */
  #keep(edges: readonly EdgeCount[]): void {
    const ended = edges.map((edge) => ({ ...edge, failed: edge.failed + edge.inFlight, inFlight: 0 }));
    this.#before = sumEdges([...this.#before, ...ended]);
  }

  #registerGauges(): void {
    const metrics = this.#metrics;
    const count = (name: string, help: string, read: (state: HeadnodeState) => number): void =>
      metrics.gauge(name, help, () => read(this.#state()));
    count(
      'datanodes_ready',
      'Datanodes that may hold copies',
      ({ members }) => [...members.values()].filter(({ health }) => health === 'ready').length,
    );
    count('shards', 'Shards', ({ views }) => views.size);
    count(
      'shards_short',
      'Shards with fewer copies than wanted',
      ({ views, settings }) => [...views.values()].filter(({ members }) => members.length < settings.replicas).length,
    );
    count(
      'shards_without_primary',
      'Shards that nobody serves',
      ({ views }) => [...views.values()].filter(({ primary }) => primary === null).length,
    );
    count('repairs_running', 'Copies on their way', ({ joins }) => joins.size);
    count('repair_bytes_remaining', 'Bytes of values still to be copied', (state) => this.#remaining(state) ?? 0);
    count('exposure_seconds', 'How long the shard that waits longest has had too few copies', ({ shortSinceMs }) =>
      shortSinceMs.size === 0 ? 0 : Math.max(0, this.#nowMs() - Math.min(...shortSinceMs.values())) / 1_000,
    );
    count(
      'shards_lost',
      'Shards of which nobody has a copy',
      ({ views }) => [...views.values()].filter(({ members }) => members.length === 0).length,
    );
    count('views_lost', 'Whether the headnode lost its disk and waits for block reports', ({ isLogLost }) =>
      isLogLost ? 1 : 0,
    );
    metrics.gauge('records', 'Live records, each counted once', () => sumOf(this.#held, ({ records }) => records));
    metrics.gauge('record_bytes', 'Bytes of their values', () => sumOf(this.#held, ({ bytes }) => bytes));
    metrics.gauge('replica_records', 'Live records, each copy counted', () => this.#sum(({ records }) => records));
    metrics.gauge('replica_bytes', 'Bytes of their values', () => this.#sum(({ valueBytes }) => valueBytes));
  }

  #recovery(): { recovery: Recovery } | null {
    const state = this.#state();
    if (state.joins.size === 0 && state.shortSinceMs.size === 0) return null;
    const running = [...state.joins.values()].map(({ repair, sentBytes, totalBytes }): Recovery['running'][number] => [
      repair,
      sentBytes,
      totalBytes,
    ]);
    return { recovery: { bytesRemaining: this.#remaining(state), running } };
  }

  /** What each missing copy amounts to, less what was sent of those on their way; null when a shard's size is not known. */
  #remaining({ views, settings, joins }: HeadnodeState): number | null {
    let bytes = 0;
    for (const { shard, members } of views.values()) {
      const join = joins.get(shard);
      const missing = Math.max(join === undefined ? 0 : 1, settings.replicas - members.length);
      if (missing === 0) continue;
      const size = join?.totalBytes ?? this.#held.get(shard)?.bytes;
      if (size === undefined) return null;
      bytes += Math.max(0, missing * size - (join?.sentBytes ?? 0));
    }
    return bytes;
  }

  #sum(read: (told: Told) => number): number {
    const { members } = this.#state();
    let sum = 0;
    for (const [node, told] of this.#told) {
      const member = members.get(node);
      if (member !== undefined && !isOver(member)) sum += read(told);
    }
    return sum;
  }
}

function sumOf<Value>(values: ReadonlyMap<number, Value>, read: (value: Value) => number): number {
  let sum = 0;
  for (const value of values.values()) sum += read(value);
  return sum;
}
