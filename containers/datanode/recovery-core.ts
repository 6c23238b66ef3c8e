/**
 * The datanode's state from its log, and the log's entries as bytes. Every shard found on disk waits
 * as `restarted` for an epoch newer than its own: what it was when the node ended, it is no longer.
 */
import { OrreryError } from '../protocol/errors.ts';
import { decodeWrite, pack, unpack } from '../protocol/record-codec.ts';
import type { WriteEntry } from '../protocol/record-codec.ts';
import type { StoredOperation } from '../protocol/store-messages.ts';
import type { ShardView } from '../protocol/stream.ts';
import { chunksOf } from './learn-core.ts';
import { shardOf, takeChunk } from './follow-core.ts';
import { appendEntry, commitTo, cutLog, trimLog, wipe } from './shard-state.ts';
import type { Shard } from './shard-state.ts';
import type { DatanodeState, LogEntry } from './types.ts';

/** First byte of an entry. A write begins with the version of its own format, which is 1. */
const WRITE = 1;
const PLAIN = 2;
const PACKED = 3;

/** A shard in a snapshot of the node: its head, then entries in `learn-chunk`s, then the uncommitted ones. */
type ShardHead = {
  kind: 'shard';
  shard: number;
  epoch: number;
  view: ShardView | null;
  chunks: number;
  base: number;
  versionFloor: number;
};
type StoredEntry = LogEntry | ShardHead;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function encodeLogEntry(entry: StoredEntry): Uint8Array {
  if (entry.kind === 'write') return entry.bytes;
  if (entry.kind === 'learn-chunk') {
    const { entries, ...rest } = entry;
    return tagged(PACKED, pack([encoder.encode(JSON.stringify(rest)), ...entries.map(({ bytes }) => bytes)]));
  }
  return tagged(PLAIN, encoder.encode(JSON.stringify(entry)));
}

/** Reads an entry back; `bytes` may be reused by the caller. Throws log-corrupt. */
export function decodeLogEntry(bytes: Uint8Array): StoredEntry {
  try {
    if (bytes[0] === WRITE) return decodeWrite(bytes);
    if (bytes[0] === PLAIN) return JSON.parse(decoder.decode(bytes.subarray(1))) as StoredEntry;
    if (bytes[0] === PACKED) {
      const [head, ...entries] = unpack(bytes.subarray(1));
      const rest = JSON.parse(decoder.decode(head)) as { shard: number; number: number; operations: StoredOperation[] };
      return { ...rest, kind: 'learn-chunk', entries: entries.map(decodeWrite) };
    }
  } catch {
    // Falls through: whatever is wrong with it, the log's own checksum did not notice.
  }
  throw new OrreryError('log-corrupt', { node: 'this datanode', where: `an entry of ${bytes.length} bytes` });
}

/** Applies one entry of the log to a node that is being rebuilt. */
export function replay(state: DatanodeState, entry: StoredEntry): void {
  switch (entry.kind) {
    case 'identity':
      state.store = entry.store;
      return;
    case 'write':
      replayWrite(state, shardOf(state, entry.shard), entry);
      return;
    case 'view': {
      const shard = shardOf(state, entry.view.shard);
      cutLog(shard, entry.keepTo);
      Object.assign(shard, { epoch: entry.view.epoch, view: entry.view, role: 'restarted' });
      return;
    }
    case 'drop': {
      const shard = shardOf(state, entry.shard);
      wipe(shard);
      Object.assign(shard, { epoch: entry.epoch, view: entry.view ?? null });
      return;
    }
    case 'shard':
    case 'learn-begin': {
      const { chunks, base, versionFloor, view } = entry;
      const shard = shardOf(state, entry.kind === 'shard' ? entry.shard : entry.view.shard);
      wipe(shard);
      const epoch = entry.kind === 'shard' ? entry.epoch : entry.view.epoch;
      Object.assign(shard, { epoch, view, versionFloor, role: 'restarted' });
      shard.learned = { taken: 0, durable: 0, chunks, base };
      return;
    }
    case 'learn-chunk': {
      const shard = shardOf(state, entry.shard);
      takeChunk(shard, entry);
      if (shard.learned !== null) shard.learned.durable = shard.learned.taken;
    }
  }
}

function replayWrite(state: DatanodeState, shard: Shard, entry: WriteEntry): void {
  if (entry.seq !== shard.last + 1) {
    throw new OrreryError('log-corrupt', {
      node: state.settings.node,
      where: `shard ${entry.shard}: entry ${entry.seq} after ${shard.last}`,
    });
  }
  appendEntry(shard, entry);
  commitTo(shard, entry.committed, state.settings.windows);
  trimLog(shard, shard.committed);
}

/** Ends the replay: half-taken copies are dropped, everything on disk counts as durable. */
export function finishReplay(state: DatanodeState): void {
  for (const shard of state.shards.values()) {
    if (shard.learned !== null && shard.learned.taken < shard.learned.chunks) wipe(shard);
    shard.learned = null;
    shard.durable = shard.last;
    if (shard.role !== 'absent') shard.role = 'restarted';
  }
}

/** The node's state as entries that rebuild it: what a snapshot of the log holds. */
export function* snapshotEntries(state: DatanodeState): Generator<StoredEntry> {
  yield { kind: 'identity', store: state.store };
  for (const shard of state.shards.values()) {
    const { shard: number, epoch, view, versionFloor, committed: base } = shard;
    const isPartial = shard.learned !== null && shard.learned.taken < shard.learned.chunks;
    if (shard.role === 'absent') {
      yield { kind: 'drop', shard: number, epoch, ...(view !== null && { view }) };
      continue;
    }
    const head = { kind: 'shard', shard: number, epoch, view, versionFloor } as const;
    if (shard.learned !== null && isPartial) {
      // A copy on its way goes on with the chunks that the log gets after this snapshot.
      yield { ...head, chunks: shard.learned.chunks, base: shard.learned.base };
      yield* partialChunks(shard, shard.learned.taken);
      continue;
    }
    const chunks = [...chunksOf(shard, state.settings)];
    yield { ...head, chunks: chunks.length, base };
    for (const [at, chunk] of chunks.entries()) yield { kind: 'learn-chunk', shard: number, number: at + 1, ...chunk };
    for (let seq = shard.committed + 1; seq <= shard.last; seq++) {
      const entry = shard.log.get(seq);
      if (entry !== undefined) yield entry;
    }
  }
}

/** What a half-taken copy holds, as the same number of chunks: all of it in the first, the others empty. */
function* partialChunks(shard: Shard, taken: number): Generator<StoredEntry> {
  const entries = [...shard.records.values()];
  const operations = [...shard.operations.values(), ...shard.retries.values()];
  for (let number = 1; number <= taken; number++) {
    const content = number === 1 ? { entries, operations } : { entries: [], operations: [] };
    yield { kind: 'learn-chunk', shard: shard.shard, number, ...content };
  }
}

/** Reads a snapshot made of packed entries. */
export function replaySnapshot(state: DatanodeState, bytes: Uint8Array): void {
  for (const entry of unpack(bytes)) replay(state, decodeLogEntry(entry));
}

export function encodeSnapshot(state: DatanodeState): Uint8Array {
  return pack([...snapshotEntries(state)].map(encodeLogEntry));
}

function tagged(tag: number, bytes: Uint8Array): Uint8Array {
  const whole = new Uint8Array(1 + bytes.length);
  whole[0] = tag;
  whole.set(bytes, 1);
  return whole;
}
