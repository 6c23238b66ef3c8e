/** State, events, effects and log entries of the datanode's core. */
import type { SelfEffect } from '../protocol/step.ts';
import type { WriteEntry } from '../protocol/record-codec.ts';
import type {
  ClientAnswer,
  ClientRequest,
  DatanodeMessage,
  PeerMessage,
  StoredOperation,
} from '../protocol/store-messages.ts';
import type { ShardView, StoreMode } from '../protocol/stream.ts';
import type { Token } from './lead-state.ts';
import type { Scrub } from './scrub-core.ts';
import type { OperationWindows, Shard } from './shard-state.ts';

export type DatanodeSettings = {
  node: string;
  /** A view with fewer members takes no writes. */
  minInSync: number;
  windows: OperationWindows;
  /** Unanswered for so long: asked again. */
  resendAfterMs: number;
  /** Unanswered for so long: the headnode is told. */
  ackTimeoutMs: number;
  /** Uncommitted bytes of a shard above which writes are refused. */
  pendingBytesMax: number;
  chunkBytes: number;
  chunkOperations: number;
  /** What goes out of copies, all together, at most. */
  transferBytesPerS: number;
  /** From the start of one pass over all checksums to the next. */
  scrubIntervalMs: number;
  mode: StoreMode;
};

export const DATANODE_DEFAULTS: Omit<DatanodeSettings, 'node' | 'minInSync'> = {
  windows: { namedMs: 600_000, retryMs: 30_000 },
  resendAfterMs: 500,
  ackTimeoutMs: 1_000,
  pendingBytesMax: 16 * 1024 * 1024,
  chunkBytes: 512 * 1024,
  chunkOperations: 2_000,
  transferBytesPerS: 20_000_000,
  scrubIntervalMs: 60_000,
  mode: 'linearizable',
};

export type DatanodeState = {
  settings: DatanodeSettings;
  /** Made when the volume was first used; empty until then. */
  store: string;
  shards: Map<number, Shard>;
  /** Epochs as the headnode announced them in this process's life, of all shards. */
  announced: Map<number, number>;
  /** `low`: no new writes. `failed`: nothing more can be stored until a restart. */
  disk: 'ok' | 'low' | 'failed';
  /** CONFIRM goes to each peer one at a time; what waits meanwhile goes together. */
  confirms: Map<string, ConfirmPipe>;
  lastRound: number;
  /** What copies may still send now; negative after a chunk that was larger. */
  transfer: { budgetBytes: number; atMs: number };
  scrub: Scrub;
  /** Entries sent to and acknowledged by each peer since the process started. */
  edges: Map<string, { sent: number; ok: number; failed: number }>;
};

export type ConfirmPipe = {
  outstanding: { firstRound: number; round: number; items: ConfirmItem[]; sentMs: number; sinceMs: number } | null;
  queued: ConfirmItem[];
};
export type ConfirmItem = { shard: number; epoch: number; roundId: number };

export type DatanodeEvent =
  | { kind: 'views'; views: ShardView[] }
  | { kind: 'learn'; shard: number; epoch: number; node: string; store: string }
  | { kind: 'request'; from: Token; request: ClientRequest }
  | { kind: 'peer'; from: string; message: PeerMessage }
  /** A connection to a follower was made: what was sent on the one before may be lost. */
  | { kind: 'peer-up'; node: string }
  | { kind: 'disk'; state: DatanodeState['disk'] }
  | { kind: 'ask-blocks' }
  | { kind: 'tick' }
  /** From the core to itself, when something is on disk. */
  | { kind: 'durable'; shard: number; epoch: number; seq: number; traced?: { context: string; startMs: number } }
  | { kind: 'adopted'; shard: number; epoch: number }
  | { kind: 'reconciled'; shard: number; epoch: number; last: number; to: string }
  | { kind: 'learned'; shard: number; epoch: number; base: number; number: number; to: string };

export type DatanodeEffect =
  | { kind: 'send'; to: string; message: PeerMessage }
  | { kind: 'answer'; to: Token; answer: ClientAnswer }
  | { kind: 'report'; message: DatanodeMessage }
  // As PersistEffect, written out: an alias cannot refer to itself through another one.
  | { kind: 'persist'; entries: LogEntry[]; then: DatanodeEffect[] }
  | SelfEffect<DatanodeEvent>;

/** One durable log holds the entries of all shards. */
export type LogEntry =
  | WriteEntry
  /** The first entry on a new volume. */
  | { kind: 'identity'; store: string }
  /** A view was adopted; entries of the shard after `keepTo` are dropped. */
  | { kind: 'view'; view: ShardView; keepTo: number }
  /** A view without this node: its data is gone. */
  | { kind: 'drop'; shard: number; epoch: number; view?: ShardView }
  | { kind: 'learn-begin'; view: ShardView; chunks: number; base: number; versionFloor: number }
  | { kind: 'learn-chunk'; shard: number; number: number; entries: WriteEntry[]; operations: StoredOperation[] };

export type Out = DatanodeEffect[];
