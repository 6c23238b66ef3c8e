/** What this node knows of every shard, for a headnode that lost its log. */
import type { BlockReport } from '../protocol/store-messages.ts';
import type { DatanodeState, Out } from './types.ts';

export function reportBlocks(state: DatanodeState, out: Out): void {
  const reports: BlockReport[] = [];
  for (const [number, announced] of state.announced) {
    if (!state.shards.has(number)) {
      reports.push({ shard: number, epoch: announced, view: null, hasData: false, last: 0 });
    }
  }
  for (const { shard, epoch, view, role, learned, last } of state.shards.values()) {
    const isWhole = learned === null || learned.taken === learned.chunks;
    const hasData = role !== 'absent' && role !== 'learner' && isWhole;
    reports.push({ shard, epoch, view, hasData, last });
  }
  out.push({ kind: 'report', message: { t: 'blocks', reports } });
}
