/**
 * What the master and the headnode tell the panel: `GET /stream` (bearer secret) answers with
 * newline-delimited JSON, one StreamLine a line. First `hello`, then `picture` (everything as it is
 * now), then events as they happen and one `sample` every SAMPLE_INTERVAL_MS. A consumer that
 * reconnects starts over with a new picture; events are never replayed, because the picture holds
 * their result.
 */
import type { BalancerPolicy, Why } from './balancing.ts';
import type { GuestKind, GuestStep } from './guests.ts';
import type { AutoscalerPicture, AutoscalerSettings, ScalingDecision } from './autoscaler.ts';
import type { LineSettings } from './control.ts';
import type { Role } from './roles.ts';
import type { BatchEvent } from './tasks.ts';
import type { TracePart } from './traces.ts';

export const SAMPLE_INTERVAL_MS = 250;

/**
 * Health of a node as its monitor (master or headnode) judges it:
 *
 *   joining → ready ⇄ suspect → dead        standby: registered, gets no work (workers)
 *               └→ draining → left          dead is final for an incarnation
 */
export const HEALTHS = ['joining', 'ready', 'standby', 'suspect', 'draining', 'left', 'dead'] as const;
export type Health = (typeof HEALTHS)[number];

/**
 * Why a node was declared dead. `engine`: the engine said that its container exited. Guests: `health-check`, one
 * was not answered as it should be; `silence`, nothing came for too long; `hung-up`, its connection ended.
 */
export type DeathCause = 'phi-and-probe' | 'engine' | 'replaced' | 'health-check' | 'silence' | 'hung-up';

export type Member = {
  node: string;
  role: Role;
  incarnation: number;
  health: Health;
  /** When this health began, wall clock of the monitor, ms. */
  sinceMs: number;
  inFlight: number;
  /** A worker that was told to drain, whatever became of it since: it is not to come back. */
  leaving?: true;
  /** Tasks at once (workers). */
  capacity?: number;
  /** A program of somebody's own, by which protocol it joined; absent for nodes of ours. */
  guest?: GuestKind;
};

/** Who serves a shard in an epoch. `members[0]` need not be the primary. */
export type ShardView = { shard: number; epoch: number; primary: string | null; members: string[]; joiner?: string };

/** Parameters of a monitor's failure detector. SUSPECT at `thresholdRoute` without pause, a probe at `thresholdDead` with it. */
export type DetectorParameters = {
  heartbeatIntervalMs: number;
  thresholdRoute: number;
  thresholdDead: number;
  pauseMs: number;
  windowSize: number;
  sigmaMinMs: number;
};

/** What phi was computed from when a verdict fell: phi(silentMs, meanMs + pauseMs, sigmaMs) against the threshold. */
export type Judgement = { threshold: number; pauseMs: number; meanMs: number; sigmaMs: number };

/**
 * What the record store promises: every record behaves as if there were one copy, or (`eventual`, W=1
 * and R=1) writes are acknowledged by one copy and reads ask any, so they may be old or forgotten.
 */
export const STORE_MODES = ['linearizable', 'eventual'] as const;
export type StoreMode = (typeof STORE_MODES)[number];

/** `views-lost`: the headnode lost its own disk and waits for the block reports of `waitingFor`. */
export type StoreStatus = { mode: StoreMode; state: 'serving' | 'views-lost'; waitingFor: string[] };

/** A copy on its way to `to`. */
export type RunningRepair = {
  repair: string;
  shard: number;
  from: string;
  to: string;
  reason: string;
  startedMs: number;
};

export type StorePicture = StoreStatus & {
  /** Copies that a shard should have, and that a view needs to take writes. */
  replicas: number;
  minInSync: number;
  /** Wait after a loss before a shard is copied to another node than the lost one, ms. */
  rereplicationDelayMs: number;
  /** Shards below `replicas`, since when as far as the headnode knows (a restart forgets earlier times), ms. */
  short: [shard: number, sinceMs: number][];
  repairs: RunningRepair[];
};

