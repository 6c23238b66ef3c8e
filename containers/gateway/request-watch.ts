/** Counts, times and samples the requests that come in over HTTP. */
import { createLatencyRecorder } from '../kit/latency-recorder.ts';
import { readTraceparent, spanIdOf, traceIdOf } from '../algorithms/trace-context.ts';
import type { TraceContext } from '../algorithms/trace-context.ts';
import { TraceSampler } from '../kit/trace-sampler.ts';
import type { Metrics } from '../kit/metrics.ts';
import type { Clock } from '../kit/ports.ts';
import type { Random } from '../protocol/step.ts';
import { TRACES_PER_SAMPLE } from '../protocol/stream.ts';
import type { KeptBecause, Span, TracePart } from '../protocol/traces.ts';
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
  readonly #sampler: TraceSampler;
  #traces: Trace[] = [];
  #ended = 0;
  #lastId = 0;

  constructor(options: { node: string; clock: Clock; random: Random; metrics: Metrics }) {
    this.#options = options;
    this.#sampler = new TraceSampler(options.random);
    this.#counter = options.metrics.counter('record_requests_total', 'Requests for records by kind and outcome');
    this.#edge = { from: CLIENT, to: options.node, sent: 0, ok: 0, failed: 0, inFlight: 0 };
  }

  /** `traceparent` as it came; `subject`: the key, or what was asked for. */
  begin(series: RecordSeries, { traceparent, subject }: { traceparent?: unknown; subject: string }): EndRequest {
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
      for (const { from, to, startMs, endMs } of trace.hops)
        if (from !== to) this.#latencies.recordAt(to, series, endMs - startMs);
      this.#counter.inc(1, { kind: series, outcome });
      this.#sample(series, outcome, atMs, durationMs, trace);
      const context = traceparent === undefined ? null : readTraceparent(traceparent);
      const because = this.#sampler.choose(series, durationMs, outcome !== 'ok', context?.sampled === true);
      if (because === null) return;
      const told = { series, subject, outcome, atMs, durationMs, hops: trace.hops };
      this.#sampler.keep(this.#partOf(told, context, because));
    };
  }

  /** From the outside to this node. */
  edge(): EdgeCount {
    return { ...this.#edge };
  }

  /** What ended since the last call. */
  take(): { latencies: LatencyBatch[]; nodeLatencies: NodeLatencyBatch[]; traces: Trace[]; kept: TracePart[] } {
    const recorded = this.#latencies.take();
    const taken = { ...recorded, traces: this.#traces, kept: this.#sampler.take(recorded.latencies) };
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
    this.#traces[at] = {
      id: this.#nextId(),
      series,
      atMs,
      durationMs,
      outcome: outcome === 'ok' && trace.attempts > 1 && series !== 'record-list' ? 'retried' : outcome,
      hops: [{ from: CLIENT, to: this.#options.node, startMs: atMs, endMs: atMs + durationMs }, ...between(trace.hops)],
    };
  }

  #nextId(): string {
    this.#lastId += 1;
    return `${this.#options.node}/${this.#lastId}`;
  }

  #partOf(
    { series, subject, outcome, atMs, durationMs, hops }: Told,
    context: TraceContext | null,
    because: KeptBecause,
  ): TracePart {
    // Requests of another life of this node had the same numbers.
    const id = `${this.#nextId()} ${atMs}`;
    const root: Span = {
      id: spanIdOf(id),
      parent: context?.parentId ?? null,
      name: 'request',
      node: this.#options.node,
      startMs: atMs,
      endMs: atMs + durationMs,
      outcome,
    };
    const trace = context?.traceId ?? traceIdOf(id);
    const spans = spansOf(root, hops);
    return { trace, part: root.id, series, subject, atMs, durationMs, outcome, because, spans };
  }
}

type Told = {
  series: RecordSeries;
  subject: string;
  outcome: Span['outcome'];
  atMs: number;
  durationMs: number;
  hops: RequestTrace['hops'];
};

/** What a node did by itself is no way. */
function between(hops: RequestTrace['hops']): RequestTrace['hops'] {
  return hops.filter(({ from, to }) => from !== to);
}

/** Exchanges with primaries one after the other; what a primary did lies within its exchange. */
function spansOf(root: Span, hops: RequestTrace['hops']): Span[] {
  const spans = [root];
  let exchange = root;
  hops.forEach(({ from, to, startMs, endMs }, at) => {
    const isExchange = from === root.node;
    const span: Span = {
      id: spanIdOf(`${root.id} ${at}`),
      parent: (isExchange ? root : exchange).id,
      name: isExchange ? 'exchange' : from === to ? 'fsync' : 'prepare',
      node: to,
      startMs,
      endMs,
      outcome: 'ok',
    };
    if (isExchange) exchange = span;
    spans.push(span);
  });
  return spans;
}
