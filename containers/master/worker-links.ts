/** The connections to workers: numbered links, frames checked on the way in. */
import { ChurnMap } from '../algorithms/churn-map.ts';
import { readResults, writeOrders } from '../protocol/compute-frames.ts';
import { workerHeartbeat, workerInfo } from '../protocol/compute-messages.ts';
import type { MasterToWorker, TaskOrder } from '../protocol/compute-messages.ts';
import { OrreryError } from '../protocol/errors.ts';
import { portionsOf } from '../kit/frame-portions.ts';
import type { Hello } from '../kit/frame-server.ts';
import type { Connection, Frame, FrameHead } from '../kit/ports.ts';
import { atTurnEnd } from '../kit/turn-end.ts';
import type { MasterEvent } from './core-types.ts';

export type WorkerLinksOptions = {
  /** As it is now: told in the welcome and in the reply to every heartbeat. */
  heartbeatIntervalMs(): number;
  dispatch(event: MasterEvent): void;
  onRefused(peer: string, code: string, reason: string): void;
};

type Outgoing = { settled: FrameHead[]; orders: TaskOrder[] };

export class WorkerLinks {
  readonly #options: WorkerLinksOptions;
  readonly #connections = new Map<number, Connection>();
  /** What this turn is to send, by link. */
  readonly #unsent = new ChurnMap<number, Outgoing>();
  #lastLink = 0;

  constructor(options: WorkerLinksOptions) {
    this.#options = options;
  }

  /** A peer that said hello; what it returns goes into the welcome. */
  accept(connection: Connection, hello: Hello): Record<string, unknown> {
    const { dispatch } = this.#options;
    const { node, role, incarnation } = hello;
    const info = workerInfo.safeParse(hello.info);
    if (role !== 'worker' || !info.success) {
      const reason =
        role === 'worker' ? 'its hello lacks what a worker tells about itself' : `a ${role} has no business here`;
      this.#options.onRefused(node, 'bad-request', reason);
      connection.close(reason);
      return {};
    }
    const link = ++this.#lastLink;
    this.#connections.set(link, connection);
    connection.onFrame((frame) => this.#receive(link, node, connection, frame));
    connection.onClose(() => {
      this.#connections.delete(link);
      this.#unsent.delete(link);
      dispatch({ kind: 'disconnected', link, node });
    });
    // The welcome goes out when this returns, and has to be the first frame.
    queueMicrotask(() => dispatch({ kind: 'hello', link, node, incarnation, info: info.data }));
    return { heartbeatIntervalMs: this.#options.heartbeatIntervalMs() };
  }

  /** Orders leave together at the end of this turn of the event loop, or before anything else for that worker. */
  send(link: number, message: MasterToWorker): void {
    if (message.t === 'tasks') {
      this.#outgoing(link).orders.push(...message.tasks);
      return;
    }
    this.#flush(link);
    this.#connections.get(link)?.send(message);
  }

  /** Leaves together with orders: most results that are settled make room for the next task. */
  settle(link: number, reply: number, verdicts: readonly string[]): void {
    const settled: FrameHead = { t: 'settled', re: reply };
    if (verdicts.includes('stale')) settled['verdicts'] = verdicts;
    this.#outgoing(link).settled.push(settled);
  }

  hangUp(link: number, reason: string): void {
    this.#flush(link);
    this.#connections.get(link)?.close(reason);
  }

  broadcast(message: MasterToWorker): void {
    for (const link of this.#connections.keys()) this.send(link, message);
  }

  #outgoing(link: number): Outgoing {
    let outgoing = this.#unsent.get(link);
    if (outgoing !== undefined) return outgoing;
    if (this.#unsent.size === 0) atTurnEnd(() => this.#flushAll());
    outgoing = { settled: [], orders: [] };
    this.#unsent.set(link, outgoing);
    return outgoing;
  }

  #flushAll(): void {
    for (const link of this.#unsent.keys()) this.#flush(link);
  }

  #flush(link: number): void {
    const connection = this.#connections.get(link);
    const outgoing = this.#unsent.get(link);
    this.#unsent.delete(link);
    if (outgoing === undefined || connection === undefined) return;
    for (const settled of outgoing.settled) connection.send(settled);
    for (const tasks of portionsOf(outgoing.orders, ({ payload }) => payload)) {
      connection.send({ t: 'tasks', tasks: writeOrders(tasks) });
    }
  }

  #receive(link: number, node: string, connection: Connection, frame: Frame): void {
    const { dispatch } = this.#options;
    const { head } = frame;
    switch (head.t) {
      case 'heartbeat': {
        const { incarnation, seq, inFlight, eventLoopLagMs, rssBytes, holding } = check(workerHeartbeat, head);
        const beat = { incarnation, seq, inFlight, eventLoopLagMs, rssBytes, holding };
        connection.reply(frame, { t: 'heard', heartbeatIntervalMs: this.#options.heartbeatIntervalMs() });
        dispatch({ kind: 'heartbeat', link, node, beat });
        return;
      }
      case 'results': {
        dispatch({ kind: 'results', link, node, reply: head.id ?? 0, results: readResults(head['results']) });
        return;
      }
      case 'warmed': {
        const { tookMs } = head;
        dispatch({ kind: 'warmed', link, node, tookMs: typeof tookMs === 'number' ? tookMs : 0 });
        return;
      }
      case 'leave':
        dispatch({ kind: 'leave', link, node });
        return;
      default:
        throw new OrreryError('bad-request', { reason: `frames of type ${head.t} are not known here` });
    }
  }
}

type Check<T> = { safeParse(value: unknown): { success: true; data: T } | { success: false; error: Error } };

function check<T>(schema: Check<T>, head: unknown): T {
  const parsed = schema.safeParse(head);
  if (!parsed.success) throw new OrreryError('bad-request', { reason: 'the frame does not have its shape' });
  return parsed.data;
}
