/** The fold: journal events into the picture that the window shows (invariant 33). */
import type { MonitorEvent } from '../../containers/protocol/stream.ts';
import {
  EMPTY_PICTURE,
  REQUESTS_KEPT,
  type ClusterPicture,
  type Fold,
  type NodePicture,
  type Tombstone,
} from './cluster-picture.ts';
import { programsAfter } from './course/course-diagnosis.ts';
import { foldFaults } from './faults/fold-faults.ts';
import { guestsAfter, guestsPictured } from './fold-guests.ts';
import { changed, healthIn, judged, relaunched, wantedNode } from './fold-node.ts';
import type { Actor, JournalBody, JournalEvent } from './journal.ts';
import { datanodeEvent, storeEvent, storePictured } from './records/fold-store.ts';
import { EMPTY_STORE } from './records/store-history.ts';
import { compareNodes, monitorOf, type Monitor } from './node-names.ts';

type BodyOf<Type extends JournalBody['type']> = Extract<JournalBody, { type: Type }>;

/** Folds one more event in. An event of a type that this build does not know only moves `seq`. */
export const fold: Fold = (picture, event) => ({ ...folded(picture, event), seq: event.seq });

/** Folds many, from a given picture or from nothing. */
export function foldAll(events: Iterable<JournalEvent>, from: ClusterPicture = EMPTY_PICTURE): ClusterPicture {
  let picture = from;
  for (const event of events) picture = fold(picture, event);
  return picture;
}

function folded(picture: ClusterPicture, { body, atMs }: JournalEvent): ClusterPicture {
  switch (body.type) {
    case 'cluster-starting':
      return starting(picture, body, atMs);
    case 'cluster-endpoints':
      return { ...picture, endpoints: { master: body.master, headnode: body.headnode, course: body.course ?? {} } };
    case 'cluster-ready':
      return { ...picture, phase: 'running', readyTookMs: body.tookMs };
    case 'cluster-stopping':
      return { ...picture, phase: 'stopping' };
    case 'cluster-stopped':
      return stopped(picture, body);
    case 'engine-lost':
      return { ...picture, engineLost: body.reason };
    case 'engine-back':
      return { ...picture, engineLost: null };
    case 'request-sent':
      return { ...picture, requests: [body.request, ...picture.requests].slice(0, REQUESTS_KEPT) };
    case 'monitor-connected':
    case 'monitor-lost':
    case 'monitor-picture':
    case 'monitor-event':
      return fromMonitor(picture, body, atMs);
    case 'guest-steps':
      return { ...picture, programs: body.steps.reduce(programsAfter, picture.programs) };
    case 'fault-asked':
    case 'fault-measured':
    case 'fault-ended':
    case 'faults-proved':
      return foldFaults(picture, body, atMs);
    case 'load-started':
    case 'load-finished':
      return picture;
    case 'journal-trouble':
      return { ...picture, journalTrouble: body.reason };
    case 'journal-back':
      return { ...picture, journalTrouble: null };
    default:
      return foldNode(picture, body, atMs);
  }
}

function starting(picture: ClusterPicture, body: BodyOf<'cluster-starting'>, atMs: number): ClusterPicture {
  const { cluster, run, name } = body;
  const adopted = body.adopted && picture.cluster === cluster;
  return {
    ...(adopted ? picture : { ...EMPTY_PICTURE, requests: picture.requests, journalTrouble: picture.journalTrouble }),
    phase: 'starting',
    cluster,
    run,
    name,
    engine: { name: body.engine, title: body.engineTitle },
    engineLost: null,
    startingSinceMs: atMs,
    readyTookMs: null,
    monitors: { master: false, headnode: false },
    left: null,
  };
}

function stopped(picture: ClusterPicture, body: BodyOf<'cluster-stopped'>): ClusterPicture {
  return {
    ...picture,
    phase: 'stopped',
    nodes: [],
    guests: [],
    views: [],
    faults: [],
    faultsProof: null,
    store: EMPTY_STORE,
    endpoints: null,
    engineLost: null,
    monitors: { master: false, headnode: false },
    left: body.left,
  };
}

type NodeBody = Extract<JournalBody, { node: string }>;

function foldNode(picture: ClusterPicture, body: NodeBody, atMs: number): ClusterPicture {
  switch (body.type) {
    case 'node-wanted':
      return wanted(picture, body.node, wantedNode(body.node, body.role, atMs));
    case 'node-removed':
      return { ...picture, nodes: picture.nodes.filter((node) => node.node !== body.node) };
    default: {
      const next = withNode(picture, body.node, (node) => nodeAfter(node, body, atMs));
      const isDatanode = picture.nodes.some((node) => node.node === body.node && node.role === 'datanode');
      return isDatanode ? { ...next, store: datanodeEvent(picture.store, body, atMs) } : next;
    }
  }
}

function wanted(picture: ClusterPicture, name: string, node: NodePicture): ClusterPicture {
  if (picture.nodes.some((known) => known.node === name)) return picture;
  return { ...picture, nodes: [...picture.nodes, node].sort(compareNodes) };
}

