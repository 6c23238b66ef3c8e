/** How a follower that lags is fed: what it was not sent yet, a bounded lot ahead of its acknowledgements. */
import type { Follower } from './lead-state.ts';
import type { Shard } from './shard-state.ts';
import type { DatanodeState, Out } from './types.ts';
import { sendEntry } from './writes-core.ts';

/** Entries sent ahead of their acknowledgement when a follower is behind. */
export const FILL_ENTRIES = 64;
const FILL_BYTES = 4 * 1024 * 1024;

export function fill(state: DatanodeState, shard: Shard, follower: Follower, nowMs: number, out: Out): void {
  let bytes = 0;
  while (follower.sent < shard.last && follower.sent < follower.acked + FILL_ENTRIES && bytes < FILL_BYTES) {
    const entry = shard.log.get(follower.sent + 1);
    if (entry === undefined) throw new Error(`shard ${shard.shard} lacks entry ${follower.sent + 1}`);
    bytes += entry.bytes.length;
    sendEntry(state, shard, follower, entry, nowMs, out);
  }
}
