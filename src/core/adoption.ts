/**
 * Taking over a cluster whose panel was killed. What is wanted is on disk before it is acted upon; the journal is
 * written a moment later, so its last words may be missing. And what was under way was never finished.
 */
import type { NodePicture } from './cluster-picture.ts';
import { desiredNode, type DesiredCluster } from './desired.ts';
import type { JournalBody } from './journal.ts';

/** What the journal did not get to say: afterwards its picture has the nodes that are wanted, and no others. */
export function unsaid(desired: DesiredCluster, nodes: readonly NodePicture[]): JournalBody[] {
  const known = new Set(nodes.map(({ node }) => node));
  const missing = desired.nodes.filter(({ node }) => !known.has(node));
  const gone = nodes.filter(({ node }) => desiredNode(desired, node) === undefined);
  return [
    ...missing.map(({ node, role }): JournalBody => ({ type: 'node-wanted', node, role, by: 'supervisor' })),
    ...gone.map(({ node }): JournalBody => ({ type: 'node-removed', node })),
  ];
}

/** Whether the panel before, which ended at `untilMs`, began to launch it and never saw it ready. */
export function wasHalfLaunched({ engineWord, launchedAtMs, readyTookMs }: NodePicture, untilMs: number): boolean {
  const isUnderWay = engineWord === 'launched' || engineWord === 'running';
  return isUnderWay && readyTookMs === null && launchedAtMs !== null && launchedAtMs < untilMs;
}

/** Whether everything that shall run does. Those that were let go of, or that are held down, are not waited for. */
export function isComplete(desired: DesiredCluster, nodes: readonly NodePicture[]): boolean {
  const known = new Map(nodes.map((node) => [node.node, node]));
  return desired.nodes.every(({ node, intent, heldDown }) => {
    const picture = known.get(node);
    const isUp = picture?.state === 'ready' || picture?.state === 'standby';
    return isUp || intent !== 'running' || heldDown || picture?.leaving === true;
  });
}
