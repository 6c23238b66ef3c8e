/**
 * The master's decisions, composed of membership.ts (who is there), task-queue.ts (what is to be done)
 * and dispatch.ts (who does what). One event in, effects out.
 *
 * Durability: an entry and the effects that depend on it leave in one `persist`; what a client or a
 * worker may rely on (`accepted`, `settle`, a final outcome) is in its `then`. Tasks go to workers
 * without waiting for the disk: a lease that a crash forgets is fenced by the next boot epoch.
 */
import { ChurnMap } from '../algorithms/churn-map.ts';
import { exhaustive } from '../protocol/step.ts';
import type { Random, Stepped } from '../protocol/step.ts';
import { onAddToBatch, onSealBatch, onSubmitBatch } from './batches-core.ts';
import { createBalancing } from './balancing/balancing-state.ts';
import { serviceRate } from './balancing/capacity.ts';
import { createCounters } from './counters.ts';
import type { MasterEffect, MasterEvent, MasterState } from './core-types.ts';
import { dispatchReady } from './dispatch-core.ts';
import { onHandOver, onOrder, onPull, onPulledResult, onSetOrders, onTakeCommand } from './guests/orders-core.ts';
import { watchPullers } from './guests/pullers-core.ts';
import {
  bootWebhooks,
  onWebhookChecked,
  onWebhookJoin,
  onWebhookResult,
  onWebhookTook,
  watchWebhooks,
} from './guests/webhooks-core.ts';
import { forget, logUnlogged } from './keeping.ts';
import { decodeSnapshot } from './log-entry.ts';
import type { LogEntry } from './log-entry.ts';
import {
  onDisconnected,
  onDrain,
  onEngineWord,
  onHeartbeat,
  onHello,
  onLeave,
  onProbe,
  watchAll,
} from './members-core.ts';
import { createMembership, notePause } from './membership.ts';
import { Outbox } from './outbox.ts';
import { applyEntry, restoreSnapshot } from './queue-replay.ts';
import { createQueue } from './queue-state.ts';
import { onRedrive } from './redrive-core.ts';
import type { MasterSettings } from './settings.ts';
import { onSetAutoscaler, onWarmed, scale } from './scaling/scaling-core.ts';
import { createScaling } from './scaling/state.ts';
import { rebuildIndexes, wakeDelayed } from './task-queue.ts';
import { expireLeases, onAwait, onClientGone, onResults, onSubmit, onWaitEnded } from './tasks-core.ts';
import { onSetBalancer, onSetDetector, onSetLines, onSetWeight } from './tuning-core.ts';

export type { MasterEffect, MasterEvent, MasterState } from './core-types.ts';

/** The state that a log and its snapshot amount to. Feed `boot` first. */
export function rebuildState(
  settings: MasterSettings,
  snapshot: Uint8Array | null,
  entries: Iterable<LogEntry>,
  nowMs: number,
  node = 'master',
): MasterState {
  const queue = createQueue();
  if (snapshot !== null) restoreSnapshot(queue, decodeSnapshot(snapshot, node));
  let entriesSinceSnapshot = 0;
  for (const entry of entries) {
    applyEntry(queue, entry);
    entriesSinceSnapshot++;
  }
  rebuildIndexes(queue, nowMs, settings);
  const counters = createCounters();
  const autoscaler = queue.autoscaler ?? settings.autoscaler;
  return {
    // Somebody may have set these while an earlier process ran.
    settings: {
      ...settings,
      phi: queue.detector ?? settings.phi,
      balancer: queue.balancer ?? settings.balancer,
      lineMode: queue.lineMode ?? settings.lineMode,
      autoscaler,
    },
    booted: false,
    queue,
    membership: createMembership(nowMs),
    counters,
    balancing: createBalancing(),
    scaling: createScaling(autoscaler.minimum, nowMs),
    waiters: new ChurnMap(),
    waitingFor: new ChurnMap(),
    deadlines: new ChurnMap(),
    entriesSinceSnapshot,
    webhooks: new Map(),
    pullers: new Map(),
  };
}

export function stepMaster(
  state: MasterState,
  event: MasterEvent,
  nowMs: number,
  random: Random,
): Stepped<MasterState, MasterEffect> {
  const out = new Outbox(state, nowMs, random);
  const pausedMs = notePause(state.membership, nowMs, state.settings);
  if (pausedMs > 0) {
    for (const rows of state.queue.held.values()) {
      for (const { lease } of rows.values()) if (lease !== null) lease.untilMs += pausedMs;
    }
  }
  if (event.kind === 'tick' || pausedMs > 0) state.membership.lastSeenMs = nowMs;
  decide(out, event, pausedMs > 0);
  if (state.booted) {
    scale(out, event.kind);
    dispatchReady(out);
  }
  return { state, effects: out.effects() };
}

