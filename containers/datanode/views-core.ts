/** What a new view makes of this node's shard: primary, secondary, or nothing of it any more. */
import type { ShardView } from '../protocol/stream.ts';
import { promote, stepDown } from './lead-core.ts';
import { shardOf } from './follow-core.ts';
import { wipe } from './shard-state.ts';
import type { DatanodeState, Out } from './types.ts';

/** Takes views as the headnode announces them; those that are not newer than what is known change nothing. */
export function onViews(state: DatanodeState, views: readonly ShardView[], nowMs: number, out: Out): void {
  for (const view of views) {
    state.announced.set(view.shard, Math.max(view.epoch, state.announced.get(view.shard) ?? 0));
    const isMember = view.members.includes(state.settings.node);
    const known = state.shards.get(view.shard);
    if (view.epoch <= (known?.epoch ?? 0) || (!isMember && known === undefined)) continue;
    if (isMember) adopt(state, view, nowMs, out);
    else drop(state, view, out);
  }
}

/** What this node has heard of views, as one number to compare. */
export function epochSum(state: DatanodeState): number {
  let sum = 0;
  for (const epoch of state.announced.values()) sum += epoch;
  return sum;
}

function adopt(state: DatanodeState, view: ShardView, nowMs: number, out: Out): void {
  const shard = shardOf(state, view.shard);
  // An unfinished copy is worth nothing; RECONCILE will find out that this node lacks the data.
  if (shard.learned !== null && shard.learned.durable < shard.learned.chunks) wipe(shard);
  if (view.primary === state.settings.node) {
    promote(state, shard, view, nowMs, out);
    return;
  }
  stepDown(state, shard, out);
  // From here on the old epoch is refused; the new one begins with RECONCILE, which is persisted.
  shard.epoch = view.epoch;
  shard.view = view;
  shard.role = 'secondary';
}

/** Removed: what lies here is not kept up any more, so a later return starts from nothing. */
function drop(state: DatanodeState, view: ShardView, out: Out): void {
  const shard = shardOf(state, view.shard);
  const hadData = shard.role !== 'absent';
  stepDown(state, shard, out);
  wipe(shard);
  shard.epoch = view.epoch;
  shard.view = view;
  if (hadData)
    out.push({ kind: 'persist', entries: [{ kind: 'drop', shard: view.shard, epoch: view.epoch, view }], then: [] });
}
