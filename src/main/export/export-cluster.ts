/** The cluster that runs, or a new one, written down as files. */
import { randomBytes } from 'node:crypto';
import type { ExportRequest } from '../../contract/export-schema.ts';
import type { ExportedFile } from '../../core/export/exported-cluster.ts';
import type { ClusterFile } from '../cluster/cluster-files.ts';
import type { NodeSettings } from '../cluster/node-spec.ts';
import type { ContainerEngine } from '../engine/engine.ts';
import { exportFiles } from './export-files.ts';

const COUNT_DEFAULT = 3;

export type ExportSources = {
  /** Rejects with `engine-unavailable` where no Docker answers: the files name the image that it makes. */
  docker(): Promise<ContainerEngine>;
  /** The running cluster, if there is one. */
  running: ClusterFile | null;
  settings(): Promise<NodeSettings>;
};

/** Makes the image where it is missing. What is written down is a cluster of its own, with a secret of its own. */
export async function exportCluster(request: ExportRequest, sources: ExportSources): Promise<ExportedFile[]> {
  const { running } = sources;
  const engine = await sources.docker();
  const image = await engine.prepare(() => undefined);
  const settings = await sources.settings();
  const count = (role: 'worker' | 'datanode') =>
    running?.desired.nodes.filter((node) => node.role === role && node.intent === 'running').length ?? COUNT_DEFAULT;
  return exportFiles(request.format, {
    name: running?.name ?? 'lab',
    image: image ?? 'orrery',
    secret: randomBytes(32).toString('base64url'),
    workers: request.workers ?? count('worker'),
    datanodes: request.datanodes ?? count('datanode'),
    settings: Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)])),
  });
}
