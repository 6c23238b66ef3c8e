/** A cluster as a Compose file: the same containers that the panel starts, with the same limits. */
import { containerPort, ROLES_WITH_VOLUME, type Role } from '../../../containers/protocol/roles.ts';
import { NODE_LIMITS } from '../node-limits.ts';
import { roleVariables, type ExportedCluster } from './exported-cluster.ts';

/** Ports on this machine's loopback at which master and headnode answer, unless the variables say otherwise. */
const PUBLISHED = { master: '${ORRERY_MASTER_PORT:-5000}', headnode: '${ORRERY_HEADNODE_PORT:-5100}' };

/** The document of compose.yaml. The secret is the variable ORRERY_SECRET, which composeEnvironment() gives. */
export function composeDocument(cluster: ExportedCluster): Record<string, unknown> {
  const nodes = composeNodes(cluster);
  const volumes = nodes.filter(({ role }) => ROLES_WITH_VOLUME.includes(role)).map(({ node }) => [node, {}]);
  return {
    services: Object.fromEntries(nodes.map(({ node, role }) => [node, service(cluster, node, role)])),
    networks: { default: { name: `orrery-${cluster.name}` } },
    volumes: Object.fromEntries(volumes),
  };
}

/** The text of `.env` beside compose.yaml. */
export const composeEnvironment = (cluster: ExportedCluster): string =>
  `# The secret of the cluster: whoever has it may control the nodes.\nORRERY_SECRET=${cluster.secret}\n`;

function composeNodes({ workers, datanodes }: ExportedCluster): { node: string; role: Role }[] {
  const many = (role: Role, count: number) =>
    Array.from({ length: count }, (_, index) => ({ node: `${role}-${index + 1}`, role }));
  return [
    { node: 'headnode', role: 'headnode' },
    ...many('datanode', datanodes),
    { node: 'master', role: 'master' },
    ...many('worker', workers),
  ];
}

function service(cluster: ExportedCluster, node: string, role: Role): Record<string, unknown> {
  const limits = NODE_LIMITS[role];
  return {
    image: cluster.image,
    command: [role],
    hostname: node,
    environment: {
      ...roleVariables(cluster, role),
      ORRERY_NODE: node,
      ORRERY_HOST: node,
      ORRERY_SECRET: '${ORRERY_SECRET:?is in .env}',
    },
    ...(role === 'master' || role === 'headnode'
      ? { ports: [`127.0.0.1:${PUBLISHED[role]}:${containerPort(role, 'http')}`] }
      : {}),
    ...(ROLES_WITH_VOLUME.includes(role) ? { volumes: [`${node}:/data`] } : {}),
    extra_hosts: ['host.docker.internal:host-gateway'],
    read_only: true,
    tmpfs: ['/tmp:rw,noexec,nosuid,nodev,size=16m'],
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges:true'],
    mem_limit: limits.memoryBytes,
    cpus: limits.cpus,
    pids_limit: limits.pids,
    // What a monitor judges is not Docker's to judge: a killed node comes back, and joins again.
    restart: 'unless-stopped',
  };
}
