/**
 * What a datanode holds of one shard. Its role:
 *
 *                      ┌────────── a view without this node: everything is dropped ─────────┐
 *   absent ── learn ──→ learner ── a view with it ──→ secondary ⇄ promoting → primary       │
 *     ↑ └───────── the first view with it ───────────────↑   ↑        └── newer epoch ──→ deposed
 *     └──────────────────────────────────────────────────│── restarted (waits for a newer epoch)
 */
import type { StoredOperation } from '../protocol/store-messages.ts';
import type { WriteEntry } from '../protocol/record-codec.ts';
import type { ShardView } from '../protocol/stream.ts';
import type { Lead } from './lead-state.ts';
import { RETRY_MARK, Retries } from './retries.ts';

export type ShardRole = 'absent' | 'restarted' | 'learner' | 'secondary' | 'promoting' | 'primary' | 'deposed';

export type Shard = {
  readonly shard: number;
  /** Of the newest view known here; anything from an older one is refused. */
  epoch: number;
  view: ShardView | null;
  role: ShardRole;
  /** A secondary takes PREPARE only from the primary whose RECONCILE it answered in this epoch. */
  reconciledEpoch: number;
  /** Adoption of that view is on disk. */
  isViewDurable: boolean;
  /** Committed state: the newest write of each key; deletes stay as tombstones. */
  records: Map<string, WriteEntry>;
  /** Committed operations by id, oldest first: those that clients named, and those for retries only. */
  operations: Map<string, StoredOperation>;
  retries: Retries;
  /** No version of a tombstone that was dropped is above this: versions of a key never repeat. */
  versionFloor: number;
  /** Positions in the shard's log: committed ≤ durable here ≤ last, except while a view is adopted. */
  committed: number;
  durable: number;
  last: number;
  /** Entries logFloor + 1 … last: all that are not committed, and what a learner still needs. */
  log: Map<number, WriteEntry>;
  logFloor: number;
  /** Live keys in list order; null when they must be sorted again. */
  sortedKeys: string[] | null;
  liveRecords: number;
  valueBytes: number;
  /** Keys whose value was found to fail its checksum, and reported. */
  damaged: Set<string>;
  /** While promoting or primary. */
  lead: Lead | null;
  /** The snapshot by which a learner came by the shard: chunks taken, and of these on disk. */
  learned: { taken: number; durable: number; chunks: number; base: number } | null;
};

/** A shard of which nothing is here. */
export function emptyShard(shard: number): Shard {
  return {
    shard,
    epoch: 0,
    view: null,
    role: 'absent',
    reconciledEpoch: 0,
    isViewDurable: false,
    records: new Map(),
    operations: new Map(),
    retries: new Retries(),
    versionFloor: 0,
    committed: 0,
    durable: 0,
    last: 0,
    log: new Map(),
    logFloor: 0,
    sortedKeys: null,
    liveRecords: 0,
    valueBytes: 0,
    damaged: new Set(),
    lead: null,
    learned: null,
  };
}

/** Forgets all data, not the epoch. */
export function wipe(shard: Shard): void {
  const { epoch, view } = shard;
  Object.assign(shard, emptyShard(shard.shard), { epoch, view });
}

/** Windows in which a repeated operation is recognised, ms of the primary's clock. */
export type OperationWindows = { namedMs: number; retryMs: number };

/** The id under which an operation is remembered: the same opId on another key is another operation. */
export function operationId(opId: string, key: string): string {
  return isRetry(opId) ? opId : `${opId}\n${key}`;
}

/** Its id stands for one request alone, so nothing else needs to be compared. */
function isRetry(id: string): boolean {
  return id.startsWith(RETRY_MARK);
}

/** What must be equal when an operation comes again under its id. */
export function fingerprintOf(
  entry: { isDelete: boolean; checksum: number; contentType: string },
  bytes: number,
): string {
  return entry.isDelete ? 'delete' : `${entry.checksum}:${bytes}:${entry.contentType}`;
}

/** Appends to the log; the entry's seq must be last + 1. */
export function appendEntry(shard: Shard, entry: WriteEntry): void {
  shard.log.set(entry.seq, entry);
  shard.last = entry.seq;
}

/** Drops the entries after `keepTo`. */
export function cutLog(shard: Shard, keepTo: number): void {
  for (let seq = keepTo + 1; seq <= shard.last; seq++) shard.log.delete(seq);
  shard.last = Math.min(shard.last, keepTo);
  shard.durable = Math.min(shard.durable, keepTo);
}

/** Applies entries up to `target` (at most `last`), telling of each; keeps those after `retainAfter` in the log. */
export function commitTo(
  shard: Shard,
  target: number,
  windows: OperationWindows,
  applied: (entry: WriteEntry) => void = () => undefined,
): void {
  const end = Math.min(target, shard.last);
  while (shard.committed < end) {
    const entry = shard.log.get(shard.committed + 1);
    if (entry === undefined) throw new Error(`shard ${shard.shard} lacks entry ${shard.committed + 1}`);
    shard.committed = entry.seq;
    putRecord(shard, entry);
    remember(shard, entry, windows);
    applied(entry);
  }
}

/** Lets go of log entries that are committed and up to `upTo`. */
export function trimLog(shard: Shard, upTo: number): void {
  const end = Math.min(upTo, shard.committed);
  while (shard.logFloor < end) shard.log.delete(++shard.logFloor);
}

/** Makes `entry` the committed state of its key. */
export function putRecord(shard: Shard, entry: WriteEntry): void {
  const before = shard.records.get(entry.key);
  const wasLive = before !== undefined && !before.isDelete;
  if (wasLive) {
    shard.liveRecords -= 1;
    shard.valueBytes -= before.valueBytes;
  }
  if (!entry.isDelete) {
    shard.liveRecords += 1;
    shard.valueBytes += entry.valueBytes;
  }
  if (wasLive === entry.isDelete) shard.sortedKeys = null;
  shard.damaged.delete(entry.key);
  shard.records.set(entry.key, entry);
}

function remember(shard: Shard, entry: WriteEntry, windows: OperationWindows): void {
  const { opId, key, seq, version, isCreation, atMs } = entry;
  if (opId !== '') {
    const operation = { id: operationId(opId, key), seq, version, isCreation, atMs };
    if (isRetry(opId)) shard.retries.add(operation);
    else shard.operations.set(operation.id, { ...operation, fingerprint: fingerprintOf(entry, entry.valueBytes) });
  }
  forget(shard.operations, atMs - windows.namedMs);
  shard.retries.forget(atMs - windows.retryMs);
}

export function putOperation(shard: Shard, operation: StoredOperation): void {
  if (isRetry(operation.id)) shard.retries.add(operation);
  else shard.operations.set(operation.id, operation);
}

export function findOperation(shard: Shard, id: string): StoredOperation | undefined {
  return isRetry(id) ? shard.retries.find(id) : shard.operations.get(id);
}

/** By the times in the entries, not by this node's clock: every replica forgets the same. */
function forget(operations: Map<string, StoredOperation>, beforeMs: number): void {
  if (operations.size === 0) return;
  for (const [id, { atMs }] of operations) {
    if (atMs >= beforeMs) return;
    operations.delete(id);
  }
}

/** Drops tombstones older than `beforeMs`; later versions of those keys start above them. */
export function dropTombstones(shard: Shard, beforeMs: number): void {
  for (const [key, entry] of shard.records) {
    if (!entry.isDelete || entry.atMs >= beforeMs) continue;
    shard.versionFloor = Math.max(shard.versionFloor, entry.version);
    shard.records.delete(key);
  }
}
