/**
 * Reads and writes records at the primaries, for the headnode and the master alike. It retries only
 * what is safe: what certainly did not happen, reads, and writes under the same opId, which the
 * store applies once. What stays open at the deadline is reported as unknown.
 */
import { formatTraceparent, spanIdOf } from '../algorithms/trace-context.ts';
import type { Clock, Connection } from '../kit/ports.ts';
import { OrreryError, toOrreryError } from '../protocol/errors.ts';
import type { Random } from '../protocol/step.ts';
import type { ClientAnswer, ClientRequest, PutRequest } from '../protocol/store-messages.ts';
import type { ShardView } from '../protocol/stream.ts';
import type { Span } from '../protocol/traces.ts';
import type { DatanodeLinks } from './datanode-links.ts';
import { PutLine } from './put-line.ts';
import { fromWire, toWire } from './store-frames.ts';
import type { ViewTable } from './view-table.ts';

/** Way of a request through the cluster, wall clock, ms. */
export type Hop = { from: string; to: string; startMs: number; endMs: number };
/** Fills up while a request is on its way. `kept`: its client asked for its way, which datanodes then tell, too. */
export type RequestTrace = { hops: Hop[]; attempts: number; kept: KeptTrace | null };
export type KeptTrace = { traceId: string; rootId: string; spans: Span[] };

export type RoutingOptions = {
  node: string;
  table: ViewTable;
  links: DatanodeLinks;
  clock: Clock;
  random: Random;
  /** Until an operation is given up, ms. */
  timeoutMs?: number;
};

const TIMEOUT_MS = 10_000;
/** An attempt without answer is followed by another: the primary may be dead and the view not yet changed. */
const ATTEMPT_TIMEOUT_MS = 2_000;
const PAUSE_MS_MIN = 5;
const PAUSE_MS_MAX = 100;

type Attempt = { answer: ClientAnswer } | { lost: OrreryError; isWrite: boolean };

export class RoutingClient {
  readonly #options: RoutingOptions;
  /** What waits for an answer, or for a better view, by shard: a new view ends the waiting. */
  readonly #waiting = new Map<number, Set<() => void>>();
  readonly #putLines = new WeakMap<Connection, PutLine>();
  readonly #stopListening: () => void;

