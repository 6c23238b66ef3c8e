/**
 * The datanode's decisions: replication after PacificA (Lin et al. 2008), ALGORITHMS 5. One step
 * takes one event; parts of it are in the files named *-core.ts.
 */
import { exhaustive } from '../protocol/step.ts';
import type { Stepped } from '../protocol/step.ts';
import type { PeerMessage, PrimaryMessage, SyncedEntry } from '../protocol/store-messages.ts';
import { acknowledge, onLearned, onPrimaryMessage, onReconciled } from './follow-core.ts';
import { reportBlocks } from './block-reports.ts';
import { depose, onAdopted, onFollowerMessage, onPeerUp, tickLeads } from './lead-core.ts';
import { onConfirmed, onGet, onList } from './reads-core.ts';
import { syncSpan } from './request-trace.ts';
import { tickScrub } from './scrub-core.ts';
import { onLearn } from './teach-core.ts';
import { DATANODE_DEFAULTS } from './types.ts';
import type { DatanodeEffect, DatanodeEvent, DatanodeSettings, DatanodeState, Out } from './types.ts';
import { onViews } from './views-core.ts';
import { acknowledgeEarly, advance, onWrite } from './writes-core.ts';

/** A datanode on an empty volume. */
export function createDatanode(
  settings: Pick<DatanodeSettings, 'node' | 'minInSync'> & Partial<DatanodeSettings>,
): DatanodeState {
  return {
    settings: { ...DATANODE_DEFAULTS, ...settings },
    store: '',
    shards: new Map(),
    announced: new Map(),
    disk: 'ok',
    confirms: new Map(),
    lastRound: 0,
    transfer: { budgetBytes: 0, atMs: 0 },
    scrub: { startedMs: null, open: [], at: null, passes: 0 },
    edges: new Map(),
  };
}

export function stepDatanode(
  state: DatanodeState,
  event: DatanodeEvent,
  nowMs: number,
): Stepped<DatanodeState, DatanodeEffect> {
  const out: Out = [];
  switch (event.kind) {
    case 'request':
      onRequest(state, event, nowMs, out);
      break;
    case 'peer':
      onPeerMessage(state, event.from, event.message, nowMs, out);
      break;
    case 'durable':
      onDurable(state, event, nowMs, out);
      break;
    case 'adopted': {
      const shard = state.shards.get(event.shard);
      if (shard?.epoch === event.epoch) onAdopted(state, shard, nowMs, out);
      break;
    }
    case 'reconciled': {
      const shard = state.shards.get(event.shard);
      if (shard !== undefined) onReconciled(shard, event, out);
      break;
    }
    case 'learned': {
      const shard = state.shards.get(event.shard);
      if (shard !== undefined) onLearned(shard, event, out);
      break;
    }
    case 'views':
      onViews(state, event.views, nowMs, out);
      break;
    case 'learn':
      onLearn(state, event, nowMs, out);
      break;
    case 'peer-up':
      onPeerUp(state, event.node, nowMs, out);
      break;
    case 'disk':
      // What failed stays so until a restart: the log takes nothing more.
      if (state.disk !== 'failed') state.disk = event.state;
      break;
    case 'ask-blocks':
      reportBlocks(state, out);
      break;
    case 'tick':
      tickLeads(state, nowMs, out);
      tickScrub(state, nowMs, out);
      break;
    default:
      exhaustive(event);
  }
  return { state, effects: out };
}

function onRequest(
  state: DatanodeState,
  { from, request }: Extract<DatanodeEvent, { kind: 'request' }>,
  nowMs: number,
  out: Out,
): void {
  if (request.t === 'get') onGet(state, from, request, nowMs, out);
  else if (request.t === 'list') onList(state, from, request, nowMs, out);
  else onWrite(state, from, request, nowMs, out);
}

function onPeerMessage(state: DatanodeState, from: string, message: PeerMessage, nowMs: number, out: Out): void {
  if (isFromPrimary(message)) {
    onPrimaryMessage(state, from, message, nowMs, out);
  } else if (message.t === 'confirmed') {
    for (const [number, epoch] of onConfirmed(state, from, message, nowMs, out)) {
      const shard = state.shards.get(number);
      if (shard?.lead && epoch > shard.epoch) depose(state, shard, out);
    }
  } else {
    onFollowerMessage(state, from, message, nowMs, out);
  }
}

const PRIMARY_MESSAGES = new Set<string>([
  'prepare',
  'committed',
  'compare',
  'confirm',
  'reconcile',
  'learn-begin',
  'learn-chunk',
] satisfies PrimaryMessage['t'][]);

/** Whether the message goes from a primary to a follower, on the connection that the primary dialled. */
export function isFromPrimary(message: PeerMessage): message is PrimaryMessage {
  return PRIMARY_MESSAGES.has(message.t);
}

function onDurable(
  state: DatanodeState,
  event: Extract<DatanodeEvent, { kind: 'durable' }>,
  nowMs: number,
  out: Out,
): void {
  const shard = state.shards.get(event.shard);
  // Of an older epoch: the view's own persist, which comes after it, speaks for it.
  if (shard === undefined || shard.epoch !== event.epoch) return;
  for (let seq = shard.durable + 1; seq <= event.seq && shard.lead !== null; seq++) {
    const pending = shard.lead.pending.get(seq);
    pending?.hops.push({ to: state.settings.node, startMs: pending.preparedMs, endMs: nowMs });
  }
  shard.durable = Math.max(shard.durable, event.seq);
  acknowledgeEarly(state, shard, out);
  if (shard.lead !== null) advance(state, shard, nowMs, out);
  else if (shard.view?.primary && (shard.role === 'secondary' || shard.role === 'learner'))
    acknowledge(shard, shard.view.primary, out, syncedBy(event, state.settings.node, nowMs));
}

function syncedBy(
  { seq, traced }: Extract<DatanodeEvent, { kind: 'durable' }>,
  node: string,
  endMs: number,
): SyncedEntry | undefined {
  if (traced === undefined) return undefined;
  return { seq, span: syncSpan(traced.context, { node, startMs: traced.startMs, endMs }) };
}