function nodeAfter(
  node: NodePicture,
  body: Exclude<NodeBody, { type: 'node-wanted' | 'node-removed' }>,
  atMs: number,
): NodePicture {
  switch (body.type) {
    case 'node-launched':
      return relaunched(node, atMs);
    case 'node-started':
      return changed(node, { engineWord: 'running' }, atMs);
    case 'node-ready':
      return changed(node, { readyTookMs: body.tookMs, trouble: null }, atMs);
    case 'node-not-ready': {
      const text = `waited ${body.waitedMs} ms for ${body.awaited}`;
      return changed(node, { trouble: { code: 'not-ready', text, atMs } }, atMs);
    }
    case 'node-failed':
      return failed(node, body, atMs);
    case 'node-kill-asked':
      return changed(node, { asked: { what: 'kill', by: body.by } }, atMs);
    case 'node-stop-asked':
      return changed(node, { asked: { what: 'stop', by: body.by } }, atMs);
    case 'node-remove-asked':
      return changed(node, { asked: { what: 'remove', by: body.by } }, atMs);
    case 'node-respawn-asked':
      return changed(node, { asked: { what: 'respawn', by: body.by } }, atMs);
    case 'node-held-down':
      return changed(node, { heldDown: body.held }, atMs);
    case 'node-exited':
      return exited(node, body, atMs);
    case 'node-paused':
      return changed(node, { engineWord: body.paused ? 'paused' : 'running' }, atMs);
    default:
      return node;
  }
}

const GONE: Partial<NodePicture> = { engineWord: 'none', monitorWord: null };

/** A launch that failed leaves no container; trouble with one that runs leaves it running. */
function failed(node: NodePicture, body: BodyOf<'node-failed'>, atMs: number): NodePicture {
  const trouble = { code: body.code, text: body.reason, atMs };
  return changed(node, { trouble, ...(node.engineWord === 'launched' ? GONE : {}) }, atMs);
}

function exited(node: NodePicture, body: BodyOf<'node-exited'>, atMs: number): NodePicture {
  const { asked } = node;
  const by: Actor | null = asked !== null && asked.what !== 'respawn' ? asked.by : null;
  const tombstone: Tombstone = { cause: body.cause, atMs: body.atMs, exitCode: body.exitCode, by };
  const still = asked?.what === 'remove' ? asked : null;
  // Who is asked to stop drains, too, but is not let go of.
  const leaving = node.leaving && asked?.what !== 'stop';
  return changed(node, { engineWord: 'exited', tombstone, asked: still, leaving }, atMs);
}

type MonitorBody = BodyOf<'monitor-connected' | 'monitor-lost' | 'monitor-picture' | 'monitor-event'>;

function fromMonitor(picture: ClusterPicture, body: MonitorBody, atMs: number): ClusterPicture {
  const { monitor } = body;
  switch (body.type) {
    case 'monitor-connected': {
      const next = { ...picture, monitors: { ...picture.monitors, [monitor]: true } };
      return withNode(next, monitor, (node) => judged(node, 'ready', body.incarnation, atMs));
    }
    case 'monitor-lost': {
      const next = { ...picture, monitors: { ...picture.monitors, [monitor]: false } };
      return withNode(next, monitor, (node) =>
        node.incarnation === null ? node : judged(node, 'suspect', node.incarnation, atMs),
      );
    }
    case 'monitor-picture':
      return { ...monitorPicture(picture, body, atMs), guests: guestsPictured(picture.guests, body, atMs) };
    case 'monitor-event': {
      const { event } = body;
      const guests = guestsAfter(picture.guests, event, atMs);
      if (guests !== picture.guests) return { ...picture, guests };
      const next = monitor === 'headnode' ? withStore(picture, event, atMs) : picture;
      if (event.type === 'view-changed') return withView(next, event.view);
      const said = healthIn(event);
      if (said === null) return next;
      return withNode(next, said.node, (node) =>
        monitorOf(node.role) === monitor ? judged(node, said.health, said.incarnation, atMs) : node,
      );
    }
  }
}

function monitorPicture(picture: ClusterPicture, body: BodyOf<'monitor-picture'>, atMs: number): ClusterPicture {
  const members = new Map(body.members.map((member) => [member.node, member]));
  const nodes = picture.nodes.map((node) => {
    if (monitorOf(node.role) !== body.monitor) return node;
    const member = members.get(node.node);
    if (member !== undefined) return judged(node, member.health, member.incarnation, atMs, member.leaving);
    return node.monitorWord === null || node.monitorWord === 'dead' ? node : changed(node, { monitorWord: null }, atMs);
  });
  if (body.monitor !== 'headnode') return { ...picture, nodes };
  return { ...picture, nodes, views: body.views, store: storePictured(picture.store, body.store, body.views, atMs) };
}

function withStore(picture: ClusterPicture, event: MonitorEvent, atMs: number): ClusterPicture {
  const shard = event.type === 'view-changed' ? event.view.shard : null;
  const before = shard === null ? undefined : picture.views.find((view) => view.shard === shard);
  const store = storeEvent(picture.store, event, before, atMs);
  return store === picture.store ? picture : { ...picture, store };
}

function withView(picture: ClusterPicture, view: ClusterPicture['views'][number]): ClusterPicture {
  const known = picture.views.find((other) => other.shard === view.shard);
  if (known !== undefined && known.epoch > view.epoch) return picture;
  const others = picture.views.filter((other) => other.shard !== view.shard);
  return { ...picture, views: [...others, view].sort((a, b) => a.shard - b.shard) };
}

function withNode(
  picture: ClusterPicture,
  name: string | Monitor,
  change: (node: NodePicture) => NodePicture,
): ClusterPicture {
  const index = picture.nodes.findIndex((node) => node.node === name);
  const before = picture.nodes[index];
  if (before === undefined) return picture;
  const after = change(before);
  return after === before ? picture : { ...picture, nodes: picture.nodes.with(index, after) };
}
