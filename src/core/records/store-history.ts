/** What the journal tells of the record store: its promise, who is short of copies since when, and every repair. */
import type { StoreStatus } from '../../../containers/protocol/stream.ts';
import type { Actor, ExitCause } from '../journal.ts';

/** How a datanode came to its end, so far as the journal knows: the beginning of many repairs. */
export type NodeEnd = {
  asked: { by: Actor; atMs: number } | null;
  exited: { cause: ExitCause; atMs: number } | null;
  /** When the headnode declared it dead. */
  deadAtMs: number | null;
  /** When it was launched again. */
  backAtMs: number | null;
};

/** A view change that took copies away. */
export type Loss = { epoch: number; atMs: number; reason: string; nodes: string[] };

/** A shard with fewer copies than wanted. `sinceMs` null: since before anybody looked. */
export type ShortShard = { sinceMs: number | null; loss: Loss | null };

export type RepairEnd =
  | { how: 'finished'; atMs: number; records: number; bytes: number; tookMs: number }
  | { how: 'abandoned'; atMs: number; reason: string }
  /** It ended while the headnode's stream was away. */
  | { how: 'unseen'; atMs: number };

/** One copy, from the loss that made it necessary to the view in which it counts. */
export type Repair = {
  repair: string;
  shard: number;
  from: string;
  to: string;
  reason: string;
  startedAtMs: number;
  loss: Loss | null;
  /** Of the first lost node. */
  nodeEnd: NodeEnd | null;
  end: RepairEnd | null;
  joined: { epoch: number; atMs: number } | null;
};

/** A time in which at least one shard had fewer copies than wanted. `shards`: how many at once, at most. */
export type Exposure = { fromMs: number; toMs: number | null; shards: number };

export type StoreHistory = {
  /** Null until the headnode has told. */
  status: StoreStatus | null;
  settings: { replicas: number; minInSync: number; rereplicationDelayMs: number } | null;
  /** By shard. */
  short: Record<number, ShortShard>;
  /** Oldest first, at most REPAIRS_KEPT. */
  repairs: Repair[];
  /** Oldest first, at most EXPOSURES_KEPT; the last may go on. */
  exposures: Exposure[];
  /** By datanode: those that ended. */
  ends: Record<string, NodeEnd>;
  /** The last time that views were found again. */
  rebuilt: { atMs: number; by: 'block-reports' | 'unsafe-recovery'; doubtful: number[]; lost: number[] } | null;
};

export const REPAIRS_KEPT = 256;
export const EXPOSURES_KEPT = 50;

export const EMPTY_STORE: StoreHistory = {
  status: null,
  settings: null,
  short: {},
  repairs: [],
  exposures: [],
  ends: {},
  rebuilt: null,
};
