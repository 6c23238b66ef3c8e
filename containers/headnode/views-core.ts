/** The only place where views change: each change is one epoch on, on disk before anybody hears of it. */
import { rendezvous } from '../algorithms/rendezvous.ts';
import type { ShardView } from '../protocol/stream.ts';
import type { HeadnodeState, Join, Out } from './types.ts';

/** Decides the next view of a shard, if nothing changed it since `expectedEpoch`. */
function nextView(
  state: HeadnodeState,
  shard: number,
  expectedEpoch: number,
  next: { primary: string | null; members: string[]; epochsOn?: number },
  out: Out,
): ShardView | null {
  const current = state.views.get(shard);
  if ((current?.epoch ?? 0) !== expectedEpoch) return null;
  const { primary, members, epochsOn = 1 } = next;
  const view: ShardView = { shard, epoch: expectedEpoch + epochsOn, primary, members };
  state.views.set(shard, view);
  const join = state.joins.get(shard);
  if (join !== undefined && !members.includes(join.node)) abandon(state, join, 'the view changed', out);
  state.joins.delete(shard);
  return view;
}

/** A copy comes to nothing. */
export function abandon(state: HeadnodeState, join: Join, reason: string, out: Out): void {
  const { shard, node: to, repair } = join;
  state.joins.delete(shard);
  out.push({ kind: 'event', event: { type: 'repair-abandoned', shard, to, repair, reason } });
}

/** Stores views; they take effect when they are on disk. */
function store(views: (ShardView | null)[], reason: string, out: Out, repair?: string): void {
  const changed = views.filter((view) => view !== null);
  if (changed.length === 0) return;
  out.push({
    kind: 'persist',
    entries: [{ kind: 'views', views: changed }],
    then: [
      { kind: 'self', event: { kind: 'stored', views: changed, reason, ...(repair !== undefined && { repair }) } },
    ],
  });
}

/** Nothing later has been decided about the shard. */
export function isNewest(state: HeadnodeState, { shard, epoch }: ShardView): boolean {
  return state.views.get(shard)?.epoch === epoch;
}

/** What was overtaken on its way to the disk is not announced any more, see `sendAllViews`. */
export function onStored(
  state: HeadnodeState,
  { views: stored, reason, repair }: { views: ShardView[]; reason: string; repair?: string },
  out: Out,
): void {
  const views = stored.filter((view) => isNewest(state, view));
  if (views.length === 0) return;
  for (const view of views) state.announced.set(view.shard, view);
  out.push({ kind: 'announce', views });
  for (const view of views)
    out.push({ kind: 'event', event: { type: 'view-changed', view, reason, ...(repair !== undefined && { repair }) } });
}

/** A fresh cluster: every shard on its best nodes, primaries spread evenly over them. */
export function createViews(state: HeadnodeState, nodes: readonly string[], out: Out): void {
  const { shards, replicas } = state.settings;
  const led = new Map<string, number>();
  const views: (ShardView | null)[] = [];
  for (let shard = 0; shard < shards; shard++) {
    const ranked = rendezvous(
      shard,
      nodes.map((node) => ({ node })),
    );
    const members = ranked.slice(0, replicas);
    const primary = members.toSorted((a, b) => (led.get(a) ?? 0) - (led.get(b) ?? 0))[0] ?? null;
    if (primary !== null) led.set(primary, (led.get(primary) ?? 0) + 1);
    views.push(nextView(state, shard, 0, { primary, members }, out));
  }
  store(views, 'the cluster is new', out);
}

/**
 * Takes nodes out of a shard's view; the primary comes from those who stay. The last member is never
 * removed: without it nobody has the data, and the shard waits for it.
 */
function without(state: HeadnodeState, view: ShardView, node: string, out: Out): ShardView | null {
  const members = view.members.filter((member) => member !== node);
  if (members.length === 0 || members.length === view.members.length) return null;
  const primary = view.primary === node ? bestPrimary(state, view.shard, members) : view.primary;
  return nextView(state, view.shard, view.epoch, { primary, members }, out);
}

/** Removes a node from one view, or from all that hold it. */
export function removeMember(
  state: HeadnodeState,
  node: string,
  shards: Iterable<number>,
  nowMs: number,
  reason: string,
  out: Out,
): void {
  const changed: (ShardView | null)[] = [];
  for (const shard of shards) {
    const view = state.views.get(shard);
    if (view === undefined) continue;
    const next = without(state, view, node, out);
    if (next !== null) noteLoss(state, shard, reason, nowMs);
    // A copy that was going to it may already be waited for by the primary: only a new epoch frees that.
    changed.push(next ?? (state.joins.get(shard)?.node === node ? sameMembers(state, view, out) : null));
  }
  store(changed, reason, out);
}

