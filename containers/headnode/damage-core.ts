/** Damaged copies: the event, and a new copy from a good one where there is one. */
import type { DatanodeMessage } from '../protocol/store-messages.ts';
import type { CorruptionRemedy } from '../protocol/stream.ts';
import type { HeadnodeState, Out } from './types.ts';
import { removeMember } from './views-core.ts';

export function onCorrupt(
  state: HeadnodeState,
  message: Extract<DatanodeMessage, { t: 'corrupt' }>,
  nowMs: number,
  out: Out,
): void {
  const { node, shard, key, place, reason } = message;
  const tell = (remedy: CorruptionRemedy): void => {
    out.push({ kind: 'event', event: { type: 'corruption-found', node, shard, key, place, remedy, reason } });
  };
  if (shard === null || message.remedy !== null) {
    tell(message.remedy ?? 'withheld');
    return;
  }
  const view = state.views.get(shard);
  // Of a copy that is already on its way out.
  if (view === undefined || view.epoch !== message.epoch || !view.members.includes(node)) return;
  const isElsewhere = view.members.some((other) => other !== node && state.members.get(other)?.health === 'ready');
  tell(isElsewhere ? 'copied-again' : 'withheld');
  if (!isElsewhere) return;
  removeMember(state, node, [shard], nowMs, `the copy on ${node} is damaged`, out);
  // It is certain that this copy does not come back: nothing to wait for.
  state.lostAtMs.delete(shard);
}
