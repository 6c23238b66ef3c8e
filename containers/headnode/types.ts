/** State, events, effects and log entries of the headnode's core. */
import type { PhiDetector, PhiSettings } from '../algorithms/phi-accrual.ts';
import type { DetectorChange } from '../protocol/control.ts';
import type { SelfEffect } from '../protocol/step.ts';
import type { BlockReport, DatanodeInfo, DatanodeMessage, HeadnodeMessage } from '../protocol/store-messages.ts';
import type { Beat, Health, MonitorEvent, ShardView } from '../protocol/stream.ts';

export type HeadnodeSettings = {
  node: string;
  shards: number;
  /** Members that a shard should have. */
  replicas: number;
  /** Members that a view needs to take writes. */
  minInSync: number;
  /** Wait after a loss before a shard is copied to another node than the lost one. */
  rereplicationDelayMs: number;
  phi: PhiSettings;
  /** The first views are made when nobody new came for so long: with enough nodes, and with too few. */
  settleMs: number;
  settleShortMs: number;
  /** How long a primary must complain before a member that seems well is removed. */
  complaintMs: number;
  /** A copy that is not done by then is given to another node. */
  joinTimeoutMs: number;
  transfersPerNode: number;
  /** So long after its own start the headnode buries nobody whom it knows from its log only. */
  restartGraceMs: number;
  /** So long all is as it should be before copies and primaries are spread anew; and so many copies at once. */
  rebalanceDelayMs: number;
  rebalancesAtOnce: number;
  drainTimeoutMs: number;
};

export type DatanodeMember = {
  node: string;
  incarnation: number;
  health: Health;
  sinceMs: number;
  /** When this incarnation came. */
  joinedMs: number;
  info: DatanodeInfo;
  isConnected: boolean;
  /** Known from the log only: it may be starting, as this headnode just did. */
  isFromLog: boolean;
  isProbing: boolean;
  isDiskFailed: boolean;
  detector: PhiDetector;
  inFlight: number;
};

/** A copy on its way. */
export type Join = {
  /** Names it from its start to its end. */
  repair: string;
  reason: string;
  shard: number;
  epoch: number;
  node: string;
  /** Its disk: the copy is worth nothing when the node comes back with another. */
  store: string;
  from: string;
  startedMs: number;
  orderedMs: number;
  /** When its primary last told of more bytes than before. */
  progressMs: number;
  sentBytes: number;
  /** Null until told. */
  totalBytes: number | null;
};

export type HeadnodeState = {
  settings: HeadnodeSettings;
  /** Parameters of the failure detector that somebody set; null: none. */
  detector: PhiSettings | null;
  members: Map<string, DatanodeMember>;
  /** As decided; a view is announced when it is on disk. */
  views: Map<number, ShardView>;
  announced: Map<number, ShardView>;
  joins: Map<number, Join>;
  /** When a shard last lost a member. */
  lostAtMs: Map<number, number>;
  /** And why. */
  lostReason: Map<number, string>;
  /** Since when a shard has fewer copies than wanted. */
  shortSinceMs: Map<number, number>;
  /** Nodes that did not finish a copy get no other until then. */
  avoidUntilMs: Map<string, number>;
  /** First of an unbroken row of complaints, by shard, epoch and node. */
  complaints: Map<string, { firstMs: number; lastMs: number }>;
  lastJoinedMs: number;
  lastTickMs: number | null;
  /** A datanode holds data of views that this headnode does not know: its own log was lost. */
  isLogLost: boolean;
  /** What datanodes told of their copies since then, and whose word is missing. */
  blocks: Map<string, BlockReport[]>;
  waitingFor: string[];
};

export type HeadnodeEvent =
  | { kind: 'hello'; node: string; incarnation: number; info: DatanodeInfo }
  | { kind: 'closed'; node: string; incarnation: number }
  | {
      kind: 'heartbeat';
      node: string;
      incarnation: number;
      seq: number;
      inFlight: number;
      eventLoopLagMs: number;
      rssBytes: number;
      epochSum: number;
    }
  | { kind: 'message'; from: string; message: DatanodeMessage }
  | { kind: 'probed'; node: string; incarnation: number; isAlive: boolean }
  | { kind: 'engine-word'; node: string; type: 'exited' | 'started'; atMs: number }
  | { kind: 'drain'; node: string }
  | { kind: 'set-detector'; request: number; change: DetectorChange }
  /** The operator gives up on block reports that will not come; `isEmptying`: and begins lost shards anew. */
  | { kind: 'unsafe-recovery'; isEmptying: boolean }
  | { kind: 'tick' }
  /** From the core to itself: these views are on disk. */
  | { kind: 'stored'; views: ShardView[]; reason: string; repair?: string };

export type HeadnodeEffect =
  /** To all datanodes and all who route. */
  | { kind: 'announce'; views: ShardView[] }
  | { kind: 'send-views'; to: string; views: ShardView[] }
  | { kind: 'order'; to: string; message: Extract<HeadnodeMessage, { t: 'learn' | 'ask-blocks' }> }
  /** Ask the node itself whether it lives; answer with `probed`. */
  | { kind: 'probe'; node: string; incarnation: number; address: string }
  /** The node's incarnation is over: it must come again with a higher one. */
  | { kind: 'outdated'; node: string }
  | { kind: 'event'; event: MonitorEvent }
  | { kind: 'beat'; beat: Beat }
  /** What a request set is so, durably. */
  | { kind: 'set'; request: number }
  | { kind: 'persist'; entries: HeadnodeEntry[]; then: HeadnodeEffect[] }
  | SelfEffect<HeadnodeEvent>;

export type HeadnodeEntry =
  | { kind: 'views'; views: ShardView[] }
  | { kind: 'member'; node: string; incarnation: number; info: DatanodeInfo }
  | { kind: 'detector'; phi: PhiSettings };

export type Out = HeadnodeEffect[];