/** A new epoch with the same members, the primary one that is well. */
function sameMembers(state: HeadnodeState, view: ShardView, out: Out): ShardView | null {
  const { shard, epoch, members, primary } = view;
  const isWell = primary !== null && state.members.get(primary)?.health === 'ready';
  const next = isWell ? primary : bestPrimary(state, shard, members);
  return nextView(state, shard, epoch, { primary: next, members }, out);
}

/** The copy cannot become a member, but its primary may wait for it: a new epoch, the same members. */
export function refuseJoin(state: HeadnodeState, shard: number, reason: string, out: Out): void {
  const view = state.views.get(shard);
  if (view !== undefined) store([sameMembers(state, view, out)], reason, out);
}

/** A process that ended resumes no epoch: each of its shards gets a new one, under another primary where there is one. */
export function renewEpochs(state: HeadnodeState, node: string, out: Out): void {
  const changed: (ShardView | null)[] = [];
  for (const view of state.views.values()) {
    if (view.members.includes(node)) {
      const others = view.members.filter((member) => member !== node && state.members.get(member)?.health === 'ready');
      const primary = view.primary === node ? (rank(view.shard, others)[0] ?? node) : view.primary;
      changed.push(nextView(state, view.shard, view.epoch, { primary, members: view.members }, out));
    } else if (state.joins.get(view.shard)?.node === node) {
      changed.push(sameMembers(state, view, out));
    }
  }
  store(changed, `${node} started again`, out);
}

/**
 * The node came back without its data. Where others have it, it is no member any more; where nobody
 * has, the view is emptied: the shard is lost and must not look like an empty one.
 */
export function forgetStore(state: HeadnodeState, node: string, nowMs: number, out: Out): void {
  const changed: (ShardView | null)[] = [];
  for (const view of state.views.values()) {
    if (view.members.includes(node)) {
      noteLoss(state, view.shard, `${node} lost its disk`, nowMs);
      const next = without(state, view, node, out);
      changed.push(next ?? nextView(state, view.shard, view.epoch, { primary: null, members: [] }, out));
    } else if (state.joins.get(view.shard)?.node === node) {
      changed.push(sameMembers(state, view, out));
    }
  }
  store(changed, `${node} lost its disk`, out);
}

/** The copy is complete: the node becomes a member. */
export function addMember(state: HeadnodeState, view: ShardView, node: string, out: Out): void {
  const { shard, epoch, primary, members } = view;
  const repair = state.joins.get(shard)?.repair;
  const next = nextView(state, shard, epoch, { primary, members: [...members, node] }, out);
  store([next], `${node} holds a copy`, out, repair);
}

/** Hands the office to another member, which holds all that is committed as well. */
export function movePrimary(state: HeadnodeState, view: ShardView, primary: string, out: Out): void {
  const { shard, epoch, members } = view;
  store([nextView(state, shard, epoch, { primary, members }, out)], `${primary} leads few shards`, out);
}

/** Takes a copy out that is one too many. Nothing is lost by it. */
export function dropSurplus(state: HeadnodeState, view: ShardView, node: string, out: Out): void {
  store([without(state, view, node, out)], `${node} holds a copy too many`, out);
}

/** Views that were not decided here step by step, but found again; far beyond all that may have been announced. */
export function replaceViews(state: HeadnodeState, found: readonly ShardView[], reason: string, out: Out): void {
  const views = found.map(({ shard, epoch, primary, members }) => {
    const current = state.views.get(shard)?.epoch ?? 0;
    return nextView(state, shard, current, { primary, members, epochsOn: epoch - current }, out);
  });
  store(views, reason, out);
}

function noteLoss(state: HeadnodeState, shard: number, reason: string, nowMs: number): void {
  state.lostAtMs.set(shard, nowMs);
  state.lostReason.set(shard, reason);
}

export function bestPrimary(state: HeadnodeState, shard: number, members: readonly string[]): string | null {
  const ready = members.filter((member) => state.members.get(member)?.health === 'ready');
  return rank(shard, ready)[0] ?? rank(shard, members)[0] ?? null;
}

function rank(shard: number, nodes: readonly string[]): string[] {
  return rendezvous(
    shard,
    nodes.map((node) => ({ node })),
  );
}
