/** The headnode's decisions: membership and views, ALGORITHMS 1 and 5. */
import { PHI_DEFAULTS } from '../algorithms/phi-accrual.ts';
import { exhaustive } from '../protocol/step.ts';
import type { Stepped } from '../protocol/step.ts';
import { planBalance } from './balance-core.ts';
import {
  newMember,
  onClosed,
  onEngineWord,
  onHeartbeat,
  onHello,
  onProbed,
  onSetDetector,
  tickMembers,
  watchBy,
} from './membership-core.ts';
import { askForBlocks, onUnsafeRecovery } from './rebuild-core.ts';
import { considerCreating, noteShort, onDatanodeMessage, onDrain, planDrains, planRepairs } from './repair-core.ts';
import type { HeadnodeEffect, HeadnodeEntry, HeadnodeEvent, HeadnodeSettings, HeadnodeState, Out } from './types.ts';
import { onStored } from './views-core.ts';

export type HeadnodeOptions = Pick<
  HeadnodeSettings,
  'node' | 'shards' | 'replicas' | 'minInSync' | 'rereplicationDelayMs'
> &
  Partial<HeadnodeSettings> & { heartbeatIntervalMs: number };

/** A headnode that knows nothing yet. */
export function createHeadnode({ heartbeatIntervalMs, ...options }: HeadnodeOptions): HeadnodeState {
  return {
    settings: {
      phi: { heartbeatIntervalMs, ...PHI_DEFAULTS },
      settleMs: 300,
      settleShortMs: 1_500,
      complaintMs: 3_000,
      joinTimeoutMs: 60_000,
      transfersPerNode: 2,
      restartGraceMs: 8_000,
      rebalanceDelayMs: 5_000,
      rebalancesAtOnce: 2,
      drainTimeoutMs: 30_000,
      ...options,
    },
    detector: null,
    members: new Map(),
    views: new Map(),
    announced: new Map(),
    joins: new Map(),
    lostAtMs: new Map(),
    lostReason: new Map(),
    shortSinceMs: new Map(),
    avoidUntilMs: new Map(),
    complaints: new Map(),
    lastJoinedMs: 0,
    lastTickMs: null,
    isLogLost: false,
    blocks: new Map(),
    waitingFor: [],
  };
}

/** Applies an entry of the log. Members known from it are suspects until they say hello again. */
export function replayHeadnode(state: HeadnodeState, entry: HeadnodeEntry, nowMs: number): void {
  if (entry.kind === 'views') {
    for (const view of entry.views) {
      state.views.set(view.shard, view);
      state.announced.set(view.shard, view);
    }
    return;
  }
  if (entry.kind === 'detector') {
    watchBy(state, entry.phi, nowMs);
    return;
  }
  const { node, incarnation, info } = entry;
  state.members.set(node, newMember(state, node, incarnation, info, 'suspect', nowMs));
}

/** All that a new log would need: what a snapshot holds. */
export function headnodeEntries(state: HeadnodeState): HeadnodeEntry[] {
  const members = [...state.members.values()].map(({ node, incarnation, info }): HeadnodeEntry => ({
    kind: 'member',
    node,
    incarnation,
    info,
  }));
  const detector: HeadnodeEntry[] = state.detector === null ? [] : [{ kind: 'detector', phi: state.detector }];
  return [{ kind: 'views', views: [...state.views.values()] }, ...detector, ...members];
}

export function stepHeadnode(
  state: HeadnodeState,
  event: HeadnodeEvent,
  nowMs: number,
): Stepped<HeadnodeState, HeadnodeEffect> {
  const out: Out = [];
  switch (event.kind) {
    case 'hello':
      onHello(state, event, nowMs, out);
      break;
    case 'closed':
      onClosed(state, event, nowMs, out);
      break;
    case 'heartbeat':
      onHeartbeat(state, event, nowMs, out);
      break;
    case 'message':
      onDatanodeMessage(state, event.from, event.message, nowMs, out);
      planRepairs(state, nowMs, out);
      break;
    case 'probed':
      onProbed(state, event, nowMs, out);
      break;
    case 'engine-word':
      onEngineWord(state, event, nowMs, out);
      break;
    case 'drain':
      onDrain(state, event.node, nowMs, out);
      break;
    case 'set-detector':
      onSetDetector(state, event, nowMs, out);
      break;
    case 'tick':
      tickMembers(state, nowMs, out);
      considerCreating(state, nowMs, out);
      planDrains(state, nowMs, out);
      planRepairs(state, nowMs, out);
      planBalance(state, nowMs, out);
      noteShort(state, nowMs);
      askForBlocks(state, out);
      break;
    case 'unsafe-recovery':
      onUnsafeRecovery(state, event.isEmptying, out);
      break;
    case 'stored':
      onStored(state, event, out);
      planRepairs(state, nowMs, out);
      break;
    default:
      exhaustive(event);
  }
  return { state, effects: out };
}
