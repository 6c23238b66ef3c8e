/** What the headnode's samples and /metrics are made of. */
import { readPhi } from '../algorithms/phi-accrual.ts';
import type { RecordGateway } from '../gateway/record-gateway.ts';
import type { Metrics } from '../kit/metrics.ts';
import type { Beat, EdgeCount, Sample, Suspicion } from '../protocol/stream.ts';
import { isOver } from './membership-core.ts';
import type { DatanodeHeartbeat } from './peers.ts';
import type { HeadnodeState } from './types.ts';

/** Beats between two samples; more than that only when nobody listens. */
const BEATS_MAX = 5_000;

type Told = { incarnation: number; counts: Map<string, EdgeCount>; records: number; valueBytes: number };

export class Telemetry {
  readonly #state: () => HeadnodeState;
  readonly #gateway: RecordGateway;
  readonly #metrics: Metrics;
  #beats: Beat[] = [];
  #sampledAtMs = 0;
  /** What each datanode last told of itself, in its present process. */
  readonly #told = new Map<string, Told>();
  /** Of its earlier processes, summed: what a node counted before it ended still happened. */
  readonly #before = new Map<string, EdgeCount>();

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
  heard(node: string, { incarnation, edges, records, valueBytes }: DatanodeHeartbeat): void {
    const told = this.#told.get(node);
    if (told !== undefined && told.incarnation !== incarnation) this.#keep(told.counts);
    const counts = new Map(edges.map((edge) => [`${edge.from} ${edge.to}`, edge]));
    this.#told.set(node, { incarnation, counts, records, valueBytes });
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
    const sums = new Map([...this.#before].map(([name, edge]) => [name, { ...edge }]));
    for (const { counts } of this.#told.values()) for (const [name, edge] of counts) addTo(sums, name, edge);
    return [...this.#gateway.edges(), ...sums.values()];
  }

  /** A process is gone: what it had in flight failed. */
  #keep(counts: ReadonlyMap<string, EdgeCount>): void {
    for (const [name, edge] of counts) {
      addTo(this.#before, name, { ...edge, failed: edge.failed + edge.inFlight, inFlight: 0 });
    }
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

function addTo(sums: Map<string, EdgeCount>, name: string, edge: EdgeCount): void {
  const sum = sums.get(name);
  if (sum === undefined) {
    sums.set(name, { ...edge });
    return;
  }
  sum.sent += edge.sent;
  sum.ok += edge.ok;
  sum.failed += edge.failed;
  sum.inFlight += edge.inFlight;
}
