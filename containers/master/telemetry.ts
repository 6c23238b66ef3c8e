/** Turns what the core reports into samples of the stream and into /metrics. */
import { parametersOf } from '../algorithms/detector-parameters.ts';
import { readPhi } from '../algorithms/phi-accrual.ts';
import { sumEdges } from '../gateway/edge-counts.ts';
import type { RecordGateway } from '../gateway/record-gateway.ts';
import { GuestSteps } from '../kit/guest-steps.ts';
import { createLatencyRecorder } from '../kit/latency-recorder.ts';
import { TraceSampler } from '../kit/trace-sampler.ts';
import type { Counter, Metrics } from '../kit/metrics.ts';
import type { Random } from '../protocol/step.ts';
import { TRACES_PER_SAMPLE } from '../protocol/stream.ts';
import type { Beat, Sample, Suspicion, Trace } from '../protocol/stream.ts';
import type { BatchEvent } from '../protocol/tasks.ts';
import { balancerState, workerLoads } from './balancing/balancer-view.ts';
import type { Finished, MasterState } from './core-types.ts';
import { CLIENT, edgeCounts } from './counters.ts';
import { isGone } from './membership.ts';
import { scalingPicture } from './scaling/scaling-core.ts';
import { commitTrace, isAsked, taskTrace } from './task-trace.ts';
import type { TaskSpec } from './task-row.ts';
import { depth } from './task-queue.ts';

