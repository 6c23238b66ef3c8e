/** Copies that are missing, nodes that leave, members that do not keep up. */
import { rendezvous } from '../algorithms/rendezvous.ts';
import type { DatanodeMessage } from '../protocol/store-messages.ts';
import type { ShardView } from '../protocol/stream.ts';
import { onCorrupt } from './damage-core.ts';
import { eligible, isOver, sendMissedViews, setHealth } from './membership-core.ts';
import { onBlocks } from './rebuild-core.ts';
import type { HeadnodeState, Join, Out } from './types.ts';
import { abandon, addMember, createViews, refuseJoin, removeMember } from './views-core.ts';

/** Orders that nothing came of are given again: the frame may have been lost. */
const ORDER_AGAIN_MS = 1_000;
const AVOID_MS = 30_000;

/** Makes the first views when the nodes of a new cluster have gathered. */
export function considerCreating(state: HeadnodeState, nowMs: number, out: Out): void {
  if (state.views.size > 0 || state.isLogLost) return;
  const { minInSync, replicas, settleMs, settleShortMs } = state.settings;
  const ready = eligible(state);
  if (ready.length < minInSync) return;
  const waitMs = ready.length >= replicas ? settleMs : settleShortMs;
  if (nowMs - state.lastJoinedMs >= waitMs) createViews(state, ready, out);
}

/** Starts the copies that are due, fewest replicas first, and repeats orders. */
export function planRepairs(state: HeadnodeState, nowMs: number, out: Out): void {
  const busy = new Map<string, number>();
  for (const join of state.joins.values()) {
    if (nowMs - join.progressMs > state.settings.joinTimeoutMs) {
      abandon(state, join, `no progress for ${Math.round((nowMs - join.progressMs) / 1_000)} s`, out);
      state.avoidUntilMs.set(join.node, nowMs + AVOID_MS);
      continue;
    }
    for (const node of [join.from, join.node]) busy.set(node, (busy.get(node) ?? 0) + 1);
    if (nowMs - join.orderedMs >= ORDER_AGAIN_MS) order(join, nowMs, out);
  }
  const nodes = eligible(state);
  const want = Math.min(state.settings.replicas, nodes.length);
  const short = [...state.views.values()]
    .filter((view) => !state.joins.has(view.shard) && staying(state, view).length < want)
    .toSorted((a, b) => staying(state, a).length - staying(state, b).length || a.shard - b.shard);
  for (const view of short) startCopy(state, view, nodes, busy, nowMs, out);
}

function startCopy(
  state: HeadnodeState,
  view: ShardView,
  nodes: readonly string[],
  busy: Map<string, number>,
  nowMs: number,
  out: Out,
): void {
  const { shard, epoch, primary, members } = view;
  const { transfersPerNode, rereplicationDelayMs } = state.settings;
  const isFree = (node: string): boolean => (busy.get(node) ?? 0) < transfersPerNode;
  const health = primary === null ? undefined : state.members.get(primary)?.health;
  // One that leaves still gives its copies away.
  if (primary === null || (health !== 'ready' && health !== 'draining') || !isFree(primary)) return;
  // Until a new view is announced its primary cannot act on it.
  if (state.announced.get(shard)?.epoch !== epoch) return;
  const lostMs = state.lostAtMs.get(shard);
  const isDue = lostMs === undefined || nowMs - lostMs >= rereplicationDelayMs;
  const candidates = nodes.filter((node) => !members.includes(node) && (state.avoidUntilMs.get(node) ?? 0) <= nowMs);
  const target = rendezvous(
    shard,
    // During the delay only who joined after the loss: most likely the lost one, back again.
    candidates.filter((node) => isDue || joinedAfter(state, node, lostMs)).map((node) => ({ node })),
  ).find(isFree);
  if (target === undefined) return;
  const reason = state.lostReason.get(shard) ?? 'too few copies';
  startJoin(state, view, target, isLeaving(state, view) ? 'a member leaves' : reason, nowMs, out);
  for (const node of [primary, target]) busy.set(node, (busy.get(node) ?? 0) + 1);
}

