/** Invariants 19 to 23, 25 and 29 of ALGORITHMS.md, over views and the logs of all replicas. */
import type { ShardView } from '../protocol/stream.ts';
import type { DatanodeEvent, DatanodeState } from '../datanode/types.ts';
import type { Shard } from '../datanode/shard-state.ts';
import type { HeadnodeEffect } from '../headnode/types.ts';
import type { Invariant } from './invariants.ts';
import { nameOf, ShadowNode } from './store-shadow.ts';
import type { StoredEntry } from './store-shadow.ts';
import type { StoreObservation } from './store-observation.ts';

/** Committed entries of a shard as the first node committed them. */
type Committed = {
  names: Map<number, string>;
  /** The epoch in which each was first committed. */
  epochs: Map<number, number>;
  operations: Map<string, number>;
};

/** The observer's books; the disks tell it what is durable (`synced`, `wiped`, `viewsSynced`). */
export class StoreLedger {
  /** By node, as its core believes. */
  readonly memory = new Map<string, ShadowNode>();
  /** By node, as its disk has it. */
  readonly disk = new Map<string, ShadowNode>();
  /** The identity of the disk that each node has now. */
  readonly stores = new Map<string, string>();
  readonly committed = new Map<number, Committed>();
  /** Every view that was ever announced, by shard and epoch. */
  readonly views = new Map<string, ShardView>();
  readonly durableViews = new Set<string>();
  /** Nodes whose disk was lost, with the shards whose views have done without them since. */
  readonly wipedNodes = new Map<string, Set<number>>();
  readonly minInSync: number;

  constructor(minInSync: number) {
    this.minInSync = minInSync;
  }

  synced(node: string, entries: readonly StoredEntry[]): void {
    const shadow = this.#of(this.disk, node);
    for (const entry of entries) {
      shadow.apply(entry);
      if (entry.kind === 'identity') this.stores.set(node, entry.store);
    }
  }

  wiped(node: string): void {
    this.disk.delete(node);
    this.stores.delete(node);
    this.wipedNodes.set(node, new Set());
  }

  viewsSynced(views: readonly ShardView[]): void {
    for (const view of views) this.durableViews.add(viewName(view));
  }

  restarted(node: string): void {
    this.memory.set(node, this.#of(this.disk, node).copy());
  }

  memoryOf(node: string): ShadowNode {
    return this.#of(this.memory, node);
  }

  committedOf(shard: number): Committed {
    let committed = this.committed.get(shard);
    if (committed === undefined) {
      this.committed.set(shard, (committed = { names: new Map(), epochs: new Map(), operations: new Map() }));
    }
    return committed;
  }

  /** Whether the node still counts for copies of the shard that its lost disk held. */
  standsForLostCopy(shard: number, node: string): boolean {
    return this.wipedNodes.get(node)?.has(shard) === false;
  }

  /** Whether a view after `epoch` does without `node`. */
  isRemoved(shard: number, epoch: number, node: string): boolean {
    for (const view of this.views.values()) {
      if (view.shard === shard && view.epoch > epoch && !view.members.includes(node)) return true;
    }
    return false;
  }

  #of(nodes: Map<string, ShadowNode>, node: string): ShadowNode {
    let shadow = nodes.get(node);
    if (shadow === undefined) nodes.set(node, (shadow = new ShadowNode()));
    return shadow;
  }
}

function viewName({ shard, epoch, primary, members }: ShardView): string {
  return `${shard}/${epoch} ${primary} of ${members.toSorted().join(' ')}`;
}

/** One view per epoch, on disk before anybody hears of it, one step from the view before. */
export function viewsAreSound(ledger: StoreLedger): Invariant<StoreObservation> {
  return {
    name: '19, 20 views',
    create: () => (seen) => {
      if (seen.role !== 'headnode' || seen.at !== 'effect') return null;
      for (const view of viewsIn(seen.effect)) {
        // A joiner that lost its disk since, unheard of: it is found out at its hello, before it hears of the view.
        const isKnown = (node: string) => seen.state.members.get(node)?.info.store === ledger.stores.get(node);
        const wrong = checkAnnounced(ledger, view, isKnown);
        if (wrong !== null) return wrong;
      }
      return null;
    },
  };
}

