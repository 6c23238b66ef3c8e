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

type Counted = Record<'ok' | 'error' | 'unknown', { inc(): void }>;

export type RecordSeries = Extract<LatencySeries, `record-${string}`>;
/** Ends a request that was begun. `unknown`: it may have happened. */
export type EndRequest = (outcome: 'ok' | 'error' | 'unknown') => void;

export class RequestWatch {
  readonly #options: { node: string; clock: Clock; random: Random; metrics: Metrics };
  readonly #latencies = createLatencyRecorder();
  readonly #counter;
  readonly #counters = new Map<RecordSeries, Counted>();
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

  /**
   * `traceparent` as it came; `subject`: the key, or what was asked for. `trace` fills up until the end, and
   * carries the context on when the client asked for it.
   */
  begin(
    series: RecordSeries,
    { traceparent, subject }: { traceparent?: unknown; subject: string },
    trace: RequestTrace,
  ): EndRequest {
    const { clock } = this.#options;
    const atMs = clock.nowMs();
    const startedMs = clock.monotonicMs();
    this.#edge.sent += 1;
    this.#edge.inFlight += 1;
    const context = traceparent === undefined ? null : readTraceparent(traceparent);
    if (context?.sampled === true) trace.kept = { traceId: context.traceId, rootId: this.#rootId(atMs), spans: [] };
    return (outcome) => {
      const durationMs = clock.monotonicMs() - startedMs;
      this.#edge.inFlight -= 1;
      if (outcome === 'ok') this.#edge.ok += 1;
      else this.#edge.failed += 1;
      this.#latencies.record(series, durationMs);
      for (const { from, to, startMs, endMs } of trace.hops)
        if (from !== to) this.#latencies.recordAt(to, series, endMs - startMs);
      this.#counted(series)[outcome].inc();
      this.#sample(series, outcome, atMs, durationMs, trace);
      const because = this.#sampler.choose(series, durationMs, outcome !== 'ok', context?.sampled === true);
      if (because === null) return;
      this.#sampler.keep(this.#partOf({ series, subject, outcome, atMs, durationMs, trace }, context, because));
    };
  }

  #counted(kind: RecordSeries): Counted {
    const known = this.#counters.get(kind);
    if (known !== undefined) return known;
    const of = (outcome: keyof Counted) => this.#counter.labelled({ kind, outcome });
    const counted = { ok: of('ok'), error: of('error'), unknown: of('unknown') };
    this.#counters.set(kind, counted);
    return counted;
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

  /** Requests of another life of this node had the same numbers. */
  #rootId(atMs: number): string {
    return spanIdOf(`${this.#nextId()} ${atMs}`);
  }

  #partOf(
    { series, subject, outcome, atMs, durationMs, trace: { hops, kept } }: Told,
    context: TraceContext | null,
    because: KeptBecause,
  ): TracePart {
    const root: Span = {
      id: kept?.rootId ?? this.#rootId(atMs),
      parent: context?.parentId ?? null,
      name: 'request',
      node: this.#options.node,
      startMs: atMs,
      endMs: atMs + durationMs,
      outcome,
    };
    const trace = context?.traceId ?? traceIdOf(root.id);
    const spans = kept === null ? spansOf(root, hops) : [root, ...kept.spans];
    return { trace, part: root.id, series, subject, atMs, durationMs, outcome, because, spans };
  }
}

type Told = {
  series: RecordSeries;
  subject: string;
  outcome: Span['outcome'];
  atMs: number;
  durationMs: number;
  trace: RequestTrace;
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