/** Has the primary of a view bring `target` up to date. */
export function startJoin(
  state: HeadnodeState,
  view: ShardView,
  target: string,
  reason: string,
  nowMs: number,
  out: Out,
): void {
  const { shard, epoch, primary: from } = view;
  if (from === null) return;
  const repair = `${shard}.${epoch}.${target}`;
  const progress = { startedMs: nowMs, orderedMs: nowMs, progressMs: nowMs, sentBytes: 0, totalBytes: null };
  const store = state.members.get(target)?.info.store ?? '';
  const join: Join = { repair, reason, shard, epoch, node: target, store, from, ...progress };
  state.joins.set(shard, join);
  out.push({ kind: 'event', event: { type: 'repair-started', shard, from, to: target, repair, reason } });
  order(join, nowMs, out);
}

function isLeaving(state: HeadnodeState, { members }: ShardView): boolean {
  return members.some((node) => state.members.get(node)?.health === 'draining');
}

/** Keeps since when each shard has had too few copies. */
export function noteShort(state: HeadnodeState, nowMs: number): void {
  for (const { shard, members } of state.views.values()) {
    if (members.length >= state.settings.replicas) state.shortSinceMs.delete(shard);
    else if (!state.shortSinceMs.has(shard)) state.shortSinceMs.set(shard, nowMs);
  }
}

function order(join: Join, nowMs: number, out: Out): void {
  join.orderedMs = nowMs;
  const { shard, epoch, node, store, from } = join;
  out.push({ kind: 'order', to: from, message: { t: 'learn', shard, epoch, node, store } });
}

function joinedAfter(state: HeadnodeState, node: string, lostMs: number): boolean {
  return (state.members.get(node)?.joinedMs ?? 0) >= lostMs;
}

export function onDatanodeMessage(
  state: HeadnodeState,
  from: string,
  message: DatanodeMessage,
  nowMs: number,
  out: Out,
): void {
  switch (message.t) {
    case 'add':
      onAdd(state, from, message, nowMs, out);
      return;
    case 'complain':
      onComplaint(state, from, message, nowMs, out);
      return;
    case 'learning': {
      const { shard, epoch, node, sentBytes, totalBytes } = message;
      const join = state.joins.get(shard);
      if (join === undefined || join.epoch !== epoch || join.node !== node || join.from !== from) return;
      if (sentBytes > join.sentBytes) join.progressMs = nowMs;
      Object.assign(join, { sentBytes, totalBytes });
      return;
    }
    case 'corrupt':
      onCorrupt(state, message, nowMs, out);
      return;
    case 'blocks':
      onBlocks(state, from, message.reports, out);
      return;
    case 'ask-views':
      sendMissedViews(state, from, message.epochSum, out);
      return;
    case 'disk-trouble': {
      const member = state.members.get(from);
      if (member === undefined || isOver(member)) return;
      out.push({
        kind: 'event',
        event: { type: 'disk-trouble', node: from, code: message.code, reason: message.reason },
      });
      if (message.code !== 'disk-full' || member.isDiskFailed) return;
      member.isDiskFailed = true;
      const { minInSync } = state.settings;
      const shards = [...state.views.values()].filter(
        (view) => view.members.includes(from) && view.members.length > minInSync,
      );
      removeMember(
        state,
        from,
        shards.map(({ shard }) => shard),
        nowMs,
        `the disk of ${from} is full`,
        out,
      );
    }
  }
}

