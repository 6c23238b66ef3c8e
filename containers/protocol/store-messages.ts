/**
 * What headnode, datanodes and whoever reads or writes records say to each other. On the wire each
 * is a frame whose head is the message; fields marked "body" travel as the frame's bytes
 * (containers/gateway/store-frames.ts).
 *
 *   client (gateway) → primary        ClientRequest → ClientAnswer
 *   primary → follower                PrimaryMessage         a follower is a secondary or a learner
 *   follower → primary                FollowerMessage
 *   headnode → datanode, client       HeadnodeMessage
 *   datanode → headnode               DatanodeMessage
 */
import type { ErrorCode, ErrorDetails } from './errors.ts';
import type { WriteEntry } from './record-codec.ts';
import type { Span } from './traces.ts';
import type { CorruptionPlace, CorruptionRemedy, EdgeCount, ShardView, StoreMode } from './stream.ts';

/** A condition on the version of the record that is there: a list, any live one, or none. */
export type Precondition = { match: number[] | 'any' } | { match: 'none' };

/** W3C traceparent of the exchange that the request is; only of requests whose way is kept. Such ones are few, and go as frames of their own. */
type Traced = { trace?: string };

export type PutRequest = Traced & {
  t: 'put';
  shard: number;
  epoch: number;
  key: string;
  contentType: string;
  /** `~` marks one that the client made up for its own retries; it is forgotten sooner. */
  opId: string;
  precondition?: Precondition;
  /** Body. */
  value: Uint8Array;
};

export type DeleteRequest = Omit<PutRequest, 't' | 'value' | 'contentType'> & { t: 'delete' };
export type GetRequest = Traced & { t: 'get'; shard: number; epoch: number; key: string };

/** A page of the live records of some shards in key order (of UTF-8 bytes), those after `after` first. */
export type ListRequest = Traced & {
  t: 'list';
  shards: [shard: number, epoch: number][];
  prefix: string;
  /** Only keys with this somewhere in them; absent or empty: all. */
  contains?: string;
  after: string;
  limit: number;
  withValues: boolean;
};

export type WriteRequest = PutRequest | DeleteRequest;
export type ClientRequest = WriteRequest | GetRequest | ListRequest;

/**
 * When PREPARE left and when its ACK came, for a picture of the request; wall clock, ms. To the primary
 * itself: until its own log was synced.
 */
export type ReplicationHop = { to: string; startMs: number; endMs: number };

/** `spans`: what was done for a request that came with a trace. */
export type ClientAnswer = { spans?: Span[] } &
  /** Durable on all of `replicas`. */
  (
    | { t: 'done'; version: number; isCreation: boolean; replicas: string[]; hops?: ReplicationHop[] }
    /** Body: the entry's bytes. */
    | { t: 'value'; entry: WriteEntry; replicas: string[] }
    | { t: 'absent' }
    /** Body: the entries, packed; values cut off unless asked for, sizes in `sizes`. */
    | { t: 'page'; entries: WriteEntry[]; sizes: number[]; more: boolean; missing: number[] }
    /** Certainly not done, and the same request would be refused again. */
    | { t: 'refused'; code: ErrorCode; details: ErrorDetails }
    /** Certainly not done; ask whoever is primary by now. `epoch` is what this node knows. */
    | { t: 'elsewhere'; shard: number; epoch: number }
    /** The view changed over a prepared write: it may or may not survive. Ask again with the same opId. */
    | { t: 'unsure'; shard: number; epoch: number }
  );

export type PrimaryMessage =
  /** Body: the entry's bytes. `trace`: of this message, when the request's way is kept. */
  | { t: 'prepare'; epoch: number; committed: number; entry: WriteEntry; trace?: string }
  /** So that an idle shard's followers learn what is committed; answered with ACK. */
  | { t: 'committed'; shard: number; epoch: number; committed: number }
  /** One round for all waiting reads: do these views still hold for you? */
  | { t: 'confirm'; round: number; shards: [shard: number, epoch: number][] }
  /** Scrub: with everything up to `committed` applied, what does your copy add up to? */
  | { t: 'compare'; shard: number; epoch: number; committed: number }
  /** A new view begins: the epochs of the primary's entries after `committed`, in order. */
  | { t: 'reconcile'; view: ShardView; committed: number; tailEpochs: number[] }
  /** Catch-up of a learner: forget what you have, take `chunks` chunks. Numbered from 1. */
  | { t: 'learn-begin'; view: ShardView; chunks: number; base: number; versionFloor: number }
  /** Body: entries, packed. */
  | {
      t: 'learn-chunk';
      shard: number;
      epoch: number;
      base: number;
      number: number;
      entries: WriteEntry[];
      operations: StoredOperation[];
    };

/** How entry `seq`, which came with a trace, got on the follower's disk. */
export type SyncedEntry = { seq: number; span: Span };

