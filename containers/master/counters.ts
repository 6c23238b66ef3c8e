/** What happened since the master's start, as numbers that reconcile: sent = ok + failed + in flight. */
import type { EdgeCount } from '../protocol/stream.ts';

export type Counters = {
  /** By worker, and `client` for the world outside. */
  edges: Map<string, { sent: number; ok: number; failed: number }>;
  accepted: number;
  done: number;
  failed: number;
  /** Tasks of orders that an external master fetched. */
  handedOver: number;
  /** Leases that ended without a final outcome. */
  retried: number;
  leasesLost: number;
  staleResults: number;
  heartbeats: number;
  /** Requests refused because of an overload, at arrival or when their turn came. */
  shed: number;
  /** Requests that were given to a second worker. */
  requestRetries: number;
  /** Requests that were not answered in the time that their clients gave. */
  deadlineMissed: number;
  /** How often a worker was put aside for its errors. */
  ejections: number;
};

export const CLIENT = 'client';

export function createCounters(): Counters {
  return {
    edges: new Map(),
    accepted: 0,
    done: 0,
    failed: 0,
    handedOver: 0,
    retried: 0,
    leasesLost: 0,
    staleResults: 0,
    heartbeats: 0,
    shed: 0,
    requestRetries: 0,
    deadlineMissed: 0,
    ejections: 0,
  };
}

export function countEdge(counters: Counters, end: string, what: 'sent' | 'ok' | 'failed'): void {
  let edge = counters.edges.get(end);
  if (edge === undefined) {
    edge = { sent: 0, ok: 0, failed: 0 };
    counters.edges.set(end, edge);
  }
  edge[what]++;
}

/** The edges as the stream shows them: from the client to the master, from the master to each worker. */
export function edgeCounts(counters: Counters, master: string): EdgeCount[] {
  return [...counters.edges].map(([end, { sent, ok, failed }]) => ({
    from: end === CLIENT ? CLIENT : master,
    to: end === CLIENT ? master : end,
    sent,
    ok,
    failed,
    inFlight: sent - ok - failed,
  }));
}
