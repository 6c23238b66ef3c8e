/**
 * What an observer who sees everything knows of the replicas: each node's log as its core believes it
 * to be, and as its disk would give it back. Kept apart from the cores, from what they write.
 */
import type { WriteEntry } from '../protocol/record-codec.ts';
import type { decodeLogEntry } from '../datanode/recovery-core.ts';

export type StoredEntry = ReturnType<typeof decodeLogEntry>;

/** A shard's log on one node: entries base + 1 … last by name; what is up to `base` came as a snapshot. */
export class ShadowLog {
  base = 0;
  last = 0;
  /** Up to here commits were compared. */
  checkedTo = 0;
  readonly names = new Map<number, string>();

  /** True when position `seq` holds `name`, or lies in what came as a snapshot. */
  holds(seq: number, name: string): boolean {
    return seq <= this.base || this.names.get(seq) === name;
  }

  cut(keepTo: number): void {
    for (let seq = keepTo + 1; seq <= this.last; seq += 1) this.names.delete(seq);
    this.last = Math.min(this.last, keepTo);
  }

  copy(): ShadowLog {
    const copy = new ShadowLog();
    copy.base = this.base;
    copy.last = this.last;
    for (const [seq, name] of this.names) copy.names.set(seq, name);
    return copy;
  }
}

/** All shards of one node. */
export class ShadowNode {
  readonly shards = new Map<number, ShadowLog>();
  /** A copy that is being taken: what its last chunk completes. */
  readonly #learning = new Map<number, { chunks: number; base: number }>();

  shard(number: number): ShadowLog {
    let log = this.shards.get(number);
    if (log === undefined) this.shards.set(number, (log = new ShadowLog()));
    return log;
  }

  apply(entry: StoredEntry): void {
    switch (entry.kind) {
      case 'identity':
        return;
      case 'write': {
        const log = this.shard(entry.shard);
        log.names.set(entry.seq, nameOf(entry));
        log.last = entry.seq;
        return;
      }
      case 'view':
        this.shard(entry.view.shard).cut(entry.keepTo);
        return;
      case 'drop':
        this.shards.delete(entry.shard);
        this.#learning.delete(entry.shard);
        return;
      case 'learn-begin':
        this.shards.delete(entry.view.shard);
        this.#learning.set(entry.view.shard, { chunks: entry.chunks, base: entry.base });
        return;
      case 'learn-chunk': {
        const learning = this.#learning.get(entry.shard);
        if (learning === undefined || entry.number < learning.chunks) return;
        this.#learning.delete(entry.shard);
        const log = this.shard(entry.shard);
        log.base = learning.base;
        log.last = learning.base;
        return;
      }
      case 'shard':
        throw new Error('a snapshot is no part of the log');
    }
  }

  copy(): ShadowNode {
    const copy = new ShadowNode();
    for (const [number, log] of this.shards) copy.shards.set(number, log.copy());
    return copy;
  }
}

/** Place, epoch and content in one name: equal names, equal entries. */
export function nameOf({ epoch, seq, key, version, opId, isDelete, checksum }: WriteEntry): string {
  return `${epoch}.${seq} ${key}@${version} ${isDelete ? 'delete' : checksum} ${opId}`;
}
