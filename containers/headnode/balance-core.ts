/**
 * Spreads copies and primaries anew after nodes came: a copy is added where rendezvous hashing wants it,
 * then the one that is too many is removed, so that a shard never has fewer than before. Only while all
 * is well, a few at a time.
 */
import { rendezvous } from '../algorithms/rendezvous.ts';
import type { ShardView } from '../protocol/stream.ts';
import { eligible, isOver } from './membership-core.ts';
import { startJoin } from './repair-core.ts';
import type { HeadnodeState, Out } from './types.ts';
import { dropSurplus, movePrimary } from './views-core.ts';

export function planBalance(state: HeadnodeState, nowMs: number, out: Out): void {
  if (state.views.size === 0) return;
  const isCalm = [...state.members.values()].every((member) => isOver(member) || member.health === 'ready');
  if (!isCalm) return;
  const views = [...state.views.values()].filter(({ shard, epoch }) => state.announced.get(shard)?.epoch === epoch);
  const nodes = eligible(state);
  for (const view of views) removeSurplus(state, view, nodes, out);
  if (!isSettled(state, views, nowMs)) return;
  const isWhole = spreadCopies(state, views, nodes, nowMs, out);
  if (isWhole) spreadPrimaries(state, views, nodes, out);
}

function removeSurplus(state: HeadnodeState, view: ShardView, nodes: readonly string[], out: Out): void {
  if (view.members.length <= state.settings.replicas || state.joins.has(view.shard)) return;
  const ideal = best(view.shard, nodes);
  const place = (node: string): number => (ideal.includes(node) ? ideal.indexOf(node) : ideal.length);
  const worst = view.members.toSorted((a, b) => place(b) - place(a))[0];
  if (worst !== undefined) dropSurplus(state, view, worst, out);
}

/** Nobody came, went or changed for a while, and no shard wants a copy. */
function isSettled(state: HeadnodeState, views: readonly ShardView[], nowMs: number): boolean {
  const { replicas, rebalanceDelayMs } = state.settings;
  const want = Math.min(replicas, eligible(state).length);
  if (views.length < state.views.size || views.some(({ members }) => members.length < want)) return false;
  const newsMs = Math.max(state.lastJoinedMs, ...[...state.members.values()].map(({ sinceMs }) => sinceMs));
  return nowMs - newsMs >= rebalanceDelayMs;
}

/** Starts copies to where they belong; true when all are there. */
function spreadCopies(
  state: HeadnodeState,
  views: readonly ShardView[],
  nodes: readonly string[],
  nowMs: number,
  out: Out,
): boolean {
  const { replicas, rebalancesAtOnce } = state.settings;
  let isWhole = state.joins.size === 0;
  for (const view of views) {
    if (state.joins.has(view.shard) || view.members.length !== replicas) continue;
    const target = best(view.shard, nodes)
      .slice(0, replicas)
      .find((node) => !view.members.includes(node) && (state.avoidUntilMs.get(node) ?? 0) <= nowMs);
    if (target === undefined) continue;
    isWhole = false;
    if (state.joins.size >= rebalancesAtOnce) break;
    startJoin(state, view, target, 'copies are spread anew', nowMs, out);
  }
  return isWhole;
}

/** Moves one office from who has most of them to who has least, until they differ by one at most. */
function spreadPrimaries(state: HeadnodeState, views: readonly ShardView[], nodes: readonly string[], out: Out): void {
  const led = new Map(nodes.map((node) => [node, 0]));
  for (const { primary } of views) if (primary !== null) led.set(primary, (led.get(primary) ?? 0) + 1);
  const busiest = views.toSorted((a, b) => (led.get(b.primary ?? '') ?? 0) - (led.get(a.primary ?? '') ?? 0));
  for (const view of busiest) {
    const leads = led.get(view.primary ?? '') ?? 0;
    const [idlest] = view.members.toSorted((a, b) => (led.get(a) ?? 0) - (led.get(b) ?? 0));
    if (idlest === undefined || !led.has(idlest) || leads - (led.get(idlest) ?? 0) < 2) continue;
    movePrimary(state, view, idlest, out);
    return;
  }
}

function best(shard: number, nodes: readonly string[]): string[] {
  return rendezvous(
    shard,
    nodes.map((node) => ({ node })),
  );
}
