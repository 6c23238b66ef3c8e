/**
 * What the master and the headnode tell the panel: `GET /stream` (bearer secret) answers with
 * newline-delimited JSON, one StreamLine a line. First `hello`, then `picture` (everything as it is
 * now), then events as they happen and one `sample` every SAMPLE_INTERVAL_MS. A consumer that
 * reconnects starts over with a new picture; events are never replayed, because the picture holds
 * their result.
 */
import type { Role } from './roles.ts';

export const SAMPLE_INTERVAL_MS = 250;

/**
 * Health of a node as its monitor (master or headnode) judges it:
 *
 *   joining → ready ⇄ suspect → dead        standby: registered, gets no work (workers)
 *               └→ draining → left          dead is final for an incarnation
 */
export const HEALTHS = ['joining', 'ready', 'standby', 'suspect', 'draining', 'left', 'dead'] as const;
export type Health = (typeof HEALTHS)[number];

/** Why a node was declared dead. `engine`: the engine said that its container exited. */
export type DeathCause = 'phi-and-probe' | 'engine' | 'replaced';

export type Member = {
  node: string;
  role: Role;
  incarnation: number;
  health: Health;
  /** When this health began, wall clock of the monitor, ms. */
  sinceMs: number;
  inFlight: number;
  /** Tasks at once (workers). */
  capacity?: number;
};

/** Who serves a shard in an epoch. `members[0]` need not be the primary. */
export type ShardView = { shard: number; epoch: number; primary: string | null; members: string[]; joiner?: string };

/** Rare, worth keeping: each becomes a journal event of the panel. */
export type MonitorEvent =
  | { type: 'member-joined'; node: string; role: Role; incarnation: number }
  | { type: 'member-ready'; node: string; incarnation: number }
  | { type: 'member-suspect'; node: string; incarnation: number; phi: number; silentMs: number }
  | { type: 'member-trusted'; node: string; incarnation: number }
  | { type: 'member-dead'; node: string; incarnation: number; cause: DeathCause; phi: number; silentMs: number }
  | { type: 'member-draining'; node: string; incarnation: number; inFlight: number }
  | { type: 'member-left'; node: string; incarnation: number }
  | { type: 'peer-refused'; peer: string; code: string; reason: string }
  | { type: 'view-changed'; view: ShardView; reason: string }
  | { type: 'repair-started'; shard: number; from: string; to: string }
  | { type: 'repair-finished'; shard: number; to: string; records: number; bytes: number; tookMs: number }
  | { type: 'fault-applied'; fault: string; describe: string }
  | { type: 'fault-ended'; fault: string; reason: 'healed' | 'expired' }
  | { type: 'disk-trouble'; node: string; code: string; reason: string };

/** One heartbeat as it arrived at its monitor. */
export type Beat = {
  node: string;
  incarnation: number;
  seq: number;
  /** Arrival, wall clock of the monitor, ms. */
  atMs: number;
  /** Since the beat before, ms; null for the first. */
  gapMs: number | null;
  inFlight: number;
  eventLoopLagMs: number;
  rssBytes: number;
};

/** Suspicion of a node now (containers/algorithms/phi-accrual.ts), so that the window need not guess. */
export type Suspicion = {
  node: string;
  phiRoute: number;
  phiDead: number;
  lastBeatAgoMs: number;
  meanMs: number;
  sigmaMs: number;
};

/** Cumulative since the monitor's start. `from` may be `client`, the world outside the cluster. */
export type EdgeCount = { from: string; to: string; sent: number; ok: number; failed: number; inFlight: number };

/** Latencies since the last sample: sparse buckets of containers/algorithms/histogram.ts. */
export type LatencyBatch = { series: LatencySeries; buckets: [bucket: number, count: number][] };
export type LatencySeries =
  'task-sync' | 'task-durable' | 'record-put' | 'record-get' | 'record-delete' | 'record-list';

/** A request that the window may draw, at most TRACES_PER_SAMPLE of them a sample, chosen evenly. */
export type Trace = {
  id: string;
  series: LatencySeries;
  /** Arrival at the first node, wall clock, ms. */
  atMs: number;
  durationMs: number;
  outcome: 'ok' | 'retried' | 'error' | 'unknown';
  hops: { from: string; to: string; startMs: number; endMs: number }[];
};
export const TRACES_PER_SAMPLE = 25;

export type Sample = {
  atMs: number;
  intervalMs: number;
  beats: Beat[];
  suspicions: Suspicion[];
  edges: EdgeCount[];
  latencies: LatencyBatch[];
  traces: Trace[];
  /** Cumulative or current numbers by name, the same names as in /metrics without the prefix orrery_. */
  gauges: Record<string, number>;
};

export type StreamLine =
  | { kind: 'hello'; node: string; role: Role; incarnation: number; protocol: number; atMs: number }
  | {
      kind: 'picture';
      members: Member[];
      views: ShardView[];
      faults: { fault: string; describe: string; endsAtMs: number }[];
    }
  | { kind: 'event'; hlc: string; atMs: number; event: MonitorEvent }
  | { kind: 'sample'; sample: Sample };