function decide(out: Outbox, event: MasterEvent, paused: boolean): void {
  switch (event.kind) {
    case 'boot':
      return boot(out);
    case 'booted':
      out.state.booted = true;
      return undefined;
    case 'tick':
      out.state.scaling.watched = event.watched ?? true;
      return tick(out, paused);
    case 'submit':
      return onSubmit(out, event);
    case 'submit-batch':
      return onSubmitBatch(out, event);
    case 'add-to-batch':
      return onAddToBatch(out, event);
    case 'seal-batch':
      return onSealBatch(out, event);
    case 'batch-ended':
      out.state.queue.toldEvent = Math.max(out.state.queue.toldEvent, event.number);
      return undefined;
    case 'redrive':
      return onRedrive(out, event);
    case 'set-detector':
      return onSetDetector(out, event);
    case 'set-balancer':
      return onSetBalancer(out, event);
    case 'set-lines':
      return onSetLines(out, event);
    case 'set-autoscaler':
      return onSetAutoscaler(out, event);
    case 'set-weight':
      return onSetWeight(out, event);
    case 'await':
      return onAwait(out, event);
    case 'wait-ended':
      return onWaitEnded(out, event.request);
    case 'client-gone':
      return onClientGone(out, event.request);
    case 'hello':
      return onHello(out, event);
    case 'warmed':
      return onWarmed(out, event);
    case 'heartbeat':
      return onHeartbeat(out, event);
    case 'results':
      return onResults(out, event);
    case 'leave':
      return onLeave(out, event);
    case 'disconnected':
      return onDisconnected(out, event);
    case 'probe-answered':
      return onProbe(out, event);
    case 'engine-word':
      return onEngineWord(out, event);
    case 'drain':
      return onDrain(out, event.node);
    case 'webhook-join':
      return onWebhookJoin(out, event);
    case 'webhook-checked':
      return onWebhookChecked(out, event);
    case 'webhook-took':
      return onWebhookTook(out, event);
    case 'webhook-result':
      return onWebhookResult(out, event);
    default:
      return decideOrders(out, event);
  }
}

type OrderEvent = Extract<
  MasterEvent,
  { kind: 'order' | 'pull' | 'pulled-result' | 'take-command' | 'hand-over' | 'set-orders' }
>;

function decideOrders(out: Outbox, event: OrderEvent): void {
  switch (event.kind) {
    case 'order':
      return onOrder(out, event);
    case 'pull':
      return onPull(out, event);
    case 'pulled-result':
      return onPulledResult(out, event);
    case 'take-command':
      return onTakeCommand(out, event);
    case 'hand-over':
      return onHandOver(out, event);
    case 'set-orders':
      return onSetOrders(out, event);
    default:
      return exhaustive(event);
  }
}

/** Tasks that were unfinished before the start count as accepted again, so that the numbers reconcile. */
function boot(out: Outbox): void {
  const { state, nowMs } = out;
  const entry: LogEntry = { e: 'boot', epoch: state.queue.epoch + 1, atMs: nowMs };
  applyEntry(state.queue, entry);
  out.countRecovered();
  bootWebhooks(out);
  out.persist([entry], [{ kind: 'self', event: { kind: 'booted' } }]);
}

function tick(out: Outbox, paused: boolean): void {
  const { state, nowMs } = out;
  const { queue, settings } = state;
  wakeDelayed(queue, nowMs);
  // A round right after a pause of our own would judge by what we missed, not by what was silent.
  if (!paused) {
    watchAll(out);
    if (state.webhooks.size > 0) watchWebhooks(out);
    if (state.pullers.size > 0) watchPullers(out);
    expireLeases(out);
  }
  out.persist(logUnlogged(queue, settings));
  forget(queue, nowMs, settings);
  lookAtBalance(out);
  if (state.booted && state.entriesSinceSnapshot >= settings.snapshotEvery) {
    state.entriesSinceSnapshot = 0;
    out.finally({ kind: 'snapshot' });
  }
}

/** What would be too much to do at every request. */
function lookAtBalance({ state }: Outbox): void {
  const { balancing, queue, membership } = state;
  balancing.explanations.round();
  balancing.ratePerMs = serviceRate(membership.members);
  if (queue.readyCount.sync === 0) balancing.delay.empty();
}
