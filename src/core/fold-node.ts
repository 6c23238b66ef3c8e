/** One node's part of the fold: how an event about it changes its picture. */
import type { Role } from '../../containers/protocol/roles.ts';
import type { Health, MonitorEvent } from '../../containers/protocol/stream.ts';
import type { NodePicture, Tombstone } from './cluster-picture.ts';
import type { NodeState } from './journal.ts';

/** A node that is wanted and of which nothing else is known yet. */
export function wantedNode(node: string, role: Role, atMs: number): NodePicture {
  return {
    node,
    role,
    state: 'wanted',
    sinceMs: atMs,
    incarnation: null,
    readyTookMs: null,
    tombstone: null,
    trouble: null,
    heldDown: false,
    engineWord: 'none',
    monitorWord: null,
    launchedAtMs: null,
    pastIncarnation: null,
    leaving: false,
    asked: null,
  };
}

/**
 * The state that both words make. The engine's word on an end is final; a monitor's DEAD makes a
 * tombstone even while the container still runs (it may be cut off). A node that was ready and that
 * its monitor does not know (the monitor restarted) is suspect until it registers again.
 */
function stateOf(node: NodePicture): NodeState {
  if (node.engineWord === 'exited') return 'dead';
  if (node.engineWord === 'none') return 'wanted';
  if (node.monitorWord === 'dead') return 'dead';
  if (node.engineWord === 'paused') return 'paused';
  if (node.asked?.what === 'remove') return 'draining';
  switch (node.monitorWord) {
    case 'draining':
    case 'left':
      return 'draining';
    case 'ready':
    case 'standby':
    case 'suspect':
      return node.monitorWord;
    case 'joining':
    case null:
      return node.readyTookMs === null ? 'starting' : 'suspect';
  }
}

/** A changed copy with its state made anew; `sinceMs` moves only when the state does. Who is not dead has no tombstone. */
export function changed(node: NodePicture, change: Partial<NodePicture>, atMs: number): NodePicture {
  const next = { ...node, ...change };
  const state = stateOf(next);
  const sinceMs = state === node.state && change.sinceMs === undefined ? node.sinceMs : atMs;
  return { ...next, state, sinceMs, tombstone: state === 'dead' ? next.tombstone : null };
}

/** A new container for it begins: what was known of the one before is past. */
export function relaunched(node: NodePicture, atMs: number): NodePicture {
  const change: Partial<NodePicture> = {
    engineWord: 'launched',
    monitorWord: null,
    launchedAtMs: atMs,
    pastIncarnation: node.incarnation ?? node.pastIncarnation,
    incarnation: null,
    readyTookMs: null,
    tombstone: null,
    trouble: null,
    leaving: false,
    asked: null,
    sinceMs: atMs,
  };
  return changed(node, change, atMs);
}

/**
 * Its monitor's word on an incarnation. What is said of an older one changes nothing (invariant 1).
 *
 * A monitor never takes a drain back, so whoever drained once in this incarnation is leaving, also when it is
 * suspected, trusted again or dead afterwards, or when its end was heard of before its drain was. `letGo`: the
 * monitor says so beside the health.
 */
export function judged(node: NodePicture, said: Health, incarnation: number, atMs: number, letGo = false): NodePicture {
  if (node.pastIncarnation !== null && incarnation <= node.pastIncarnation) return node;
  if (node.incarnation !== null && incarnation < node.incarnation) return node;
  if (node.engineWord === 'none' || wasStopped(node)) return node;
  const isSame = node.incarnation === incarnation;
  const leaving = letGo || said === 'draining' || said === 'left' || (isSame && node.leaving);
  const health = leaving && (said === 'ready' || said === 'standby') ? 'draining' : said;
  const isOver = node.engineWord === 'exited' || (isSame && node.monitorWord === 'dead');
  if (isOver || (isSame && node.monitorWord === health)) return leaving === node.leaving ? node : { ...node, leaving };
  const tombstone: Tombstone = { cause: 'silent', atMs, exitCode: null, by: null };
  return changed(node, { monitorWord: health, incarnation, leaving, tombstone }, atMs);
}

/** Somebody asked for its end, not for its removal: it drained for that, and is to stay as a tombstone. */
function wasStopped({ engineWord, tombstone }: NodePicture): boolean {
  return engineWord === 'exited' && tombstone?.cause === 'stopped' && tombstone.by !== null;
}

/** The health that a monitor's event means for the node it names; null when it means none. */
export function healthIn(event: MonitorEvent): { node: string; health: Health; incarnation: number } | null {
  switch (event.type) {
    case 'member-joined':
      return { node: event.node, health: 'joining', incarnation: event.incarnation };
    case 'member-ready':
    case 'member-trusted':
      return { node: event.node, health: 'ready', incarnation: event.incarnation };
    case 'member-promoted':
      return { node: event.node, health: 'ready', incarnation: event.incarnation };
    case 'member-standby':
      return { node: event.node, health: 'standby', incarnation: event.incarnation };
    case 'member-suspect':
      return { node: event.node, health: 'suspect', incarnation: event.incarnation };
    case 'member-dead':
      return { node: event.node, health: 'dead', incarnation: event.incarnation };
    case 'member-draining':
      return { node: event.node, health: 'draining', incarnation: event.incarnation };
    case 'member-left':
      return { node: event.node, health: 'left', incarnation: event.incarnation };
    default:
      return null;
  }
}
