/** A cluster as it is written down, to be run without the panel. The formats beside this file spell it out. */
import { CONTAINER_PORTS, containerPort, ROLE_PORTS, type Role } from '../../../containers/protocol/roles.ts';

export type ExportedCluster = {
  /** Names objects and labels: a–z, 0–9 and -. */
  name: string;
  /** The image that all roles start from. */
  image: string;
  /** The cluster's secret: nodes and control endpoints need it. */
  secret: string;
  workers: number;
  datanodes: number;
  /** The user's settings, as variables of the nodes. */
  settings: Readonly<Record<string, string>>;
};

export type ExportedFile = { name: string; text: string };
export const EXPORT_FORMATS = ['compose', 'kubernetes'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** Variables of a node of `role`, but for its name, its own address and the secret, which formats give in their own ways. */
export function roleVariables(cluster: ExportedCluster, role: Role): Record<string, string> {
  return {
    ...cluster.settings,
    ORRERY_CLUSTER: cluster.name,
    ORRERY_ROLE: role,
    ORRERY_BIND: '0.0.0.0',
    ORRERY_DATA: '/data',
    ...Object.fromEntries(
      ROLE_PORTS[role].map((name) => [`ORRERY_PORT_${name.toUpperCase()}`, String(containerPort(role, name))]),
    ),
    ...(role === 'worker' && { ORRERY_MASTER: `master:${CONTAINER_PORTS.frames}` }),
    ...((role === 'master' || role === 'datanode') && { ORRERY_HEADNODE: `headnode:${CONTAINER_PORTS.frames}` }),
  };
}

/** Where the image comes from; every file that names it says so. */
export const aboutImage = (image: string): string =>
  `Image ${image} is on the engine that the panel uses. For another one: docker save ${image} | docker load there, or push it to a registry of yours.`;
