/**
 * Faults: what may be asked, what was measured of it, and what is on. Every fault that lasts is a
 * lease: it ends by itself `forMs` after it was asked, whoever still runs by then.
 */
import { isBuried, type NodePicture } from '../cluster-picture.ts';
import type { Actor } from '../journal.ts';

/** Longest lease. */
export const FAULT_MS_MAX = 3_600_000;
/** Largest delay and jitter of a link, or of a disk's sync. */
export const DELAY_MS_MAX = 60_000;

export type LinkSpec = {
  kind: 'link';
  from: string[];
  /** `all`: whoever they talk to. */
  to: string[] | 'all';
  /** Also the way back. */
  bothWays: boolean;
  delayMs: number;
  /** The delay varies by so much up and down. */
  jitterMs: number;
  /** Share of the messages that vanish, 0 to 1. */
  lossShare: number;
  forMs: number;
};

export type FaultSpec =
  /** `restart` stops and starts again, on the same volume. */
  | { kind: 'kill' | 'stop' | 'restart'; nodes: string[] }
  | { kind: 'pause'; nodes: string[]; forMs: number }
  /** No message passes between the sides; `oneWay`: none from A to B. */
  | { kind: 'partition'; sideA: string[]; sideB: string[]; oneWay: boolean; forMs: number }
  | LinkSpec
  /** Every sync of the nodes' disks takes so much longer. */
  | { kind: 'slow-disk'; nodes: string[]; delayMs: number; forMs: number };

/**
 * One figure: what was asked, what was found, and whether that is what was asked.
 *
 * `down-ms`: from the request to its end, `up-ms`: until it was ready again. `exit`: the exit code. `beats`: heartbeats that arrived
 * in `overMs`. `frozen`: 1 when the engine calls it paused. `round-trip-ms`: median over an edge,
 * `added-ms`: against before. `loss`: share of `of` messages that did not arrive. `passed`: messages that
 * arrived over an edge, of `of` that were sent, or in `overMs`; `dropped`: those that the fault swallowed.
 * `sync-ms`: median time until a write is on the disk. `rules`: rules in
 * force on a node.
 */
export type Quantity =
  | 'down-ms'
  | 'up-ms'
  | 'exit'
  | 'beats'
  | 'frozen'
  | 'round-trip-ms'
  | 'added-ms'
  | 'loss'
  | 'passed'
  | 'dropped'
  | 'sync-ms'
  | 'rules';
export type Measure = {
  /** A node, or an edge as `from→to`. */
  subject: string;
  quantity: Quantity;
  /** Null where nothing in particular was asked. */
  asked: number | null;
  /** Null: it could not be found out. */
  found: number | null;
  /** Null where no judgement is due. */
  ok: boolean | null;
  /** Of what is counted over a time, ms. */
  overMs?: number;
  of?: number;
};

/** `before` is the comparison; `during` shows the effect; `whole` counts over all of it; `after` shows that it is over. */
export type MeasurePhase = 'before' | 'during' | 'whole' | 'after';
/** So many of the edges that a fault touches were measured; the fault is on all of them. */
export type EdgeSample = { edges: number; of: number };
/** `sample`: where not all edges could be measured. */
export type Measured = { phase: MeasurePhase; atMs: number; measures: Measure[]; sample?: EdgeSample };

/** `done`: what it did happened at once. */
export type FaultEnd = 'healed' | 'expired' | 'done' | 'failed';

export type ActiveFault = {
  fault: string;
  spec: FaultSpec;
  by: Actor;
  askedAtMs: number;
  /** When its lease runs out; null for what happens at once. */
  endsAtMs: number | null;
  measured: Measured[];
};

/** The nodes that a fault is about, each once. */
export function nodesOf(spec: FaultSpec): string[] {
  switch (spec.kind) {
    case 'partition':
      return [...new Set([...spec.sideA, ...spec.sideB])];
    case 'link':
      return [...new Set([...spec.from, ...(spec.to === 'all' ? [] : spec.to)])];
    default:
      return [...new Set(spec.nodes)];
  }
}

/** Who has ended and stays down until somebody respawns it; master and headnode come back by themselves. */
export function downNodes(nodes: readonly NodePicture[]): string[] {
  const comesBack = ({ role, heldDown }: NodePicture) => (role === 'master' || role === 'headnode') && !heldDown;
  return nodes.filter((node) => isBuried(node) && !comesBack(node)).map(({ node }) => node);
}

export function leaseMsOf(spec: FaultSpec): number | null {
  return 'forMs' in spec ? spec.forMs : null;
}
