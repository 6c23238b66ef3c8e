/** How an engine names and labels what it makes, and reads a node back from its labels. */
import { OrreryError } from '../../../containers/protocol/errors.ts';
import { ROLE_PORTS, ROLES } from '../../../containers/protocol/roles.ts';
import type { PortName, Role } from '../../../containers/protocol/roles.ts';
import { LABELS } from './engine.ts';
import type { ClusterRef, NodeRef } from './engine.ts';

/** Names become parts of paths, host names and object names; all three allow these. */
const NAME = /^[a-z0-9][a-z0-9-]{0,48}$/;

/** The name, if it may be one of a cluster or a node; else bad-request. */
export function checkName(what: 'cluster' | 'node', name: string): string {
  if (NAME.test(name)) return name;
  throw new OrreryError('bad-request', {
    reason: `"${name}" is no name for a ${what}: use 1 to 49 of a–z, 0–9 and -, not starting with -`,
  });
}

export function checkNode<Node extends { cluster: string; node: string }>(node: Node): Node {
  checkName('cluster', node.cluster);
  checkName('node', node.node);
  return node;
}

/** The node, if its role listens on that port; else bad-request. */
export function checkPort<Node extends NodeRef>(node: Node, port: PortName): Node {
  if (ROLE_PORTS[node.role].includes(port)) return checkNode(node);
  throw new OrreryError('bad-request', { reason: `a ${node.role} has no ${port} port` });
}

/** Identity of a node within an engine. */
export function keyOf(node: { cluster: string; node: string }): string {
  return `${node.cluster}/${node.node}`;
}

export const networkName = (cluster: string): string => `orrery-${checkName('cluster', cluster)}`;
/** Also the name of the node's volume. */
export const containerName = (node: { cluster: string; node: string }): string =>
  `orrery-${checkNode(node).cluster}-${node.node}`;

type LabelName = keyof typeof LABELS;
export type LabelKeys = Record<LabelName, string>;

/** The label keys under another prefix than `dev.orrery`: tests use one, to stay apart from what really runs. */
export function labelKeys(prefix: string): LabelKeys {
  const under = (key: string) => key.replace(/^dev\.orrery/, prefix);
  return {
    cluster: under(LABELS.cluster),
    run: under(LABELS.run),
    role: under(LABELS.role),
    node: under(LABELS.node),
  };
}

export function clusterLabels(keys: LabelKeys, cluster: ClusterRef): Record<string, string> {
  return { [keys.cluster]: cluster.cluster, [keys.run]: cluster.run };
}

export function nodeLabels(keys: LabelKeys, node: NodeRef): Record<string, string> {
  return { ...clusterLabels(keys, node), [keys.role]: node.role, [keys.node]: node.node };
}

/** The node that labels speak of, or null when they are not a node's of ours. */
export function nodeOfLabels(keys: LabelKeys, labels: Record<string, string> | undefined): NodeRef | null {
  const cluster = labels?.[keys.cluster];
  const node = labels?.[keys.node];
  const role = labels?.[keys.role];
  if (cluster === undefined || node === undefined || !isRole(role)) return null;
  return { cluster, run: labels?.[keys.run] ?? '', node, role };
}

function isRole(role: unknown): role is Role {
  return ROLES.some((known) => known === role);
}
