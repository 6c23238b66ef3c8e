/** The four roles, and what is fixed about each. */
export const ROLES = ['master', 'worker', 'headnode', 'datanode'] as const;
export type Role = (typeof ROLES)[number];

/** Roles of which a user may have any number. */
export const SPAWNABLE_ROLES = ['worker', 'datanode'] as const;
export type SpawnableRole = (typeof SPAWNABLE_ROLES)[number];

/**
 * A node's listening sockets. `http` is 5000 in a container (the course's port) and is served by the
 * master and the headnode; `frames` carries the cluster's own traffic; every node answers `probe`
 * (HTTP `GET /` → 200 with its ProbeAnswer). `salad` and `shared` are the course's ports of its salad
 * exercise, where the master serves parts of what it serves at `http`; at `lines` it takes a request a line over
 * TCP; at `sockets` the headnode speaks with the course's clients and datanodes.
 */
export const PORTS = ['http', 'frames', 'probe', 'salad', 'shared', 'lines', 'sockets'] as const;
export type PortName = (typeof PORTS)[number];
export const CONTAINER_PORTS: Record<PortName, number> = {
  http: 5000,
  frames: 7400,
  probe: 7401,
  salad: 8000,
  shared: 8001,
  sockets: 5000,
  lines: 5001,
};
/** The headnode's port 5000 belongs to the course's sockets. */
const HEADNODE_HTTP_PORT = 5080;

/** Where a role listens in its container. */
export function containerPort(role: Role, name: PortName): number {
  return role === 'headnode' && name === 'http' ? HEADNODE_HTTP_PORT : CONTAINER_PORTS[name];
}

/** The ports that a role listens on. Workers only dial, so they have no frames port. */
export const ROLE_PORTS: Record<Role, readonly PortName[]> = {
  master: ['http', 'frames', 'probe', 'salad', 'shared', 'lines'],
  worker: ['probe'],
  headnode: ['http', 'frames', 'probe', 'sockets'],
  datanode: ['frames', 'probe'],
};

/** Roles that keep durable state in /data and so own a volume. */
export const ROLES_WITH_VOLUME: readonly Role[] = ['master', 'headnode', 'datanode'];

/** Answer of the probe port: proof that this very process lives. */
export type ProbeAnswer = { node: string; role: Role; incarnation: number; ready: boolean; awaiting?: string };