function onAdd(
  state: HeadnodeState,
  from: string,
  message: Extract<DatanodeMessage, { t: 'add' }>,
  nowMs: number,
  out: Out,
): void {
  const { shard, epoch, node, store, records, bytes } = message;
  const view = state.views.get(shard);
  if (view === undefined || view.epoch !== epoch || view.primary !== from || view.members.includes(node)) return;
  const member = state.members.get(node);
  // What was copied lies on the disk that the node had then.
  const hasIt = member?.info.store === store;
  if (member === undefined || !hasIt || isOver(member) || member.health === 'draining' || member.isDiskFailed) {
    refuseJoin(state, shard, `${node} cannot take a copy`, out);
    return;
  }
  const join = state.joins.get(shard);
  const tookMs = nowMs - (join?.startedMs ?? nowMs);
  addMember(state, view, node, out);
  state.lostReason.delete(shard);
  const chain = join === undefined ? {} : { repair: join.repair, reason: join.reason };
  out.push({
    kind: 'event',
    event: { type: 'repair-finished', shard, to: node, records, bytes, tookMs, ...chain },
  });
}

function onComplaint(
  state: HeadnodeState,
  from: string,
  message: Extract<DatanodeMessage, { t: 'complain' }>,
  nowMs: number,
  out: Out,
): void {
  const { shard, epoch, node, reason } = message;
  const view = state.views.get(shard);
  if (view === undefined || view.epoch !== epoch || view.primary !== from || !view.members.includes(node)) return;
  if (reason === 'lacks') {
    removeMember(state, node, [shard], nowMs, `${node} lacks entries`, out);
    return;
  }
  if (view.members.length <= state.settings.minInSync) return;
  const key = `${shard}/${epoch}/${node}`;
  const row = state.complaints.get(key);
  const { complaintMs } = state.settings;
  const firstMs = row !== undefined && nowMs - row.lastMs < complaintMs ? row.firstMs : nowMs;
  state.complaints.set(key, { firstMs, lastMs: nowMs });
  const isUnwell = state.members.get(node)?.health !== 'ready';
  if (!isUnwell && reason === 'silent' && nowMs - firstMs < complaintMs) return;
  removeMember(
    state,
    node,
    [shard],
    nowMs,
    reason === 'silent' ? `${node} does not acknowledge` : `the disk of ${node} is full`,
    out,
  );
}

export function onDrain(state: HeadnodeState, node: string, nowMs: number, out: Out): void {
  const member = state.members.get(node);
  if (member === undefined || isOver(member) || member.health === 'draining') return;
  setHealth(member, 'draining', nowMs);
  const { incarnation, inFlight } = member;
  out.push({ kind: 'event', event: { type: 'member-draining', node, incarnation, inFlight } });
}

/** Takes a leaving node out of views that have enough members without it; after a while out of all that have others. */
export function planDrains(state: HeadnodeState, nowMs: number, out: Out): void {
  for (const member of state.members.values()) {
    if (member.health !== 'draining') continue;
    const { node, incarnation } = member;
    const held = [...state.views.values()].filter((view) => view.members.includes(node));
    if (held.length === 0) {
      setHealth(member, 'left', nowMs);
      out.push({ kind: 'event', event: { type: 'member-left', node, incarnation } });
      continue;
    }
    const want = Math.min(state.settings.replicas, eligible(state).length);
    const isLate = nowMs - member.sinceMs >= state.settings.drainTimeoutMs;
    const movable = held.filter((view) => isLate || staying(state, view).length >= want);
    removeMember(
      state,
      node,
      movable.map(({ shard }) => shard),
      nowMs,
      `${node} leaves`,
      out,
    );
    // What nobody else holds cannot be moved in time: it goes with the node, as was asked.
    if (isLate && held.every((view) => view.members.length === 1)) {
      setHealth(member, 'left', nowMs);
      out.push({ kind: 'event', event: { type: 'member-left', node, incarnation } });
    }
  }
}

/** Members of a view that are not on their way out. */
function staying(state: HeadnodeState, view: ShardView): string[] {
  return view.members.filter((node) => {
    const member = state.members.get(node);
    return member !== undefined && !isOver(member) && member.health !== 'draining' && !member.isDiskFailed;
  });
}
