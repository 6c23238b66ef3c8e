/**
 * The control loop's decision: desired and observed in, the actions that make up the difference out.
 * Idempotent: it is asked again after every change, and an action that is under way (`busy`) is not
 * given a second time.
 */
import type { Role } from '../../containers/protocol/roles.ts';
import type { Health } from '../../containers/protocol/stream.ts';
import type { EngineWord } from './cluster-picture.ts';
import type { DesiredCluster, DesiredNode } from './desired.ts';
import { monitorOf, type Monitor } from './node-names.ts';

export const READY_TIMEOUT_MS = 30_000;
/** First restart of master or headnode: long enough to be seen dead, short enough to hurt nobody. */
export const RESTART_DELAY_MS = 250;
export const BACKOFF_FIRST_MS = 500;
export const BACKOFF_MAX_MS = 30_000;
/** A container that lived so long is forgiven its earlier failures. */
export const STABLE_MS = 60_000;
/** How long an exit that its monitor has not heard of yet holds back a respawn. */
const TELL_GRACE_MS = 1_000;
/** A worker's monitor gives up after 30 s by itself; a datanode's replicas may take longer to move. */
export const DRAIN_TIMEOUT_MS: Record<Role, number> = {
  master: 0,
  headnode: 0,
  worker: 35_000,
  datanode: 120_000,
};

export type Drain = { firstAskedAtMs: number; accepted: boolean; retryAtMs: number };

export type ObservedNode = {
  node: string;
  engineWord: EngineWord;
  monitorWord: Health | null;
  /** Whether it was ready in its present launch. */
  wasReady: boolean;
  launchedAtMs: number | null;
  exitedAtMs: number | null;
  /** An action on its container is under way. */
  busy: boolean;
  /** Launches in a row that failed or ended by themselves. */
  failures: number;
  failedAtMs: number | null;
  drain: Drain | null;
  notReadyReported: boolean;
  /** Whether its monitor was told (or is being told) of its present engine word. */
  told: boolean;
  /** Whether that telling is under way. */
  telling: boolean;
};

export type Observed = {
  /** The engine does not answer: nothing is known, so nothing is done. */
  engineLost: boolean;
  stopping: boolean;
  monitors: Record<Monitor, boolean>;
  nodes: ReadonlyMap<string, ObservedNode>;
  /** Containers of this cluster that nobody wants. */
  strays: readonly string[];
};

export type Action =
  | { kind: 'launch' | 'kill' | 'remove' | 'drain' | 'remove-stray'; node: string }
  | { kind: 'tell'; monitor: Monitor; node: string; type: 'exited' | 'started'; atMs: number }
  | { kind: 'report-not-ready'; node: string; awaited: string; waitedMs: number };

/** `wakeAtMs`: when to ask again though nothing has happened; null: only after a change. */
export type Plan = { actions: Action[]; wakeAtMs: number | null };

export function plan(desired: DesiredCluster, observed: Observed, nowMs: number): Plan {
  const result: Plan = { actions: [], wakeAtMs: null };
  if (observed.engineLost || observed.stopping) return result;
  for (const node of observed.strays) result.actions.push({ kind: 'remove-stray', node });
  for (const wanted of desired.nodes) {
    const node = observed.nodes.get(wanted.node) ?? unseen(wanted.node);
    planTelling(wanted, node, observed, result);
    if (node.busy) {
      planReadiness(wanted, node, observed, nowMs, result);
      continue;
    }
    switch (wanted.intent) {
      case 'running':
        planRunning(wanted, node, observed, nowMs, result);
        planReadiness(wanted, node, observed, nowMs, result);
        break;
      case 'killed':
        if (lives(node)) result.actions.push({ kind: 'kill', node: node.node });
        break;
      case 'draining':
        planDrain(wanted, node, nowMs, result);
        break;
      case 'removed':
        result.actions.push({ kind: 'remove', node: node.node });
        break;
    }
  }
  return result;
}

/** What is known of a node before anything was seen of it. */
export function unseen(node: string): ObservedNode {
  return {
    node,
    engineWord: 'none',
    monitorWord: null,
    wasReady: false,
    launchedAtMs: null,
    exitedAtMs: null,
    busy: false,
    failures: 0,
    failedAtMs: null,
    drain: null,
    notReadyReported: false,
    told: true,
    telling: false,
  };
}

/** Wait before the next launch, counted from the failure or the exit, ms. */
export function restartDelayMs(failures: number): number {
  if (failures === 0) return RESTART_DELAY_MS;
  return Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** (failures - 1));
}