/** What is still to be copied. Null while nobody has told how much a shard holds. */
export type Recovery = {
  bytesRemaining: number | null;
  running: [repair: string, sentBytes: number, totalBytes: number | null][];
};

/** Where a damaged copy was noticed: in a node's memory, in its log on disk, or beside the other replicas. */
export type CorruptionPlace = 'memory' | 'disk' | 'replica';
/**
 * What is done about it: the copy is taken out of the view and made anew from a good one; the log is
 * written anew from sound memory; the whole volume is put aside and learned again; or, where there is
 * no other copy, the value is withheld.
 */
export type CorruptionRemedy = 'copied-again' | 'log-rewritten' | 'volume-quarantined' | 'withheld';

/** Rare, worth keeping: each becomes a journal event of the panel. */
export type MonitorEvent =
  | { type: 'member-joined'; node: string; role: Role; incarnation: number; guest?: GuestKind }
  | { type: 'member-ready'; node: string; incarnation: number }
  | { type: 'member-suspect'; node: string; incarnation: number; phi: number; silentMs: number; judged?: Judgement }
  | { type: 'member-trusted'; node: string; incarnation: number }
  | {
      type: 'member-dead';
      node: string;
      incarnation: number;
      cause: DeathCause;
      phi: number;
      silentMs: number;
      judged?: Judgement;
    }
  | { type: 'member-draining'; node: string; incarnation: number; inFlight: number }
  | { type: 'member-left'; node: string; incarnation: number }
  /** `warmUpMs`: its warm-up tasks took; null when it was warm before. */
  | { type: 'member-standby'; node: string; incarnation: number; warmUpMs: number | null }
  | { type: 'member-promoted'; node: string; incarnation: number; wasStandby: boolean }
  | { type: 'autoscaler-set'; settings: AutoscalerSettings }
  | { type: 'scaling-decided'; decision: ScalingDecision }
  /** From the need for one more worker to the first request given to it, and to its first answer, ms. */
  | { type: 'took-over'; node: string; wasStandby: boolean; givenMs: number; answeredMs: number }
  // Somebody said `quit` in line mode, where that stops the cluster.
  | { type: 'stop-requested'; peer: string }
  // So many errors in a row: it gets nothing for a while.
  | { type: 'worker-ejected'; node: string; incarnation: number; errors: number; forMs: number }
  | { type: 'peer-refused'; peer: string; code: string; reason: string }
  // `repair` names one copy from its start to its end; `reason` of the start is that of the view change behind it.
  | { type: 'view-changed'; view: ShardView; reason: string; repair?: string }
  | { type: 'repair-started'; shard: number; from: string; to: string; repair?: string; reason?: string }
  | {
      type: 'repair-finished';
      shard: number;
      to: string;
      records: number;
      bytes: number;
      tookMs: number;
      repair?: string;
      reason?: string;
    }
  | { type: 'repair-abandoned'; shard: number; to: string; repair: string; reason: string }
  | {
      type: 'corruption-found';
      node: string;
      /** Null when it is the log as a whole. */
      shard: number | null;
      key: string | null;
      place: CorruptionPlace;
      remedy: CorruptionRemedy;
      reason: string;
    }
  | { type: 'views-lost'; waitingFor: string[] }
  | {
      type: 'views-rebuilt';
      by: 'block-reports' | 'unsafe-recovery';
      shards: number;
      /** Rebuilt from fewer copies than there were; acknowledged writes may be missing. */
      doubtful: number[];
      /** Nobody has anything of them. */
      lost: number[];
    }
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
  /** null of guests, whose signs of life say nothing of the kind. */
  eventLoopLagMs: number | null;
  rssBytes: number | null;
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

/**
 * Latencies of whole requests since the last sample: sparse buckets of containers/algorithms/histogram.ts.
 * One batch a series and, of tasks, a kind; batches of a series are added up.
 */
