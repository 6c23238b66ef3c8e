/** A shard's committed state cut into pieces for a learner. */
import type { WriteEntry } from '../protocol/record-codec.ts';
import type { StoredOperation } from '../protocol/store-messages.ts';
import type { Shard } from './shard-state.ts';

export type Chunk = { entries: WriteEntry[]; operations: StoredOperation[] };

/** At least one chunk; entries are immutable, so this is the state as of now however long it takes to send. */
export function chunksOf(shard: Shard, limits: { chunkBytes: number; chunkOperations: number }): Chunk[] {
  const chunks: Chunk[] = [];
  let chunk: Chunk = { entries: [], operations: [] };
  let bytes = 0;
  const next = (): void => {
    chunks.push(chunk);
    chunk = { entries: [], operations: [] };
    bytes = 0;
  };
  for (const entry of shard.records.values()) {
    if (bytes > 0 && bytes + entry.bytes.length > limits.chunkBytes) next();
    chunk.entries.push(entry);
    bytes += entry.bytes.length;
  }
  for (const operations of [shard.operations, shard.retries]) {
    for (const operation of operations.values()) {
      if (chunk.operations.length >= limits.chunkOperations) next();
      chunk.operations.push(operation);
    }
  }
  next();
  return chunks;
}
