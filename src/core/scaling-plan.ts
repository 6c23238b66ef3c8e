/**
 * What the panel does for the autoscaler: the master says how many workers there shall be and which have
 * left; the panel starts and removes. Level by level, not event by event: asked again with every sample,
 * so nothing is lost while one of the two is away.
 */
import type { AutoscalerPicture } from '../../containers/protocol/autoscaler.ts';
import type { ClusterPicture, NodePicture } from './cluster-picture.ts';
import { NODES_MAX, type DesiredCluster } from './desired.ts';
import { nodeNumber } from './node-names.ts';

export type ScalingPlan = {
  start: number;
  /** The master has let go of them, or they have not even begun and are not needed any more. */
  remove: string[];
};

const NOTHING: ScalingPlan = { start: 0, remove: [] };
/** Workers that die by themselves, one after the other: starting more of them would go on for ever. */
const FALLEN_MAX = 3;
const FALLEN_FOR_MS = 30_000;

export function scalingPlan(
  autoscaler: AutoscalerPicture,
  desired: DesiredCluster,
  picture: ClusterPicture,
  nowMs: number,
): ScalingPlan {
  // Whoever drains then does so by its own end or at somebody's word, and stays as a tombstone.
  if (!autoscaler.settings.enabled) return NOTHING;
  const known = new Map(picture.nodes.map((node) => [node.node, node]));
  const workers = desired.nodes.filter(({ role }) => role === 'worker');
  // One that died while it drained is no tombstone: it was to go.
  const letGo = workers.filter(
    ({ node, intent }) => (intent === 'running' || intent === 'killed') && known.get(node)?.leaving === true,
  );
  const staying = workers.filter(
    ({ node, intent }) => intent === 'running' && known.get(node)?.leaving !== true && !isLost(known.get(node)),
  );
  const surplus = Math.max(0, staying.length - autoscaler.wanted);
  // The newest that the master does not know yet; of those it knows it says itself which shall go.
  const unbegun = staying
    .filter(({ node }) => (known.get(node)?.monitorWord ?? null) === null)
    .sort((a, b) => nodeNumber(b.node) - nodeNumber(a.node))
    .slice(0, surplus);
  const missing = Math.max(0, autoscaler.wanted - staying.length);
  const room = NODES_MAX.worker - workers.length;
  const start = fallenLately(picture, nowMs) >= FALLEN_MAX ? 0 : Math.min(missing, Math.max(0, room));
  return { start, remove: [...letGo, ...unbegun].map(({ node }) => node) };
}

/** Nothing is to be expected of it, though its container may still be there. */
function isLost(node: NodePicture | undefined): boolean {
  return node?.state === 'dead';
}

function fallenLately({ nodes }: ClusterPicture, nowMs: number): number {
  return nodes.filter(
    ({ role, tombstone }) =>
      role === 'worker' && tombstone !== null && tombstone.by === null && nowMs - tombstone.atMs < FALLEN_FOR_MS,
  ).length;
}