export type FollowerMessage =
  /** Everything up to `seq` is durable here, and known to be committed up to `committed`. */
  | { t: 'ack'; shard: number; epoch: number; seq: number; committed: number; synced?: SyncedEntry }
  /** Cannot take what was sent: my epoch is `epoch`, my log ends at `last`. */
  | { t: 'nack'; shard: number; epoch: number; last: number; reason: 'epoch' | 'gap' | 'restarted' | 'disk-full' }
  /** Those of the round's views that do not hold are in `stale`, with what this node knows. */
  | { t: 'confirmed'; round: number; stale: [shard: number, epoch: number][] }
  /** My log agrees with yours up to `last`; send the rest. `lacks`: I miss entries that you call committed. */
  | { t: 'reconciled'; shard: number; epoch: number; last: number; lacks: boolean }
  /** What the records of the shard add up to (scrub-core.ts) when `committed` entries are applied. */
  | { t: 'compared'; shard: number; epoch: number; committed: number; digest: number; records: number }
  /** Chunk `number` is durable here; 0 after learn-begin. */
  | { t: 'learned'; shard: number; epoch: number; base: number; number: number };

export type PeerMessage = PrimaryMessage | FollowerMessage;

export type HeadnodeMessage =
  /**
   * Body: JSON of `views`, `addresses` (frames address by node) and `lostTo`: while the headnode waits for
   * block reports, the nodes whose word is missing; absent while it knows the views.
   */
  | { t: 'views'; views: ShardView[]; addresses: Record<string, string>; mode?: StoreMode; lostTo?: string[] }
  /** The headnode lost its log: tell what you hold. */
  | { t: 'ask-blocks' }
  /** A request: how does your copy of a shard stand, and of one record in it? Answered with `verified`. */
  | { t: 'verify'; shard: number; key: string | null }
  /** To the primary of `shard`: bring `node`, with the disk `store`, up to date and ask to add it. Repeated until it happens. */
  | { t: 'learn'; shard: number; epoch: number; node: string; store: string };

export type DatanodeMessage =
  /** The learner holds everything on the disk that it was ordered for: make it a member. */
  | { t: 'add'; shard: number; epoch: number; node: string; store: string; records: number; bytes: number }
  /** A member does not acknowledge, or has lost what it acknowledged. */
  | { t: 'complain'; shard: number; epoch: number; node: string; reason: 'silent' | 'lacks' | 'disk-full' }
  /** A copy on its way, each time that it is ordered again: so much of it is sent. */
  | { t: 'learning'; shard: number; epoch: number; node: string; sentBytes: number; totalBytes: number }
  /** The copy on `node`, mostly the sender itself, is damaged; `shard` null: its log as a whole. */
  | {
      t: 'corrupt';
      node: string;
      shard: number | null;
      epoch: number;
      key: string | null;
      place: CorruptionPlace;
      remedy: CorruptionRemedy | null;
      reason: string;
    }
  /** Body: JSON of `reports`. */
  | { t: 'blocks'; reports: BlockReport[] }
  /** Send the views, unless their epochs add up to this: then I know them all. */
  | { t: 'ask-views'; epochSum: number | null }
  | { t: 'disk-trouble'; code: ErrorCode; reason: string };

/** What a datanode knows of a shard, for a headnode that lost its log. */
export type BlockReport = {
  shard: number;
  /** The newest epoch known here, and its view, with the joiner that the primary may wait for. */
  epoch: number;
  view: ShardView | null;
  /** A whole replica is here, up to `last`. */
  hasData: boolean;
  last: number;
};

/** How a copy stands when it was looked at: a recomputation, nothing remembered. */
export type CopyReport = {
  role: string;
  epoch: number;
  committed: number;
  records: number;
  digest: number;
  /** Keys whose value fails its checksum; the first few. */
  corrupt: string[];
  /** Of the asked key; null when it is not there. */
  record: { version: number; checksum: number; isSound: boolean } | null;
};

/** What a datanode tells about itself in its hello to the headnode. */
export type DatanodeInfo = {
  /** Made once for each volume: another one under the same node id means that the disk was lost. */
  store: string;
  framesAddress: string;
  probeAddress: string;
  /** The highest epoch on its disk; 0 when it holds nothing. */
  epoch: number;
};

/**
 * Extra fields of a datanode's heartbeat. `epochSum` adds up the epochs of the views it has heard of:
 * when it differs from the headnode's, an announcement was lost.
 */
export type DatanodeBeat = {
  /** Start of the process, from which the counts of edges go; an incarnation may be younger. */
  startedMs: number;
  edges: EdgeCount[];
  records: number;
  valueBytes: number;
  shards: number;
  epochSum: number;
  /** Of the shards of which it is primary. */
  led: [shard: number, records: number, bytes: number][];
};

/** An operation that was applied, kept so that a repetition gets the same answer. */
export type StoredOperation = {
  /** The opId, a line feed, the key. */
  id: string;
  seq: number;
  version: number;
  isCreation: boolean;
  /** Of the request: another body under the same id is a conflict. */
  fingerprint: string;
  atMs: number;
};
