/** Who is connected to the headnode: datanodes, and the master, which routes by our views. */
import { z } from 'zod';
import { fromWire, toWire } from '../gateway/store-frames.ts';
import type { Hello } from '../kit/frame-server.ts';
import type { Connection, Frame, FrameHead } from '../kit/ports.ts';
import { OrreryError } from '../protocol/errors.ts';
import type { DatanodeInfo, DatanodeMessage } from '../protocol/store-messages.ts';
import type { EdgeCount, ShardView, StoreMode } from '../protocol/stream.ts';
import { sumOfEpochs } from './membership-core.ts';
import type { HeadnodeEvent } from './types.ts';

const datanodeInfo = z.object({
  store: z.string().min(1),
  framesAddress: z.string().min(3),
  probeAddress: z.string().min(3),
  epoch: z.number().min(0),
}) satisfies z.ZodType<DatanodeInfo>;

const count = z.number().min(0);
const heartbeat = z.object({
  incarnation: z.number(),
  seq: z.number().int().min(1),
  hlc: z.string(),
  inFlight: count,
  eventLoopLagMs: count,
  rssBytes: count,
  edges: z.array(
    z.object({ from: z.string(), to: z.string(), sent: count, ok: count, failed: count, inFlight: count }),
  ),
  records: count,
  valueBytes: count,
  shards: count,
  epochSum: count,
  led: z.array(z.tuple([count, count, count])),
  startedMs: count,
});
export type DatanodeHeartbeat = z.infer<typeof heartbeat> & { edges: EdgeCount[] };

export type PeersOptions = {
  heartbeatIntervalMs(): number;
  dispatch(event: HeadnodeEvent): void;
  /** Views and addresses for somebody who just came; `lostTo`: they are lost, and whose word is awaited. */
  views(): { views: ShardView[]; addresses: Record<string, string>; mode: StoreMode; lostTo?: string[] };
  onHeartbeat(node: string, beat: DatanodeHeartbeat): FrameHead;
};

export class Peers {
  readonly #options: PeersOptions;
  readonly #datanodes = new Map<string, Connection>();
  readonly #routers = new Set<Connection>();

  constructor(options: PeersOptions) {
    this.#options = options;
  }

  /** A peer said hello. Returns extra fields of the welcome. */
  accept(connection: Connection, hello: Hello): Record<string, unknown> {
    if (hello.role === 'datanode') this.#acceptDatanode(connection, hello);
    else this.#acceptRouter(connection);
    return { heartbeatIntervalMs: this.#options.heartbeatIntervalMs() };
  }

  sendTo(node: string, head: FrameHead, body?: Uint8Array): void {
    this.#datanodes.get(node)?.send(head, body);
  }

  /** Asks a datanode. Rejects with `unreachable` or `outcome-unknown`. */
  ask(node: string, head: FrameHead, timeoutMs: number): Promise<Frame> {
    const connection = this.#datanodes.get(node);
    if (connection === undefined) return Promise.reject(new OrreryError('unreachable', { peer: node }));
    return connection.request(head, { timeoutMs });
  }

  /** To all datanodes; with `routers` also to all who route by our views. */
  broadcast(head: FrameHead, options: { body?: Uint8Array; toRouters: boolean }): void {
    for (const connection of this.#datanodes.values()) connection.send(head, options.body);
    if (options.toRouters) for (const connection of this.#routers) connection.send(head, options.body);
  }

  isConnected(node: string): boolean {
    return this.#datanodes.has(node);
  }

  #acceptRouter(connection: Connection): void {
    this.#routers.add(connection);
    connection.onClose(() => this.#routers.delete(connection));
    connection.onFrame(({ head }) => {
      if (head.t !== 'ask-views') return;
      // It asks now and then, because a frame with views may have been lost.
      const { views, lostTo } = this.#options.views();
      if (lostTo !== undefined || head['epochSum'] !== sumOfEpochs(views)) this.#sendViews(connection);
    });
    // Behind the welcome, which is sent when this returns.
    queueMicrotask(() => this.#sendViews(connection));
  }

  #sendViews(connection: Connection): void {
    const { head, body } = toWire({ t: 'views', ...this.#options.views() });
    connection.send(head, body);
  }

  #acceptDatanode(connection: Connection, { node, incarnation, info }: Hello): void {
    const parsed = datanodeInfo.safeParse(info);
    if (!parsed.success)
      throw new OrreryError('bad-request', { reason: 'the hello of a datanode lacks its addresses' });
    connection.onFrame((frame) => this.#received(connection, node, frame));
    connection.onClose(() => {
      if (this.#datanodes.get(node) !== connection) return;
      this.#datanodes.delete(node);
      this.#options.dispatch({ kind: 'closed', node, incarnation });
    });
    // Behind the welcome, which is sent when this returns. No announcement may overtake the hello: until it is
    // handled, views may name a node that came back without its disk.
    queueMicrotask(() => {
      if (!connection.open) return;
      const before = this.#datanodes.get(node);
      this.#datanodes.set(node, connection);
      before?.close('the node connected anew');
      this.#options.dispatch({ kind: 'hello', node, incarnation, info: parsed.data });
    });
  }

  #received(connection: Connection, node: string, frame: Frame): void {
    if (frame.head.t === 'heartbeat') {
      const beat = heartbeat.safeParse(frame.head);
      if (!beat.success) throw new OrreryError('bad-request', { reason: 'a heartbeat lacks its fields' });
      connection.reply(frame, this.#options.onHeartbeat(node, beat.data));
      return;
    }
    this.#options.dispatch({ kind: 'message', from: node, message: fromWire(frame) as DatanodeMessage });
  }
}
