/**
 * A cluster as Kubernetes manifests: StatefulSets with a volume for those that keep something, a
 * Deployment for the workers. No autoscaler of Kubernetes: who is needed is the master's to say.
 */
import { containerPort, ROLE_PORTS, ROLES_WITH_VOLUME, type Role } from '../../../containers/protocol/roles.ts';
import { NODE_LIMITS } from '../node-limits.ts';
import { roleVariables, type ExportedCluster } from './exported-cluster.ts';

export type Manifest = { apiVersion: string; kind: string; metadata: { name: string } } & Record<string, unknown>;

/** User and group of the image. */
const NODE_USER = 10_001;
const VOLUME_SIZE = '1Gi';
/** As long as a role takes at most to end in order (kit/role-main.ts), and some. */
const GRACE_S = 15;

/** All objects, in the order in which they are to be made. */
export function kubernetesManifests(cluster: ExportedCluster): Manifest[] {
  const manifests = [
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: secretName(cluster) },
      stringData: { secret: cluster.secret },
    },
    ...(['headnode', 'datanode', 'master'] as const).flatMap((role) => [service(role), statefulSet(cluster, role)]),
    workerDeployment(cluster),
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'datanode' },
      // Two copies of three are enough to go on; a second one missing would stop the writes.
      spec: { maxUnavailable: 1, selector: { matchLabels: selector(cluster, 'datanode') } },
    },
  ];
  return manifests.map((manifest) => ({
    ...manifest,
    metadata: {
      ...manifest.metadata,
      labels: { 'app.kubernetes.io/part-of': 'orrery', 'dev.orrery.cluster': cluster.name },
    },
  })) as Manifest[];

  function service(role: 'headnode' | 'datanode' | 'master') {
    const ports = ROLE_PORTS[role].map((name) => ({ name, port: containerPort(role, name) }));
    // Datanodes are dialled each by its own name, so theirs has no address of its own.
    const headless = role === 'datanode' ? { clusterIP: 'None', publishNotReadyAddresses: true } : {};
    const spec = { ...headless, selector: selector(cluster, role), ports };
    return { apiVersion: 'v1', kind: 'Service', metadata: { name: role }, spec };
  }
}

const secretName = ({ name }: ExportedCluster) => `orrery-${name}`;
const selector = ({ name }: ExportedCluster, role: Role) => ({ 'dev.orrery.cluster': name, 'dev.orrery.role': role });

function statefulSet(cluster: ExportedCluster, role: 'headnode' | 'datanode' | 'master') {
  const replicas = role === 'datanode' ? cluster.datanodes : 1;
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: role },
    spec: {
      serviceName: role,
      replicas,
      // Datanodes join in any order; waiting for each other would only make the start longer.
      podManagementPolicy: 'Parallel',
      selector: { matchLabels: selector(cluster, role) },
      template: podTemplate(cluster, role),
      volumeClaimTemplates: [
        {
          metadata: { name: 'data' },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: VOLUME_SIZE } } },
        },
      ],
    },
  };
}

function workerDeployment(cluster: ExportedCluster) {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'worker' },
    spec: {
      replicas: cluster.workers,
      selector: { matchLabels: selector(cluster, 'worker') },
      template: podTemplate(cluster, 'worker'),
    },
  };
}

function podTemplate(cluster: ExportedCluster, role: Role) {
  return {
    metadata: { labels: selector(cluster, role) },
    spec: {
      terminationGracePeriodSeconds: GRACE_S,
      automountServiceAccountToken: false,
      // Kubernetes would add variables of its own for every service.
      enableServiceLinks: false,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: NODE_USER,
        runAsGroup: NODE_USER,
        fsGroup: NODE_USER,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      ...(role === 'datanode' ? { affinity: apart(cluster, role) } : {}),
      containers: [container(cluster, role)],
      volumes: [{ name: 'tmp', emptyDir: { medium: 'Memory', sizeLimit: '16Mi' } }],
    },
  };
}

/** Two copies on one machine are lost together. */
function apart(cluster: ExportedCluster, role: Role) {
  const podAffinityTerm = {
    topologyKey: 'kubernetes.io/hostname',
    labelSelector: { matchLabels: selector(cluster, role) },
  };
  return { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm }] } };
}

function container(cluster: ExportedCluster, role: Role) {
  const limits = NODE_LIMITS[role];
  const probe = { httpGet: { path: '/', port: 'probe' }, periodSeconds: 5 };
  const keeps = ROLES_WITH_VOLUME.includes(role);
  return {
    name: role,
    image: cluster.image,
    imagePullPolicy: 'IfNotPresent',
    args: [role],
    env: [
      ...ownVariables(cluster, role),
      ...Object.entries(roleVariables(cluster, role)).map(([name, value]) => ({ name, value })),
    ],
    ports: ROLE_PORTS[role].map((name) => ({ name, containerPort: containerPort(role, name) })),
    resources: {
      requests: { cpu: '50m', memory: '64Mi' },
      limits: { cpu: String(limits.cpus), memory: String(limits.memoryBytes) },
    },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    readinessProbe: probe,
    // Alive is whoever takes a connection: a node that waits for another is not helped by a restart.
    livenessProbe: { tcpSocket: { port: 'probe' }, periodSeconds: 10, failureThreshold: 6 },
    volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }, ...(keeps ? [{ name: 'data', mountPath: '/data' }] : [])],
  };
}

/** Name, address and secret. Variables that others refer to come first. */
function ownVariables(cluster: ExportedCluster, role: Role) {
  const secret = { secretKeyRef: { name: secretName(cluster), key: 'secret' } };
  const pod = { name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } };
  const secretVariable = { name: 'ORRERY_SECRET', valueFrom: secret };
  switch (role) {
    case 'master':
    case 'headnode':
      return [{ name: 'ORRERY_NODE', value: role }, { name: 'ORRERY_HOST', value: role }, secretVariable];
    case 'datanode':
      return [
        pod,
        { name: 'ORRERY_NODE', value: '$(POD)' },
        { name: 'ORRERY_HOST', value: '$(POD).datanode' },
        secretVariable,
      ];
    case 'worker':
      return [
        { name: 'ORRERY_NODE', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
        { name: 'ORRERY_HOST', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
        secretVariable,
      ];
  }
}
