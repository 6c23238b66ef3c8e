/**
 * The control loop's decision: desired and observed in, the actions that make up the difference out.
 * Idempotent: it is asked again after every change, and an action that is under way (`busy`) is not
 * given a second time.
 */
import type { SpawnableRole } from '../../containers/protocol/roles.ts';
import type { Health } from '../../containers/protocol/stream.ts';
import type { EngineWord } from './cluster-picture.ts';
import type { DesiredCluster, DesiredNode } from './desired.ts';
import { monitorOf, type Monitor } from './node-names.ts';

export type PlanTimings = {
  /** After that a node that is not ready is reported, with what it waits for. */
  readyTimeoutMs: number;
  /** First restart of master or headnode: long enough to be seen dead, short enough to hurt nobody. */
  restartDelayMs: number;
  /** Doubles with every failure in a row. */
  backoffFirstMs: number;
  backoffMaxMs: number;
  /** A worker's monitor gives up after 30 s by itself; a datanode's replicas may take longer to move. */
  drainTimeoutMs: Record<SpawnableRole, number>;
};

export const PLAN_TIMINGS: PlanTimings = {
  readyTimeoutMs: 30_000,
  restartDelayMs: 250,
  backoffFirstMs: 500,
  backoffMaxMs: 30_000,
  drainTimeoutMs: { worker: 35_000, datanode: 120_000 },
};

/** A container that lived so long is forgiven its earlier failures. */
const STABLE_MS = 60_000;
/** How long an exit that its monitor has not heard of yet holds back a respawn. */
const TELL_GRACE_MS = 1_000;

type Drain = { firstAskedAtMs: number; accepted: boolean; retryAtMs: number };

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
  /** After an action on it failed: nothing more is done to it before. */
  notBeforeMs: number | null;
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
  | { kind: 'launch' | 'kill' | 'stop' | 'remove' | 'drain' | 'remove-stray'; node: string }
  | { kind: 'tell'; monitor: Monitor; node: string; type: 'exited' | 'started'; atMs: number }
  | { kind: 'report-not-ready'; node: string; awaited: string; waitedMs: number };

/** `wakeAtMs`: when to ask again though nothing has happened; null: only after a change. */
export type Plan = { actions: Action[]; wakeAtMs: number | null };

/** Everything one decision looks at. */
type Look = { observed: Observed; nowMs: number; timings: PlanTimings; result: Plan };

export function plan(
  desired: DesiredCluster,
  observed: Observed,
  nowMs: number,
  timings: PlanTimings = PLAN_TIMINGS,
): Plan {
  const result: Plan = { actions: [], wakeAtMs: null };
  if (observed.engineLost || observed.stopping) return result;
  const look: Look = { observed, nowMs, timings, result };
  for (const node of observed.strays) result.actions.push({ kind: 'remove-stray', node });
  for (const wanted of desired.nodes) {
    const node = observed.nodes.get(wanted.node) ?? unseen(wanted.node);
    planTelling(wanted, node, look);
    planReadiness(wanted, node, look);
    if (node.busy) continue;
    if (node.notBeforeMs !== null && node.notBeforeMs > nowMs) wakeAt(result, node.notBeforeMs);
    else planContainer(wanted, node, look);
  }
  return result;
}

function planContainer(wanted: DesiredNode, node: ObservedNode, look: Look): void {
  switch (wanted.intent) {
    case 'running':
      return planRunning(wanted, node, look);
    case 'killed':
      if (lives(node)) look.result.actions.push({ kind: 'kill', node: node.node });
      return;
    case 'stopped':
    case 'restarting':
      if (lives(node)) look.result.actions.push({ kind: 'stop', node: node.node });
      return;
    case 'draining':
      return planDrain(wanted, node, look);
    case 'removed':
      look.result.actions.push({ kind: 'remove', node: node.node });
  }
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
    notBeforeMs: null,
    drain: null,
    notReadyReported: false,
    told: true,
    telling: false,
  };
}