/** Failures in a row after an exit: none when somebody asked for it, one when it had lived well. */
export function failuresAfterExit(before: number, asked: boolean, livedMs: number): number {
  if (asked) return 0;
  return livedMs >= STABLE_MS ? 1 : before + 1;
}

const lives = (node: ObservedNode) =>
  node.engineWord === 'launched' || node.engineWord === 'running' || node.engineWord === 'paused';

function wakeAt(result: Plan, atMs: number): void {
  result.wakeAtMs = Math.min(result.wakeAtMs ?? Number.POSITIVE_INFINITY, atMs);
}

function planRunning(wanted: DesiredNode, node: ObservedNode, observed: Observed, nowMs: number, result: Plan): void {
  if (lives(node) || wanted.heldDown) return;
  const waits = [0];
  if (node.failedAtMs !== null) waits.push(node.failedAtMs + restartDelayMs(node.failures));
  if (node.exitedAtMs !== null) {
    if (monitorOf(wanted.role) === null) waits.push(node.exitedAtMs + restartDelayMs(node.failures));
    else if (!toldIfPossible(wanted, node, observed)) waits.push(node.exitedAtMs + TELL_GRACE_MS);
  }
  const dueMs = Math.max(...waits);
  if (dueMs <= nowMs) result.actions.push({ kind: 'launch', node: node.node });
  else wakeAt(result, dueMs);
}

/** A monitor must not learn of an old container's end when the new one already runs. */
function toldIfPossible(wanted: DesiredNode, node: ObservedNode, observed: Observed): boolean {
  const monitor = monitorOf(wanted.role);
  return monitor === null || !observed.monitors[monitor] || (node.told && !node.telling);
}

function planTelling(wanted: DesiredNode, node: ObservedNode, observed: Observed, result: Plan): void {
  const monitor = monitorOf(wanted.role);
  if (monitor === null || !observed.monitors[monitor] || node.told || node.telling) return;
  if (node.engineWord === 'exited' && node.exitedAtMs !== null)
    result.actions.push({ kind: 'tell', monitor, node: node.node, type: 'exited', atMs: node.exitedAtMs });
  else if (node.engineWord === 'running' && node.launchedAtMs !== null)
    result.actions.push({ kind: 'tell', monitor, node: node.node, type: 'started', atMs: node.launchedAtMs });
}

function planReadiness(wanted: DesiredNode, node: ObservedNode, observed: Observed, nowMs: number, result: Plan): void {
  if (wanted.intent !== 'running' || node.wasReady || node.notReadyReported || node.launchedAtMs === null) return;
  if (node.engineWord !== 'launched' && node.engineWord !== 'running') return;
  const waitedMs = nowMs - node.launchedAtMs;
  if (waitedMs < READY_TIMEOUT_MS) return wakeAt(result, node.launchedAtMs + READY_TIMEOUT_MS);
  const awaited = awaitedBy(wanted, node, observed);
  result.actions.push({ kind: 'report-not-ready', node: node.node, awaited, waitedMs });
}

/** What a node that is not ready still waits for, in words. */
export function awaitedBy(wanted: DesiredNode, node: ObservedNode, observed: Observed): string {
  if (node.engineWord === 'launched') return 'its container to start';
  const monitor = monitorOf(wanted.role);
  if (monitor === null) return `the ${wanted.role} to answer the panel`;
  if (!observed.monitors[monitor]) return `the ${monitor}, which does not answer either`;
  return node.monitorWord === null ? `its registration with the ${monitor}` : `the ${monitor} to call it ready`;
}

function planDrain(wanted: DesiredNode, node: ObservedNode, nowMs: number, result: Plan): void {
  const monitor = monitorOf(wanted.role);
  const nothingToDrain =
    monitor === null || !lives(node) || node.monitorWord === null || ['left', 'dead'].includes(node.monitorWord);
  const sinceMs = node.drain?.firstAskedAtMs ?? nowMs;
  const endMs = sinceMs + DRAIN_TIMEOUT_MS[wanted.role];
  if (nothingToDrain || nowMs >= endMs) {
    result.actions.push({ kind: 'remove', node: node.node });
    return;
  }
  wakeAt(result, endMs);
  if (node.drain?.accepted === true) return;
  const retryAtMs = node.drain?.retryAtMs ?? nowMs;
  if (retryAtMs <= nowMs) result.actions.push({ kind: 'drain', node: node.node });
  else wakeAt(result, retryAtMs);
}
