/** A shard's committed state cut into pieces, one at a time: for a learner, and for the node's own snapshot. */
import type { WriteEntry } from '../protocol/record-codec.ts';
import type { StoredOperation } from '../protocol/store-messages.ts';
import type { Shard } from './shard-state.ts';

export type Chunk = { entries: WriteEntry[]; operations: StoredOperation[] };
type Limits = { chunkBytes: number; chunkOperations: number };

/**
 * A copy on its way. Only one chunk is held; the rest is read from the shard when its turn comes.
 * What was written after `base` is left out then, because the log brings it behind the copy.
 */
export type Copying = {
  readonly base: number;
  /** At least one. */
  readonly chunks: number;
  readonly totalBytes: number;
  /** The chunk that is on its way, from 1; 0 stands for the announcement. */
  number: number;
  chunk: Chunk | null;
  sentBytes: number;
  /** Waits until the node may send again. */
  isHeld: boolean;
  /** Records that each chunk covers. */
  readonly counts: readonly number[];
  readonly records: Iterator<WriteEntry>;
  readonly operations: Iterator<StoredOperation>;
  readonly operationsPerChunk: number;
};

/** Plans the copy of a shard as it is committed now. While it lasts, no record may be dropped from the shard. */
export function beginCopy(shard: Shard, { chunkBytes, chunkOperations }: Limits): Copying {
  const counts: number[] = [];
  let count = 0;
  let bytes = 0;
  let totalBytes = 0;
  for (const entry of shard.records.values()) {
    if (count > 0 && bytes + entry.bytes.length > chunkBytes) {
      counts.push(count);
      count = 0;
      bytes = 0;
    }
    count += 1;
    bytes += entry.bytes.length;
    totalBytes += entry.bytes.length;
  }
  counts.push(count);
  const operations = shard.operations.size + shard.retries.size;
  return {
    base: shard.committed,
    chunks: Math.max(counts.length, Math.ceil(operations / chunkOperations)),
    totalBytes,
    number: 0,
    chunk: null,
    sentBytes: 0,
    isHeld: false,
    counts,
    records: shard.records.values(),
    operations: operationsOf(shard),
    operationsPerChunk: chunkOperations,
  };
}

/** Takes the next chunk from the shard. */
export function nextChunk(copying: Copying): Chunk {
  const entries = taken(copying.records, copying.counts[copying.number] ?? 0, copying.base);
  const operations = taken(copying.operations, copying.operationsPerChunk, copying.base);
  copying.number += 1;
  copying.chunk = { entries, operations };
  return copying.chunk;
}

/** The whole of it at once. */
export function* chunksOf(shard: Shard, limits: Limits): Generator<Chunk> {
  const copying = beginCopy(shard, limits);
  while (copying.number < copying.chunks) yield nextChunk(copying);
}

function taken<Item extends { seq: number }>(from: Iterator<Item>, count: number, base: number): Item[] {
  const items: Item[] = [];
  for (let at = 0; at < count; at++) {
    const { done, value } = from.next();
    if (done === true) break;
    if (value.seq <= base) items.push(value);
  }
  return items;
}

function* operationsOf(shard: Shard): Generator<StoredOperation> {
  yield* shard.operations.values();
  yield* shard.retries.values();
}
