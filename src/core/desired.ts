/** The cluster that is wanted, as data: what clicks, the command line and the autoscaler edit. */
import type { Role, SpawnableRole } from '../../containers/protocol/roles.ts';
import type { ErrorCode, ErrorDetails } from '../../containers/protocol/errors.ts';
import { nodeName } from './node-names.ts';

/**
 * What shall become of a node:
 *
 *   running ⇄ killed     killed: SIGKILL, then a tombstone until Respawn (`stopped`: SIGTERM first;
 *      │                 `restarting`: that, then running again). A worker or datanode that
 *      │                 ended by itself is `killed` too; master and headnode go back to `running`.
 *      └→ draining → removed → (gone)
 */
export type Intent = 'running' | 'killed' | 'stopped' | 'restarting' | 'draining' | 'removed';

/** `heldDown` (master, headnode): once it is down, it stays down. */
export type DesiredNode = { node: string; role: Role; intent: Intent; heldDown: boolean };

/** `next`: the number that the next node of a role gets; numbers are never used again. */
export type DesiredCluster = { nodes: DesiredNode[]; next: Record<SpawnableRole, number> };

export const NODES_MAX: Record<SpawnableRole, number> = { worker: 500, datanode: 100 };

const wanted = (node: string, role: Role): DesiredNode => ({ node, role, intent: 'running', heldDown: false });

/** Master, headnode and so many workers and datanodes. */
export function initialDesired(counts: Record<SpawnableRole, number>): DesiredCluster {
  const bare: DesiredCluster = {
    nodes: [wanted('master', 'master'), wanted('headnode', 'headnode')],
    next: { worker: 1, datanode: 1 },
  };
  const workers = spawned(bare, 'worker', counts.worker).desired;
  return spawned(workers, 'datanode', counts.datanode).desired;
}

/** So many more of a role, with new numbers. */
export function spawned(
  desired: DesiredCluster,
  role: SpawnableRole,
  count: number,
): { desired: DesiredCluster; nodes: string[] } {
  const first = desired.next[role];
  const nodes = Array.from({ length: count }, (_, index) => nodeName(role, first + index));
  return {
    desired: {
      nodes: [...desired.nodes, ...nodes.map((node) => wanted(node, role))],
      next: { ...desired.next, [role]: first + count },
    },
    nodes,
  };
}

/**
 * A named cluster that is started again: all its datanodes come back (they hold its records), its
 * workers (who hold nothing) in the number asked for, and more datanodes if more are asked for.
 */
export function resumed(kept: DesiredCluster, counts: Record<SpawnableRole, number>): DesiredCluster {
  const staying = kept.nodes.filter((node) => node.intent !== 'draining' && node.intent !== 'removed');
  const workers = staying.filter((node) => node.role === 'worker').slice(0, counts.worker);
  const others = staying.filter((node) => node.role !== 'worker');
  let desired: DesiredCluster = {
    nodes: [...others, ...workers].map((node) => wanted(node.node, node.role)),
    next: kept.next,
  };
  const datanodes = others.filter((node) => node.role === 'datanode').length;
  desired = spawned(desired, 'worker', counts.worker - workers.length).desired;
  return spawned(desired, 'datanode', Math.max(0, counts.datanode - datanodes)).desired;
}

export function desiredNode(desired: DesiredCluster, node: string): DesiredNode | undefined {
  return desired.nodes.find((wantedNode) => wantedNode.node === node);
}

export function withIntent(desired: DesiredCluster, node: string, intent: Intent): DesiredCluster {
  return edited(desired, node, { intent });
}

export function withHeldDown(desired: DesiredCluster, node: string, heldDown: boolean): DesiredCluster {
  return edited(desired, node, { heldDown });
}

export function forgotten(desired: DesiredCluster, node: string): DesiredCluster {
  return { ...desired, nodes: desired.nodes.filter((wantedNode) => wantedNode.node !== node) };
}

/** A container ended: a worker or datanode stays down, master and headnode are wanted back. */
export function afterExit(desired: DesiredCluster, node: string): DesiredCluster {
  const known = desiredNode(desired, node);
  if (known === undefined || known.intent === 'draining' || known.intent === 'removed') return desired;
  const restarts = known.role === 'master' || known.role === 'headnode' || known.intent === 'restarting';
  const intent: Intent = restarts ? 'running' : 'killed';
  return known.intent === intent ? desired : edited(desired, node, { intent });
}

/** Why a request about a node cannot be granted; null when it can. `isDown`: it has no live container. */
export function refusal(
  desired: DesiredCluster,
  node: string,
  asked: 'kill' | 'remove' | 'respawn' | 'hold-down',
  isDown: boolean,
): { code: ErrorCode; details: ErrorDetails } | null {
  const known = desiredNode(desired, node);
  if (known === undefined) return { code: 'unknown-node', details: { node } };
  const spawnable = known.role === 'worker' || known.role === 'datanode';
  const conflict = (reason: string) => ({ code: 'node-busy' as const, details: { reason } });
  switch (asked) {
    case 'kill':
      return null;
    case 'remove':
      return spawnable ? null : conflict(`A cluster cannot be without its ${known.role}`);
    case 'respawn':
      if (known.intent === 'draining' || known.intent === 'removed') return conflict(`${node} is being removed`);
      return known.intent !== 'running' && !isDown ? conflict(`${node} is still being ended`) : null;
    case 'hold-down':
      return spawnable ? conflict(`${node} stays down by itself`) : null;
  }
}

function edited(desired: DesiredCluster, node: string, change: Partial<DesiredNode>): DesiredCluster {
  const nodes = desired.nodes.map((known) => (known.node === node ? { ...known, ...change } : known));
  return { ...desired, nodes };
}