/** Beats kept while nobody takes samples are worth nothing; this many fit one sample. */
const BEATS_PER_SAMPLE_MAX = 5_000;
const LATENCY_BUCKETS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export class Telemetry {
  readonly guestSteps = new GuestSteps();
  readonly #node: string;
  readonly #state: () => MasterState;
  readonly #metrics: Metrics;
  readonly #random: Random;
  readonly #records: RecordGateway | null;
  readonly #latencies = createLatencyRecorder();
  readonly #sampler: TraceSampler;
  readonly #durations;
  readonly #totals: { counter: Counter; read: (state: MasterState) => number; told: number }[] = [];
  /** Kept by line mode itself. */
  readonly lineCounts = { connections: 0, answered: 0 };
  #beats: Beat[] = [];
  #traces: Trace[] = [];
  #finishedSinceSample = 0;
  #sampledAtMs = 0;
  #batchesTold = 0;
  readonly #dispatchedBefore = new Map<string, number>();

  constructor(options: {
    node: string;
    state: () => MasterState;
    metrics: Metrics;
    random: Random;
    records: RecordGateway | null;
  }) {
    this.#node = options.node;
    this.#state = options.state;
    this.#metrics = options.metrics;
    this.#random = options.random;
    this.#records = options.records;
    this.#sampler = new TraceSampler(options.random);
    const durations = options.metrics.histogram(
      'task_duration_seconds',
      'From acceptance to the final outcome, by lane',
      LATENCY_BUCKETS_S,
    );
    this.#durations = {
      sync: durations.labelled({ lane: 'sync' }),
      durable: durations.labelled({ lane: 'durable' }),
    };
    this.#registerTotals();
    this.#registerGauges();
  }

  beat(beat: Beat): void {
    if (this.#beats.length < BEATS_PER_SAMPLE_MAX) this.#beats.push(beat);
  }

  finished(finished: Finished): void {
    const durationMs = finished.finishedAtMs - finished.acceptedAtMs;
    const { series, kind, worker, leasedAtMs, finishedAtMs } = finished;
    this.#latencies.record(series, durationMs, kind);
    if (worker !== null) this.#latencies.recordAt(worker, series, finishedAtMs - leasedAtMs, kind);
    this.#durations[finished.series === 'task-sync' ? 'sync' : 'durable'].observe(durationMs / 1_000);
    this.#maybeTrace(finished, durationMs);
    const { outcome, row } = finished;
    const because = this.#sampler.choose(series, durationMs, outcome === 'error', isAsked(row));
    if (because !== null) this.#sampler.keep(taskTrace(finished, this.#node, because));
  }

  /** A task was made durable while its client, who keeps the trace, waited. */
  committed(spec: TaskSpec, startMs: number, endMs: number): void {
    if (this.#sampler.choose('task-durable', endMs - startMs, false, true) === null) return;
    this.#sampler.keep(commitTrace(spec, this.#node, startMs, endMs));
  }

  /** Everything since the last sample. */
  sample(nowMs: number): Sample {
    const state = this.#state();
    this.#syncTotals(state);
    const records = this.#records?.take() ?? { latencies: [], nodeLatencies: [], traces: [], kept: [] };
    const own = this.#latencies.take();
    const sample: Sample = {
      atMs: nowMs,
      intervalMs: this.#sampledAtMs === 0 ? 0 : nowMs - this.#sampledAtMs,
      beats: this.#beats,
      suspicions: suspicionsOf(state, nowMs),
      edges: sumEdges([...edgeCounts(state.counters, this.#node), ...(this.#records?.edges() ?? [])]),
      latencies: [...own.latencies, ...records.latencies],
      nodeLatencies: [...own.nodeLatencies, ...records.nodeLatencies],
      traces: thinOut([...this.#traces, ...records.traces]),
      kept: [...this.#sampler.take(own.latencies), ...records.kept],
      gauges: this.#metrics.numbers(),
      detector: parametersOf(state.settings.phi),
      batches: this.endedBatches(this.#batchesTold),
      lines: { ...state.settings.lineMode, ...this.lineCounts },
      workers: workerLoads(state, nowMs, this.#dispatchedBefore),
      balancer: balancerState(state, nowMs),
      ...this.guestSteps.take(),
      autoscaler: scalingPicture(state, nowMs),
    };
    this.#batchesTold = state.queue.toldEvent;
    this.#beats = [];
    this.#traces = [];
    this.#finishedSinceSample = 0;
    this.#sampledAtMs = nowMs;
    return sample;
  }

  /** Ends of batches that are durable, with numbers above `after`. */
  endedBatches(after: number): BatchEvent[] {
    const { events, toldEvent } = this.#state().queue;
    return events.filter(({ number }) => number > after && number <= toldEvent);
  }

  renderMetrics(): string {
    this.#syncTotals(this.#state());
    return this.#metrics.render();
  }

  /**
   * Reservoir sampling: every task finished since the last sample has the same chance to be shown, but those
   * whose way was explained (evenly chosen too, at their dispatch) go before the others.
   */
  #maybeTrace(finished: Finished, durationMs: number): void {
    this.#finishedSinceSample++;
    if (this.#traces.length < TRACES_PER_SAMPLE) {
      this.#traces.push(this.#traceOf(finished, durationMs));
      return;
    }
    const isExplained = finished.why !== undefined;
    const range = isExplained ? TRACES_PER_SAMPLE : this.#finishedSinceSample;
    const at = Math.floor(this.#random() * range);
    if (at < TRACES_PER_SAMPLE && (isExplained || this.#traces[at]?.why === undefined))
      this.#traces[at] = this.#traceOf(finished, durationMs);
  }

  #traceOf(
    { task, series, acceptedAtMs, leasedAtMs, finishedAtMs, worker, outcome, why }: Finished,
    durationMs: number,
  ): Trace {
    const hops: Trace['hops'] = [{ from: CLIENT, to: this.#node, startMs: acceptedAtMs, endMs: leasedAtMs }];
    if (worker !== null) hops.push({ from: this.#node, to: worker, startMs: leasedAtMs, endMs: finishedAtMs });
    return { id: task, series, atMs: acceptedAtMs, durationMs, outcome, hops, ...(why !== undefined && { why }) };
  }

  #registerTotals(): void {
    const total = (name: string, help: string, read: (state: MasterState) => number): void => {
      this.#totals.push({ counter: this.#metrics.counter(name, help), read, told: 0 });
    };
    total(
      'tasks_accepted_total',
      'Tasks accepted, those found unfinished at the start included',
      (s) => s.counters.accepted,
    );
    total('tasks_done_total', 'Tasks that ended with a result', (s) => s.counters.done);
    total('tasks_failed_total', 'Tasks that ended without a result', (s) => s.counters.failed);
    total('tasks_handed_over_total', 'Tasks of orders that an external master fetched', (s) => s.counters.handedOver);
    total('tasks_retried_total', 'Attempts that ended without a final outcome', (s) => s.counters.retried);
    total('leases_lost_total', 'Leases that ended without word from their worker', (s) => s.counters.leasesLost);
    total('stale_results_total', 'Results refused because the lease had passed on', (s) => s.counters.staleResults);
    total('batches_ended_total', 'Batches that came to their end, ever', (s) => s.queue.toldEvent);
    total('requests_shed_total', 'Requests refused because of an overload', (s) => s.counters.shed);
    total('requests_retried_total', 'Requests given to a second worker', (s) => s.counters.requestRetries);
    total('deadlines_missed_total', 'Requests not answered in their time', (s) => s.counters.deadlineMissed);
    total('ejections_total', 'How often a worker was put aside for its errors', (s) => s.counters.ejections);
    total('heartbeats_total', 'Heartbeats taken', (s) => s.counters.heartbeats);
  }

  #registerGauges(): void {
    const gauge = (name: string, help: string, read: (state: MasterState) => number): void =>
      this.#metrics.gauge(name, help, () => read(this.#state()));
    gauge('queue_depth', 'Tasks that wait for a worker', (s) => depth(s.queue).waiting);
    gauge('batches_open', 'Batches that have not ended', (s) => {
      let open = 0;
      for (const { endedAtMs } of s.queue.batches.values()) if (endedAtMs === null) open++;
      return open;
    });
    gauge('in_flight', 'Tasks that a worker has', (s) => depth(s.queue).inFlight);
    gauge('tasks_kept', 'Tasks in memory, finished ones included', (s) => s.queue.rows.size);
    gauge(
      'workers_ready',
      'Workers that take work',
      (s) => [...s.membership.members.values()].filter(({ health }) => health === 'ready').length,
    );
  }

  #syncTotals(state: MasterState): void {
    for (const total of this.#totals) {
      const value = total.read(state);
      if (value > total.told) total.counter.inc(value - total.told);
      total.told = value;
    }
  }
}

/** Every n-th, so that at most as many are left as a sample holds. */
function thinOut(traces: Trace[]): Trace[] {
  const every = Math.ceil(traces.length / TRACES_PER_SAMPLE);
  return every <= 1 ? traces : traces.filter((_, at) => at % every === 0);
}

function suspicionsOf({ membership, settings }: MasterState, nowMs: number): Suspicion[] {
  return [...membership.members.values()]
    .filter((member) => !isGone(member) && member.guest === null)
    .map(({ node, detector }) => ({ node, ...readPhi(detector, nowMs, settings.phi) }));
}
