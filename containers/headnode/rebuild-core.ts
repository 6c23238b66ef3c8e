/**
 * A headnode whose own disk was lost finds the views again from what the datanodes report. Only when
 * every member and the joiner of a shard's highest reported view reports is that view certainly the last
 * one that was ever in force: a later one would have been adopted, durably, by one of them. Otherwise the
 * operator decides, and the decision is an event.
 */
import { rendezvous } from '../algorithms/rendezvous.ts';
import type { BlockReport } from '../protocol/store-messages.ts';
import type { ShardView } from '../protocol/stream.ts';
import { eligible, isOver } from './membership-core.ts';
import type { HeadnodeState, Out } from './types.ts';
import { replaceViews } from './views-core.ts';

/** The lost log may have decided a few views that nobody heard of; the new epochs lie beyond them. */
const EPOCHS_BEYOND = 1_000;

type Reported = BlockReport & { node: string };
export type Finding = { shard: number; view: ShardView; isCertain: boolean; waitingFor: string[] };

/** Asks those who are here and have not told yet. */
export function askForBlocks(state: HeadnodeState, out: Out): void {
  if (!state.isLogLost) return;
  for (const member of state.members.values()) {
    if (isOver(member) || !member.isConnected || state.blocks.has(member.node)) continue;
    out.push({ kind: 'order', to: member.node, message: { t: 'ask-blocks' } });
  }
}

export function onBlocks(state: HeadnodeState, from: string, reports: BlockReport[], out: Out): void {
  if (!state.isLogLost) return;
  state.blocks.set(from, reports);
  const findings = findViews(state);
  const waitingFor = [...new Set(findings.flatMap((finding) => finding.waitingFor))].toSorted();
  if (findings.every(({ isCertain }) => isCertain)) {
    rebuild(state, findings, 'block-reports', out);
    return;
  }
  if (waitingFor.join() === state.waitingFor.join()) return;
  state.waitingFor = waitingFor;
  out.push({ kind: 'event', event: { type: 'views-lost', waitingFor } });
}

/** What the reports so far say of each shard. */
export function findViews(state: HeadnodeState): Finding[] {
  const byShard = new Map<number, Reported[]>();
  for (const [node, reports] of state.blocks) {
    for (const report of reports) {
      const known = byShard.get(report.shard);
      if (known === undefined) byShard.set(report.shard, [{ ...report, node }]);
      else known.push({ ...report, node });
    }
  }
  const shards = Math.max(state.settings.shards, ...[...byShard.keys()].map((shard) => shard + 1));
  return Array.from({ length: shards }, (_, shard) => findView(state, shard, byShard.get(shard) ?? []));
}

function findView(state: HeadnodeState, shard: number, reports: readonly Reported[]): Finding {
  const epoch = Math.max(0, ...reports.map((report) => report.epoch));
  const newest = reports.filter((report) => report.epoch === epoch);
  const view = newest.find((report) => report.view !== null)?.view ?? null;
  const holders = reports.filter(({ hasData }) => hasData);
  if (view !== null && view.members.length > 0) {
    const joiners = newest.flatMap((report) => report.view?.joiner ?? []);
    const missingMembers = view.members.filter((node) => !holders.some((holder) => holder.node === node));
    const missing = [...missingMembers, ...joiners.filter((node) => !state.blocks.has(node))];
    const members = holders.filter(({ node }) => view.members.includes(node));
    const found = { shard, epoch: epoch + EPOCHS_BEYOND, primary: fullest(members), members: view.members };
    if (missing.length === 0) return { shard, view: found, isCertain: true, waitingFor: [] };
    return { shard, view: guess(shard, epoch, holders), isCertain: false, waitingFor: missing };
  }
  return { shard, view: guess(shard, epoch, holders), isCertain: false, waitingFor: ['all datanodes'] };
}

/** The copies of the newest epoch that is here with data; nobody where there is none. */
function guess(shard: number, epoch: number, holders: readonly Reported[]): ShardView {
  const newest = Math.max(0, ...holders.map((holder) => holder.epoch));
  const members = holders.filter((holder) => holder.epoch === newest);
  return {
    shard,
    epoch: epoch + EPOCHS_BEYOND,
    primary: fullest(members),
    members: members.map(({ node }) => node),
  };
}

function fullest(copies: readonly Reported[]): string | null {
  return copies.toSorted((a, b) => b.epoch - a.epoch || b.last - a.last || (a.node < b.node ? -1 : 1))[0]?.node ?? null;
}

/** The operator's word: go on with what is here. `isEmptying`: begin shards anew of which nobody has anything. */
export function onUnsafeRecovery(state: HeadnodeState, isEmptying: boolean, out: Out): void {
  if (state.isLogLost) rebuild(state, findViews(state), 'unsafe-recovery', out);
  if (isEmptying) beginAnew(state, out);
}

function rebuild(state: HeadnodeState, findings: Finding[], by: 'block-reports' | 'unsafe-recovery', out: Out): void {
  state.isLogLost = false;
  state.blocks.clear();
  state.waitingFor = [];
  const reason = by === 'block-reports' ? 'found again from block reports' : 'unsafe recovery';
  replaceViews(
    state,
    findings.map(({ view }) => view),
    reason,
    out,
  );
  const guessed = findings.filter(({ isCertain }) => !isCertain);
  const numbers = (isLost: boolean): number[] =>
    guessed.filter(({ view }) => (view.members.length === 0) === isLost).map(({ shard }) => shard);
  const event = {
    type: 'views-rebuilt',
    by,
    shards: findings.length,
    doubtful: numbers(false),
    lost: numbers(true),
  } as const;
  out.push({ kind: 'event', event });
}

/** Shards whose last copy is gone, as empty ones: only on the operator's word. */
function beginAnew(state: HeadnodeState, out: Out): void {
  const lost = [...state.views.values()].filter(({ members }) => members.length === 0);
  const nodes = eligible(state).map((node) => ({ node }));
  if (nodes.length === 0 || lost.length === 0) return;
  const views = lost.map(({ shard, epoch }) => {
    const members = rendezvous(shard, nodes).slice(0, state.settings.replicas);
    return { shard, epoch: epoch + 1, primary: members[0] ?? null, members };
  });
  replaceViews(state, views, 'begun anew, empty, by the operator', out);
}
