/** Connections to datanodes, dialled when first needed, and the count of what went over them. */
import { dialFrames } from '../kit/frame-dialer.ts';
import type { FaultShim } from '../kit/fault-shim.ts';
import type { Self } from '../kit/frame-server.ts';
import type { Clock, Connection } from '../kit/ports.ts';
import type { Random } from '../protocol/step.ts';
import type { EdgeCount } from '../protocol/stream.ts';

export type LinkOptions = { self: Self; shim: FaultShim; clock: Clock; random: Random };

/** A dial that was given up for a fresh one counts from here, so that waking does not hammer. */
const WAKE_AFTER_MS = 200;

type Link = { address: string; dialledMs: number; dialer: ReturnType<typeof dialFrames> };

export class DatanodeLinks {
  readonly #options: LinkOptions;
  readonly #links = new Map<string, Link>();
  readonly #edges = new Map<string, EdgeCount>();
  readonly #openListeners = new Set<(node: string, connection: Connection) => void>();

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  /** The open connection to a node; null while there is none, which then is being dialled. */
  to(node: string, address: string | undefined): Connection | null {
    const link = this.#links.get(node);
    if (link !== undefined && (address === undefined || link.address === address)) return link.dialer.connection();
    link?.dialer.close();
    this.#links.delete(node);
    if (address === undefined) return null;
    const dialer = dialFrames({
      ...this.#options,
      address,
      peer: { role: 'datanode', node },
      info: () => ({}),
      onOpen: (connection) => {
        for (const listener of this.#openListeners) listener(node, connection);
      },
      onClosed: () => undefined,
      onRefused: () => undefined,
    });
    this.#links.set(node, { address, dialer, dialledMs: this.#options.clock.monotonicMs() });
    return dialer.connection();
  }

  /** The node is said to be there: where it is not connected, it is dialled now instead of after the backoff. */
  wake(node: string): void {
    const link = this.#links.get(node);
    if (link === undefined || link.dialer.connection() !== null) return;
    if (this.#options.clock.monotonicMs() - link.dialledMs < WAKE_AFTER_MS) return;
    link.dialer.close();
    this.#links.delete(node);
    this.to(node, link.address);
  }

  /** Tells of each new connection, before anything is received on it. Returns what ends the listening. */
  onOpen(listener: (node: string, connection: Connection) => void): () => void {
    this.#openListeners.add(listener);
    return () => this.#openListeners.delete(listener);
  }

  edgeTo(node: string): EdgeCount {
    let edge = this.#edges.get(node);
    if (edge === undefined) {
      edge = { from: this.#options.self.node, to: node, sent: 0, ok: 0, failed: 0, inFlight: 0 };
      this.#edges.set(node, edge);
    }
    return edge;
  }

  edges(): EdgeCount[] {
    return [...this.#edges.values()].map((edge) => ({ ...edge }));
  }

  close(): void {
    for (const { dialer } of this.#links.values()) dialer.close();
    this.#links.clear();
  }
}
