/** A node as a Docker container: what is asked of the engine to make it, and what its answer says. Pure. */
import { createHash } from 'node:crypto';
import type Docker from 'dockerode';
import { containerPort, ROLE_PORTS, ROLES_WITH_VOLUME } from '../../../containers/protocol/roles.ts';
import type { EngineNode, EngineNodeState, NodeRef, NodeSpec } from './engine.ts';
import { containerName, networkName, nodeLabels, nodeOfLabels } from './engine-names.ts';
import type { LabelKeys } from './engine-names.ts';

/** Logs of a node on the engine's disk: two files of this size. */
const LOG_SIZE = '5m';
const HOST_GATEWAY = 'host.docker.internal';
const TMP_OPTIONS = 'rw,noexec,nosuid,nodev,size=16m';

export function hasVolume(node: NodeRef): boolean {
  return ROLES_WITH_VOLUME.includes(node.role);
}

/** @param prefix of the labels that only this engine uses: hash of the spec, published port */
export function ownLabelKeys(prefix: string): { spec: string; http: string } {
  return { spec: `${prefix}.spec`, http: `${prefix}.http` };
}

/** The container for a spec: as little as a node needs, with nothing it could do harm with. */
export function createOptions(
  spec: NodeSpec,
  image: string,
  keys: LabelKeys,
  prefix: string,
): Docker.ContainerCreateOptions {
  const own = ownLabelKeys(prefix);
  const { limits, publishHttp } = spec;
  const published = publishedPorts(spec);
  return {
    name: containerName(spec),
    Image: image,
    Cmd: [spec.role],
    Hostname: spec.node,
    Env: Object.entries(containerEnvironment(spec)).map(([name, value]) => `${name}=${value}`),
    Labels: {
      ...nodeLabels(keys, spec),
      [own.spec]: specHash(spec, image),
      ...(publishHttp === undefined ? {} : { [own.http]: String(publishHttp) }),
    },
    ExposedPorts: Object.fromEntries(Object.keys(published).map((port) => [port, {}])),
    HostConfig: {
      NetworkMode: networkName(spec.cluster),
      ExtraHosts: [`${HOST_GATEWAY}:host-gateway`],
      PortBindings: published,
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      Tmpfs: { '/tmp': TMP_OPTIONS },
      Memory: limits.memoryBytes,
      // As much as Memory: no swap on top of it.
      MemorySwap: limits.memoryBytes,
      NanoCpus: Math.round(limits.cpus * 1e9),
      PidsLimit: limits.pids,
      LogConfig: { Type: 'json-file', Config: { 'max-size': LOG_SIZE, 'max-file': '2' } },
      ...(hasVolume(spec) ? { Mounts: [{ Type: 'volume', Source: containerName(spec), Target: '/data' }] } : {}),
    },
    NetworkingConfig: { EndpointsConfig: { [networkName(spec.cluster)]: { Aliases: [spec.node] } } },
  };
}

/** By port of the container: where it is on this machine's loopback. */
function publishedPorts({
  role,
  publishHttp,
  publish,
}: NodeSpec): Record<string, { HostIp: string; HostPort: string }[]> {
  const wanted = { ...publish, ...(publishHttp !== undefined && { http: publishHttp }) };
  const entries = ROLE_PORTS[role].flatMap((port) => {
    const hostPort = wanted[port];
    if (hostPort === undefined) return [];
    return [[`${containerPort(role, port)}/tcp`, [{ HostIp: '127.0.0.1', HostPort: String(hostPort) }]]];
  });
  return Object.fromEntries(entries);
}

function containerEnvironment(spec: NodeSpec): Record<string, string> {
  const ports = ROLE_PORTS[spec.role].map((port) => [
    `ORRERY_PORT_${port.toUpperCase()}`,
    String(containerPort(spec.role, port)),
  ]);
  return {
    ...spec.env,
    ORRERY_HOST: spec.node,
    ORRERY_BIND: '0.0.0.0',
    ORRERY_DATA: '/data',
    ORRERY_HOST_GATEWAY: HOST_GATEWAY,
    ...Object.fromEntries(ports),
  };
}

/** Tells whether an existing container is what a spec asks for. */
export function specHash(spec: NodeSpec, image: string): string {
  return createHash('sha256')
    .update(JSON.stringify([spec, image]))
    .digest('hex');
}

/** One row of the engine's list of containers; null when its labels are not a node's. */
export function nodeOfContainer(
  container: Docker.ContainerInfo,
  keys: LabelKeys,
  prefix: string,
): (EngineNode & { id: string }) | null {
  const node = nodeOfLabels(keys, container.Labels);
  if (!node) return null;
  const published = container.Labels[ownLabelKeys(prefix).http];
  const state = stateOf(container.State);
  // The list tells the exit code only within words: "Exited (137) 3 seconds ago".
  const exitCode = /\((-?\d+)\)/.exec(container.Status)?.[1];
  return {
    ...node,
    id: container.Id,
    state,
    exitCode: state === 'exited' && exitCode !== undefined ? Number(exitCode) : null,
    startedAtMs: null,
    publishedHttp: published === undefined ? null : Number(published),
  };
}

function stateOf(state: string): EngineNodeState {
  switch (state) {
    case 'running':
    case 'restarting':
      return 'running';
    case 'paused':
      return 'paused';
    case 'created':
    case 'configured':
      return 'created';
    default:
      // exited, dead, removing, and Podman's stopped.
      return 'exited';
  }
}
