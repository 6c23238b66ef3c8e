/** What a primary keeps about a shard beyond its data: followers, waiting clients, reads to confirm. */
import type { WriteEntry } from '../protocol/record-codec.ts';
import type { ClientAnswer, ListRequest, ReplicationHop } from '../protocol/store-messages.ts';
import type { Span } from '../protocol/traces.ts';
import type { Copying } from './learn-core.ts';

/** Names a client's request towards the shell, which sends the answer to whoever asked. */
export type Token = number;

/**
 * A follower's way:   reconciling ──→ streaming        members
 *                     snapshot ────→ streaming         learners; in the ack set once they hold nearly all
 */
export type Follower = {
  node: string;
  /** Of a learner: the disk that the headnode had in mind; another one of this node has nothing. */
  store: string;
  isLearner: boolean;
  /** Commits wait for it and reads are confirmed by it. */
  isInAckSet: boolean;
  state: 'reconciling' | 'snapshot' | 'streaming';
  acked: number;
  sent: number;
  /** What it last said to know as committed. */
  told: number;
  /** Since when something is unanswered; null when nothing is. */
  owesSinceMs: number | null;
  /** The gap that was last filled began behind this entry; -1 before the first. */
  filledAfter: number;
  filledMs: number;
  sentMs: number;
  complainedMs: number;
  /** While it is in `snapshot`. */
  copying: Copying | null;
  /** ADD went to the headnode at this time: from here on it stays in the ack set for the whole epoch. */
  addSentMs: number | null;
};

export type Pending = {
  entry: WriteEntry;
  waiting: Token[];
  preparedMs: number;
  hops: ReplicationHop[];
  /** Of a request whose way is kept, with what followers told of it. */
  traced: { context: string; spans: Span[] } | null;
};

/** A page over several shards; answered when each was confirmed or refused. */
export type ListOperation = {
  from: Token;
  request: ListRequest;
  awaiting: Set<number>;
  served: number[];
  missing: number[];
};

/** Waits for a confirming round, and for `afterSeq` to be committed. */
export type Read = { afterSeq: number } & (
  { from: Token; key: string } | { from: Token; answer: ClientAnswer } | { list: ListOperation }
);

export type Lead = {
  followers: Map<string, Follower>;
  /** Promotion is over when everybody holds the log up to here. */
  promotionLast: number;
  /** Own adoption of the view is durable. */
  isAdopted: boolean;
  pending: Map<number, Pending>;
  pendingBytes: number;
  /** Newest uncommitted write of a key; uncommitted operations by id. */
  newestByKey: Map<string, WriteEntry>;
  pendingById: Map<string, Pending>;
  round: { id: number; awaiting: Set<string>; reads: Read[] } | null;
  nextReads: Read[];
  /** Confirmed, but something they depend on is not committed yet. */
  afterCommit: Read[];
  /** What the copy here adds up to, for comparing with the followers'. */
  comparing: { committed: number; digest: number; records: number } | null;
};

export function newLead(): Lead {
  return {
    followers: new Map(),
    promotionLast: 0,
    isAdopted: false,
    pending: new Map(),
    pendingBytes: 0,
    newestByKey: new Map(),
    pendingById: new Map(),
    round: null,
    nextReads: [],
    afterCommit: [],
    comparing: null,
  };
}

export function newFollower(node: string, isLearner: boolean, nowMs: number): Follower {
  return {
    node,
    store: '',
    isLearner,
    isInAckSet: !isLearner,
    state: isLearner ? 'snapshot' : 'reconciling',
    acked: 0,
    sent: 0,
    told: 0,
    owesSinceMs: nowMs,
    filledAfter: -1,
    filledMs: 0,
    sentMs: nowMs,
    complainedMs: nowMs,
    copying: null,
    addSentMs: null,
  };
}
