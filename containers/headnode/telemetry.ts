/** What the headnode's samples and /metrics are made of. */
import { readPhi } from '../algorithms/phi-accrual.ts';
import { sumEdges } from '../gateway/edge-counts.ts';
import type { RecordGateway } from '../gateway/record-gateway.ts';
import type { Metrics } from '../kit/metrics.ts';
import type { Beat, EdgeCount, Sample, Suspicion } from '../protocol/stream.ts';
import { isOver } from './membership-core.ts';
import type { DatanodeHeartbeat } from './peers.ts';
import type { HeadnodeState } from './types.ts';

/** Beats between two samples; more than that only when nobody listens. */
const BEATS_MAX = 5_000;

type Told = { startedMs: number; edges: EdgeCount[]; records: number; valueBytes: number };

export class Telemetry {
  readonly #state: () => HeadnodeState;
  readonly #gateway: RecordGateway;
  readonly #metrics: Metrics;
  #beats: Beat[] = [];
  #sampledAtMs = 0;
  /** What each datanode last told of itself, in its present process. */
  readonly #told = new Map<string, Told>();
  /** Of its earlier processes, summed: what a node counted before it ended still happened. */
  #before: EdgeCount[] = [];

  constructor(options: { state: () => HeadnodeState; gateway: RecordGateway; metrics: Metrics }) {
    this.#state = options.state;
    this.#gateway = options.gateway;
    this.#metrics = options.metrics;
    this.#registerGauges();
  }

  beat(beat: Beat): void {
    if (this.#beats.length < BEATS_MAX) this.#beats.push(beat);
  }

  /** Takes a datanode's own counts. */
  heard(node: string, { startedMs, edges, records, valueBytes }: DatanodeHeartbeat): void {
    const told = this.#told.get(node);
    if (told !== undefined && told.startedMs !== startedMs) this.#keep(told.edges);
    this.#told.set(node, { startedMs, edges, records, valueBytes });
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
      gauges: this.#metrics.numbers(),
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
    metrics.gauge('replica_records', 'Live records, each copy counted', () => this.#sum(({ records }) => records));
    metrics.gauge('replica_bytes', 'Bytes of their values', () => this.#sum(({ valueBytes }) => valueBytes));
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