function viewsIn(effect: HeadnodeEffect): readonly ShardView[] {
  return effect.kind === 'announce' || effect.kind === 'send-views' ? effect.views : [];
}

function checkAnnounced(ledger: StoreLedger, view: ShardView, isDiskKnown: (node: string) => boolean): string | null {
  const place = `${view.shard}/${view.epoch}`;
  const known = ledger.views.get(place);
  if (known !== undefined) {
    return viewName(known) === viewName(view) ? null : `two views of one epoch: ${viewName(known)}, ${viewName(view)}`;
  }
  ledger.views.set(place, view);
  for (const [node, cleared] of ledger.wipedNodes) if (!view.members.includes(node)) cleared.add(view.shard);
  if (!ledger.durableViews.has(viewName(view))) return `${viewName(view)} is announced before it is on disk`;
  const before = ledger.views.get(`${view.shard}/${view.epoch - 1}`);
  // The first view, one after a gap of unannounced ones, or one that admits a loss.
  if (before === undefined || view.members.length === 0) return null;
  if (!view.members.some((member) => before.members.includes(member))) {
    return `${viewName(view)} shares no member with ${viewName(before)}`;
  }
  if (view.primary !== null && !before.members.includes(view.primary)) {
    return `the primary of ${viewName(view)} was no member of ${viewName(before)}`;
  }
  const { names } = ledger.committedOf(view.shard);
  for (const member of view.members.filter((name) => !before.members.includes(name) && isDiskKnown(name))) {
    const log = ledger.disk.get(member)?.shards.get(view.shard);
    for (const [seq, name] of names) {
      if (log === undefined || !log.holds(seq, name)) {
        return `${member} was added by ${viewName(view)} without committed entry ${name}`;
      }
    }
  }
  return null;
}

/**
 * 21: what two nodes committed at a place is the same, and an active primary has all of it. 22: only
 * a primary commits first. 23: at that instant it is on the disk of every member. 25: an operation
 * commits once.
 */
export function replicasAgree(ledger: StoreLedger): Invariant<StoreObservation> {
  return {
    name: '21 to 23, 25 replicas',
    create() {
      const active = new Set<string>();
      return (seen) => {
        if (seen.role === 'process') {
          for (const name of active) if (name.startsWith(`${seen.node}/`)) active.delete(name);
          ledger.restarted(seen.node);
        }
        if (seen.role !== 'datanode' || seen.at !== 'step') return null;
        const shadow = ledger.memoryOf(seen.node);
        for (const effect of seen.effects)
          if (effect.kind === 'persist') for (const entry of effect.entries) shadow.apply(entry);
        for (const shard of seen.state.shards.values()) {
          const wrong = checkCommits(ledger, seen.node, shard) ?? checkActive(ledger, seen.node, shard, active);
          if (wrong !== null) return wrong;
        }
        return null;
      };
    },
  };
}

function checkCommits(ledger: StoreLedger, node: string, shard: Shard): string | null {
  const log = ledger.memoryOf(node).shards.get(shard.shard);
  const committed = ledger.committedOf(shard.shard);
  if (shard.role === 'absent' || log === undefined) return null;
  const from = Math.max(log.base, log.checkedTo) + 1;
  for (let seq = from; seq <= shard.committed; seq += 1) {
    const name = log.names.get(seq);
    if (name === undefined) return `${node} committed entry ${seq} of shard ${shard.shard}, which it does not hold`;
    const known = committed.names.get(seq);
    if (known !== undefined && known !== name) return `${node} committed ${name}, where ${known} was committed`;
    if (known === undefined) {
      const wrong = checkFirstCommit(ledger, node, shard, seq, name);
      if (wrong !== null) return wrong;
    }
  }
  log.checkedTo = Math.max(log.checkedTo, shard.committed);
  return null;
}