  constructor(options: RoutingOptions) {
    this.#options = options;
    this.#stopListening = options.table.onChange((changed) => this.#onViews(changed));
    options.links.onOpen((_, connection) => this.#putLines.set(connection, new PutLine(connection, options.clock)));
  }

  get table(): ViewTable {
    return this.#options.table;
  }

  /** A time by which an operation that starts now must have ended. */
  deadline(): number {
    return this.#options.clock.monotonicMs() + (this.#options.timeoutMs ?? TIMEOUT_MS);
  }

  /**
   * Asks the primary of a shard until it has a final answer. Throws an OrreryError: what the primary
   * refused, or no-primary, starting, outcome-unknown when the deadline came first.
   */
  async ask(
    shardOf: () => number,
    toRequest: (shard: number, epoch: number) => ClientRequest,
    deadlineMs: number,
    trace: RequestTrace,
  ): Promise<ClientAnswer> {
    let isUnsure = false;
    let pauseMs = PAUSE_MS_MIN;
    if (this.table.size === 0) await this.filled(deadlineMs);
    const shard = shardOf();
    for (;;) {
      const view = this.table.get(shard);
      const attempt = view === undefined ? null : await this.#attempt(view, toRequest, deadlineMs, trace);
      if (attempt !== null && 'answer' in attempt) {
        const { answer } = attempt;
        if (answer.t === 'refused') throw new OrreryError(answer.code, answer.details);
        if (answer.t !== 'elsewhere' && answer.t !== 'unsure') return answer;
        isUnsure ||= answer.t === 'unsure';
      } else if (attempt !== null) {
        isUnsure ||= attempt.isWrite && !attempt.lost.definite;
      }
      if (this.#remaining(deadlineMs) <= 0) throw this.#givenUp(shard, isUnsure);
      await this.#pause(shard, view, Math.min(pauseMs * (0.5 + this.#options.random()), this.#remaining(deadlineMs)));
      pauseMs = Math.min(PAUSE_MS_MAX, pauseMs * 2);
    }
  }

  /** Pauses before something is asked again; throws when the time is over. */
  async breathe(shard: number, deadlineMs: number): Promise<void> {
    if (this.#remaining(deadlineMs) <= 0) throw this.#givenUp(shard, false);
    await this.#pause(shard, this.table.get(shard), PAUSE_MS_MAX * this.#options.random());
  }

  close(): void {
    this.#stopListening();
  }

  async #attempt(
    view: ShardView,
    toRequest: (shard: number, epoch: number) => ClientRequest,
    deadlineMs: number,
    trace: RequestTrace,
  ): Promise<Attempt | null> {
    const { shard, epoch } = view;
    const request = toRequest(shard, epoch);
    const primary = this.#serverOf(view, request);
    if (primary === null) return null;
    const connection = this.#options.links.to(primary, this.table.addressOf(primary));
    if (connection === null) return null;
    const timeoutMs = Math.min(ATTEMPT_TIMEOUT_MS, Math.max(1, this.#remaining(deadlineMs)));
    const edge = this.#options.links.edgeTo(primary);
    const startMs = this.#options.clock.nowMs();
    trace.attempts += 1;
    const exchangeId = trace.kept === null ? '' : spanIdOf(`${trace.kept.rootId} exchange ${trace.attempts}`);
    if (trace.kept !== null)
      request.trace = formatTraceparent({ traceId: trace.kept.traceId, parentId: exchangeId, sampled: true });
    edge.sent += 1;
    edge.inFlight += 1;
    const attempt = await this.#exchange(connection, shard, request, timeoutMs);
    edge.inFlight -= 1;
    const isAnswered = 'answer' in attempt && attempt.answer.t !== 'elsewhere' && attempt.answer.t !== 'unsure';
    if (isAnswered) edge.ok += 1;
    else edge.failed += 1;
    const endMs = this.#options.clock.nowMs();
    trace.hops.push({ from: this.#options.node, to: primary, startMs, endMs });
    if (trace.kept !== null) {
      const { rootId: parent, spans } = trace.kept;
      const outcome = isAnswered ? 'ok' : 'error';
      spans.push({ id: exchangeId, parent, name: 'exchange', node: primary, startMs, endMs, outcome });
      if ('answer' in attempt) spans.push(...(attempt.answer.spans ?? []));
    }
    if (isAnswered && attempt.answer.t === 'done') {
      for (const hop of attempt.answer.hops ?? [])
        trace.hops.push({ from: primary, to: hop.to, startMs: hop.startMs, endMs: hop.endMs });
    }
    return attempt;
  }

  /** The primary; for a read of an eventual store any member, so that copies which lag behind show. */
  #serverOf({ primary, members }: ShardView, { t }: ClientRequest): string | null {
    if (this.table.mode !== 'eventual' || t !== 'get') return primary;
    return members[Math.floor(this.#options.random() * members.length)] ?? primary;
  }

  /** One request and its answer, or the news that waiting for it is pointless. */
  #exchange(connection: Connection, shard: number, request: ClientRequest, timeoutMs: number): Promise<Attempt> {
    const isWrite = request.t === 'put' || request.t === 'delete';
    return new Promise((resolve) => {
      const lose = (error: unknown): void => resolve({ lost: toOrreryError(error), isWrite });
      const stopWaiting = this.#waitFor(shard, () =>
        lose(new OrreryError('outcome-unknown', { reason: 'the view changed' })),
      );
      const putLine = isPlainPut(request) && this.#putLines.get(connection);
      if (putLine) {
        putLine.put(request, timeoutMs, (answer) => {
          stopWaiting();
          if (answer instanceof OrreryError) lose(answer);
          else resolve({ answer });
        });
        return;
      }
      const { head, body } = toWire(request);
      connection.request(head, body === undefined ? { timeoutMs } : { timeoutMs, body }).then(
        (frame) => {
          stopWaiting();
          try {
            resolve({ answer: fromWire(frame) as ClientAnswer });
          } catch (error) {
            lose(error);
          }
        },
        (error: unknown) => {
          stopWaiting();
          lose(error);
        },
      );
    });
  }

  /** Waits until there are views at all: a cluster that starts makes them within moments. */
  async filled(deadlineMs: number): Promise<void> {
    while (this.table.size === 0) {
      const remainingMs = this.#remaining(deadlineMs);
      const obstacle = this.table.obstacle();
      if (obstacle !== null) throw obstacle;
      if (remainingMs <= 0) throw new OrreryError('starting', { node: 'The record store' });
      await new Promise<void>((resolve) => {
        const done = (): void => {
          stop();
          cancel();
          resolve();
        };
        const stop = this.table.onChange(done);
        const cancel = this.#options.clock.after(remainingMs, done);
      });
    }
  }

  /** Waits for `ms`, or until there is another view than `seen`. */
  #pause(shard: number, seen: ShardView | undefined, ms: number): Promise<void> {
    if (this.table.get(shard) !== seen) return Promise.resolve();
    return new Promise((resolve) => {
      const stopWaiting = this.#waitFor(shard, () => {
        cancel();
        resolve();
      });
      const cancel = this.#options.clock.after(Math.max(0, ms), () => {
        stopWaiting();
        resolve();
      });
    });
  }

  #waitFor(shard: number, callback: () => void): () => void {
    let waiting = this.#waiting.get(shard);
    if (waiting === undefined) this.#waiting.set(shard, (waiting = new Set()));
    waiting.add(callback);
    return () => waiting.delete(callback);
  }

  #onViews(changed: readonly ShardView[]): void {
    for (const { shard } of changed) {
      const waiting = this.#waiting.get(shard);
      this.#waiting.delete(shard);
      for (const callback of waiting ?? []) callback();
    }
  }

  #remaining(deadlineMs: number): number {
    return deadlineMs - this.#options.clock.monotonicMs();
  }

  #givenUp(shard: number, isUnsure: boolean): OrreryError {
    if (isUnsure) return new OrreryError('outcome-unknown', { reason: 'the deadline passed' });
    return new OrreryError('no-primary', { shard });
  }
}

/** With what a batch has room for. */
function isPlainPut(request: ClientRequest): request is PutRequest {
  return request.t === 'put' && request.precondition === undefined && request.trace === undefined;
}
