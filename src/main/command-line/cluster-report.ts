/** A cluster as the command line prints it. */
import type { ClusterPicture, NodePicture } from '../../core/cluster-picture.ts';
import { OrreryError } from '../../../containers/protocol/errors.ts';

/** `guest`: a program of somebody's own, and the protocol by which it joined. */
export type NodeReport = {
  id: string;
  role: NodePicture['role'];
  state: NodePicture['state'];
  guest?: NonNullable<NodePicture['guest']>;
};
export type ClusterReport = {
  cluster: string;
  engine: string;
  endpoints: { master: string; headnode: string } | null;
  /** Addresses at the ports of the courses, where it is published there. */
  course?: Record<string, string>;
  nodes: NodeReport[];
  /** Where there are any. */
  guests?: NodeReport[];
};

/** What `up --json` and `ps --json` print. Throws no-cluster when none is there. */
export function reportCluster(picture: ClusterPicture): ClusterReport {
  const { cluster, engine, endpoints, phase } = picture;
  if (!cluster || !engine || phase === 'none' || phase === 'stopped') throw new OrreryError('no-cluster');
  const { course = {} } = endpoints ?? {};
  return {
    cluster,
    engine: engine.name,
    endpoints: endpoints === null ? null : { master: endpoints.master, headnode: endpoints.headnode },
    ...(Object.keys(course).length > 0 && { course }),
    nodes: picture.nodes.map(reportNode),
    ...(picture.guests.length > 0 && { guests: picture.guests.map(reportNode) }),
  };
}

export function reportNode({ node, role, state, guest }: NodePicture): NodeReport {
  return { id: node, role, state, ...(guest !== undefined && { guest }) };
}

/** One line for a person: what runs, where, and how to reach it. */
export function describeCluster(picture: ClusterPicture): string {
  const { cluster, endpoints, nodes } = reportCluster(picture);
  const ready = nodes.filter(({ state }) => state === 'ready' || state === 'standby').length;
  const places = endpoints ? `master ${endpoints.master}, headnode ${endpoints.headnode}` : 'no endpoints yet';
  return `cluster ${cluster} on ${picture.engine?.title}: ${ready} of ${nodes.length} nodes ready; ${places}`;
}

/** The nodes as a table with one line each. */
export function tabulateNodes(picture: ClusterPicture): string {
  const rows = [['NODE', 'ROLE', 'STATE', 'NOTE'], ...[...picture.nodes, ...picture.guests].map(rowOf)];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function rowOf({ node, role, state, tombstone, trouble, guest }: NodePicture): string[] {
  const note =
    guest !== undefined
      ? `a program of yours, by ${guest}`
      : tombstone
        ? `${tombstone.cause} ${new Date(tombstone.atMs).toISOString()}`
        : (trouble?.text ?? '');
  return [node, role, state, note];
}
