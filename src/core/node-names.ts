/** Names of nodes: `master`, `headnode`, `worker-7`, `datanode-2`; and their order in lists. */
import { ROLES, type Role, type SpawnableRole } from '../../containers/protocol/roles.ts';

export const nodeName = (role: SpawnableRole, number: number): string => `${role}-${number}`;

/** The number in a node's name; 0 for master and headnode. */
export function nodeNumber(node: string): number {
  const digits = /-(\d+)$/.exec(node)?.[1];
  return digits === undefined ? 0 : Number(digits);
}

/** Order of lists and lanes: master, workers, headnode, datanodes; within a role by number. */
export function compareNodes(a: { node: string; role: Role }, b: { node: string; role: Role }): number {
  return ROLES.indexOf(a.role) - ROLES.indexOf(b.role) || nodeNumber(a.node) - nodeNumber(b.node);
}

export type Monitor = 'master' | 'headnode';

/** Who watches nodes of a role; null: the panel itself does. */
export function monitorOf(role: Role): Monitor | null {
  if (role === 'worker') return 'master';
  return role === 'datanode' ? 'headnode' : null;
}