function checkFirstCommit(ledger: StoreLedger, node: string, shard: Shard, seq: number, name: string): string | null {
  if (shard.role !== 'primary') return `${node} is ${shard.role} and commits ${name} before the primary`;
  const committed = ledger.committedOf(shard.shard);
  committed.names.set(seq, name);
  committed.epochs.set(seq, shard.epoch);
  const operation = operationIn(name);
  const first = operation === null ? undefined : committed.operations.get(operation);
  if (first !== undefined) return `operation ${operation} is committed at ${first} and at ${seq}`;
  if (operation !== null) committed.operations.set(operation, seq);
  for (const member of shard.view?.members ?? []) {
    // It acknowledged, then lost its disk, or was removed and dropped its copy while the answer was
    // on its way: no protocol can know before it hears of it, and the members that stay have the entry.
    if (ledger.standsForLostCopy(shard.shard, member) || ledger.isRemoved(shard.shard, shard.epoch, member)) continue;
    const log = ledger.disk.get(member)?.shards.get(shard.shard);
    if (log === undefined || !log.holds(seq, name)) return `${name} is committed and not on the disk of ${member}`;
  }
  return null;
}

/** `key opId` of a named entry; null when the client named no operation. */
function operationIn(name: string): string | null {
  const [, keyAndVersion = '', , opId = ''] = name.split(' ');
  return opId === '' ? null : `${keyAndVersion.split('@')[0]} ${opId}`;
}

/**
 * At the moment of becoming active. The last answer that makes it so may have come late: then it is
 * active in an epoch that is over, and what later ones committed is none of its business.
 */
function checkActive(ledger: StoreLedger, node: string, shard: Shard, active: Set<string>): string | null {
  const place = `${node}/${shard.shard}`;
  if (shard.role !== 'primary') {
    active.delete(place);
    return null;
  }
  if (active.has(place)) return null;
  active.add(place);
  const log = ledger.memoryOf(node).shard(shard.shard);
  const { names, epochs } = ledger.committedOf(shard.shard);
  for (const [seq, name] of names) {
    if ((epochs.get(seq) ?? 0) > shard.epoch) continue;
    if (!log.holds(seq, name)) return `${node} is active in epoch ${shard.epoch} without committed ${name}`;
  }
  return null;
}

/** No new write is prepared in a view that is too small, none is acknowledged from too few copies. */
export function writesNeedEnoughCopies(ledger: StoreLedger): Invariant<StoreObservation> {
  return {
    name: '29 enough copies',
    create: () => (seen) => {
      if (seen.role !== 'datanode') return null;
      if (seen.at === 'effect') {
        const { effect } = seen;
        if (effect.kind !== 'answer' || effect.answer.t !== 'done') return null;
        const { replicas } = effect.answer;
        return replicas.length < ledger.minInSync
          ? `${seen.node} acknowledged a write on ${replicas.join(', ')} only`
          : null;
      }
      return seen.event.kind === 'request' ? checkPrepared(ledger, seen.state, seen.event, seen.effects.length) : null;
    },
  };
}

function checkPrepared(
  ledger: StoreLedger,
  state: DatanodeState,
  { request }: Extract<DatanodeEvent, { kind: 'request' }>,
  effects: number,
): string | null {
  if (request.t !== 'put' && request.t !== 'delete') return null;
  const shard = state.shards.get(request.shard);
  const newest = shard?.log.get(shard.last);
  const isPrepared = effects > 0 && newest !== undefined && shard?.role === 'primary' && newest.opId === request.opId;
  const members = shard?.view?.members.length ?? 0;
  if (!isPrepared || shard.committed >= newest.seq || members >= ledger.minInSync) return null;
  // Asked again for what was prepared in a larger view.
  return newest.epoch === shard.epoch ? `${nameOf(newest)} was prepared in a view of ${members}` : null;
}