export type LatencyBatch = { series: LatencySeries; kind?: string; buckets: [bucket: number, count: number][] };
/** How long requests were at a worker or a datanode, from being sent there to being answered. */
export type NodeLatencyBatch = LatencyBatch & { node: string };
export const SERIES = [
  'task-sync',
  'task-durable',
  'record-put',
  'record-get',
  'record-delete',
  'record-list',
] as const;
export type LatencySeries = (typeof SERIES)[number];

/** A request that the window may draw, at most TRACES_PER_SAMPLE of them a sample, chosen evenly. */
export type Trace = {
  id: string;
  series: LatencySeries;
  /** Arrival at the first node, wall clock, ms. */
  atMs: number;
  durationMs: number;
  outcome: 'ok' | 'retried' | 'error' | 'unknown';
  hops: { from: string; to: string; startMs: number; endMs: number }[];
  /** Why the master gave it to the worker that finished it. */
  why?: Why;
};
export const TRACES_PER_SAMPLE = 25;

/** A worker as the master's balancer sees it. */
export type WorkerLoad = {
  node: string;
  inFlight: number;
  capacity: number;
  /** Tasks that wait in the master for this worker alone: none under `pull`, but for retries. */
  waiting: number;
  /** Exponentially weighted response time, ms; null before the first. */
  ewmaMs: number | null;
  /** Tasks given to it since it joined. */
  dispatched: number;
  /** Of all tasks given out since the last sample, 0 to 1. */
  share: number;
  /** Slow start: how much of its share a worker that came lately gets, 0 to 1. */
  weight: number;
  /** Put aside for its errors until then, wall clock of the master; null when it is not. */
  ejectedUntilMs: number | null;
  consecutiveErrors: number;
};

/** The balancer as a whole; counts since the master's start. */
export type BalancerState = {
  policy: BalancerPolicy;
  /** Requests whose clients wait, and that no worker has yet. */
  queueDepth: number;
  /** How long a request that comes now will wait for a worker, as far as can be told; null without one. */
  estimatedWaitMs: number | null;
  /** Overloaded: those that have waited for too long are refused. */
  shedding: boolean;
  shed: number;
  retries: number;
  /** Retries that may be spent now. */
  retryBudget: number;
  deadlineMissed: number;
};

export type Sample = {
  atMs: number;
  intervalMs: number;
  beats: Beat[];
  suspicions: Suspicion[];
  edges: EdgeCount[];
  latencies: LatencyBatch[];
  nodeLatencies?: NodeLatencyBatch[];
  traces: Trace[];
  /** Requests kept with all their parts (kit/trace-sampler.ts). */
  kept?: TracePart[];
  /** Cumulative or current numbers by name, the same names as in /metrics without the prefix orrery_. */
  gauges: Record<string, number>;
  /** As they are now; they may change while the monitor runs. */
  detector?: DetectorParameters;
  /** Batches that ended since the last sample. */
  batches?: BatchEvent[];
  /** The headnode's, while copies are missing or on their way. */
  recovery?: Recovery;
  /** The master's. */
  lines?: LineSettings & {
    /** Connections to line mode now, and requests answered there since the start. */
    connections: number;
    answered: number;
  };
  workers?: WorkerLoad[];
  balancer?: BalancerState;
  /** What guests did since the last sample; absent when nothing. `dropped`: more than fit. */
  guestSteps?: { steps: GuestStep[]; dropped: number };
  autoscaler?: AutoscalerPicture;
};

export type StreamLine =
  | { kind: 'hello'; node: string; role: Role; incarnation: number; protocol: number; atMs: number }
  | {
      kind: 'picture';
      members: Member[];
      views: ShardView[];
      /** The headnode's. */
      store?: StorePicture;
      detector?: DetectorParameters;
      /** The newest that ended, oldest first. */
      batches?: BatchEvent[];
    }
  | { kind: 'event'; hlc: string; atMs: number; event: MonitorEvent }
  | { kind: 'sample'; sample: Sample };