/** Wait before the next launch, counted from the failure or the exit, ms. */
export function restartWaitMs(failures: number, timings: PlanTimings): number {
  if (failures === 0) return timings.restartDelayMs;
  return Math.min(timings.backoffMaxMs, timings.backoffFirstMs * 2 ** (failures - 1));
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

function planRunning(wanted: DesiredNode, node: ObservedNode, { observed, nowMs, timings, result }: Look): void {
  if (lives(node) || wanted.heldDown) return;
  const waits = [0];
  if (node.failedAtMs !== null) waits.push(node.failedAtMs + restartWaitMs(node.failures, timings));
  if (node.exitedAtMs !== null) {
    const monitor = monitorOf(wanted.role);
    if (monitor === null) waits.push(node.exitedAtMs + restartWaitMs(node.failures, timings));
    // A monitor must not learn of an old container's end when the new one already runs.
    else if (observed.monitors[monitor] && (!node.told || node.telling)) waits.push(node.exitedAtMs + TELL_GRACE_MS);
  }
  const dueMs = Math.max(...waits);
  if (dueMs <= nowMs) result.actions.push({ kind: 'launch', node: node.node });
  else wakeAt(result, dueMs);
}

function planTelling(wanted: DesiredNode, node: ObservedNode, { observed, result }: Look): void {
  const monitor = monitorOf(wanted.role);
  if (monitor === null || !observed.monitors[monitor] || node.told || node.telling) return;
  if (node.engineWord === 'exited' && node.exitedAtMs !== null)
    result.actions.push({ kind: 'tell', monitor, node: node.node, type: 'exited', atMs: node.exitedAtMs });
  else if (node.engineWord === 'running' && node.launchedAtMs !== null)
    result.actions.push({ kind: 'tell', monitor, node: node.node, type: 'started', atMs: node.launchedAtMs });
}

function planReadiness(wanted: DesiredNode, node: ObservedNode, { observed, nowMs, timings, result }: Look): void {
  if (wanted.intent !== 'running' || node.wasReady || node.notReadyReported || node.launchedAtMs === null) return;
  if (node.engineWord !== 'launched' && node.engineWord !== 'running') return;
  const waitedMs = nowMs - node.launchedAtMs;
  if (waitedMs < timings.readyTimeoutMs) return wakeAt(result, node.launchedAtMs + timings.readyTimeoutMs);
  const awaited = awaitedBy(wanted, node, observed);
  result.actions.push({ kind: 'report-not-ready', node: node.node, awaited, waitedMs });
}

/** What a node that is not ready still waits for, in words. */
function awaitedBy(wanted: DesiredNode, node: ObservedNode, observed: Observed): string {
  if (node.engineWord === 'launched') return 'its container to start';
  const monitor = monitorOf(wanted.role);
  if (monitor === null) return `the ${wanted.role} to answer the panel`;
  if (!observed.monitors[monitor]) return `the ${monitor}, which does not answer either`;
  return node.monitorWord === null ? `its registration with the ${monitor}` : `the ${monitor} to call it ready`;
}

function planDrain(wanted: DesiredNode, node: ObservedNode, { nowMs, timings, result }: Look): void {
  const { monitorWord, drain } = node;
  const drains = lives(node) && monitorWord !== null && monitorWord !== 'left' && monitorWord !== 'dead';
  const timeoutMs = wanted.role === 'worker' || wanted.role === 'datanode' ? timings.drainTimeoutMs[wanted.role] : 0;
  const endMs = (drain?.firstAskedAtMs ?? nowMs) + timeoutMs;
  if (!drains || nowMs >= endMs) {
    result.actions.push({ kind: 'remove', node: node.node });
    return;
  }
  wakeAt(result, endMs);
  if (drain?.accepted === true) return;
  const retryAtMs = drain?.retryAtMs ?? nowMs;
  if (retryAtMs <= nowMs) result.actions.push({ kind: 'drain', node: node.node });
  else wakeAt(result, retryAtMs);
}
