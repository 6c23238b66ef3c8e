/** Counts, times and samples the requests that come in over HTTP. */
import { createLatencyRecorder } from '../kit/latency-recorder.ts';
import type { Metrics } from '../kit/metrics.ts';
import type { Clock } from '../kit/ports.ts';
import type { Random } from '../protocol/step.ts';
import { TRACES_PER_SAMPLE } from '../protocol/stream.ts';
import type { EdgeCount, LatencyBatch, LatencySeries, NodeLatencyBatch, Trace } from '../protocol/stream.ts';
import type { RequestTrace } from './routing-client.ts';

/** The world outside, as edges name it. */
export const CLIENT = 'client';

export type RecordSeries = Extract<LatencySeries, `record-${string}`>;
/** Ends a request that was begun. `unknown`: it may have happened. */
export type EndRequest = (outcome: 'ok' | 'error' | 'unknown', trace: RequestTrace) => void;

export class RequestWatch {
  readonly #options: { node: string; clock: Clock; random: Random; metrics: Metrics };
  readonly #latencies = createLatencyRecorder();
  readonly #counter;
  readonly #edge: EdgeCount;
  #traces: Trace[] = [];
  #ended = 0;
  #lastId = 0;

  constructor(options: { node: string; clock: Clock; random: Random; metrics: Metrics }) {
    this.#options = options;
    this.#counter = options.metrics.counter('record_requests_total', 'Requests for records by kind and outcome');
    this.#edge = { from: CLIENT, to: options.node, sent: 0, ok: 0, failed: 0, inFlight: 0 };
  }

  begin(series: RecordSeries): EndRequest {
    const { clock } = this.#options;
    const atMs = clock.nowMs();
    const startedMs = clock.monotonicMs();
    this.#edge.sent += 1;
    this.#edge.inFlight += 1;
    return (outcome, trace) => {
      const durationMs = clock.monotonicMs() - startedMs;
      this.#edge.inFlight -= 1;
      if (outcome === 'ok') this.#edge.ok += 1;
      else this.#edge.failed += 1;
      this.#latencies.record(series, durationMs);
      for (const { to, startMs, endMs } of trace.hops) this.#latencies.recordAt(to, series, endMs - startMs);
      this.#counter.inc(1, { kind: series, outcome });
      this.#sample(series, outcome, atMs, durationMs, trace);
    };
  }

  /** From the outside to this node. */
  edge(): EdgeCount {
    return { ...this.#edge };
  }

  /** What ended since the last call. */
  take(): { latencies: LatencyBatch[]; nodeLatencies: NodeLatencyBatch[]; traces: Trace[] } {
    const taken = { ...this.#latencies.take(), traces: this.#traces };
    this.#traces = [];
    this.#ended = 0;
    return taken;
  }

  /** Reservoir sampling: every request since the last sample has the same chance to be drawn. */
  #sample(
    series: RecordSeries,
    outcome: 'ok' | 'error' | 'unknown',
    atMs: number,
    durationMs: number,
    trace: RequestTrace,
  ): void {
    this.#ended += 1;
    const at =
      this.#traces.length < TRACES_PER_SAMPLE ? this.#traces.length : Math.floor(this.#options.random() * this.#ended);
    if (at >= TRACES_PER_SAMPLE) return;
    this.#lastId += 1;
    this.#traces[at] = {
      id: `${this.#options.node}/${this.#lastId}`,
      series,
      atMs,
      durationMs,
      outcome: outcome === 'ok' && trace.attempts > 1 && series !== 'record-list' ? 'retried' : outcome,
      hops: [{ from: CLIENT, to: this.#options.node, startMs: atMs, endMs: atMs + durationMs }, ...trace.hops],
    };
  }
}
