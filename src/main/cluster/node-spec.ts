/** What a node is started with: its environment, its published port, its limits. */
import type { NodeEnvironmentInput } from '../../../containers/protocol/config.ts';
import { coursePublished } from '../../core/course/course-ports.ts';
import { NODE_LIMITS } from '../../core/node-limits.ts';
import type { ContainerEngine, NodeRef, NodeSpec } from '../engine/engine.ts';
import type { ClusterFile } from './cluster-files.ts';

/** Variables that the user's settings may set (setting `node.<name>`), beside those of the cluster. */
export type NodeSettings = Partial<NodeEnvironmentInput>;

type Published = NodeRef & { publishHttp?: number };

/** The spec for a launch of `ref` in the cluster of `file`. Rejects as the engine's `address` does. */
export async function nodeSpec(
  engine: ContainerEngine,
  file: ClusterFile,
  ref: NodeRef,
  settings: NodeSettings,
): Promise<NodeSpec> {
  const { cluster, run, ports } = file;
  const master: Published = { cluster, run, node: 'master', role: 'master', publishHttp: ports.master };
  const headnode: Published = { cluster, run, node: 'headnode', role: 'headnode', publishHttp: ports.headnode };
  const env: Record<string, string> = {
    ...Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)])),
    ORRERY_CLUSTER: cluster,
    ORRERY_NODE: ref.node,
    ORRERY_ROLE: ref.role,
    ORRERY_SECRET: file.secret,
  };
  if (ref.role === 'worker') env['ORRERY_MASTER'] = await engine.address(master, 'frames');
  if (ref.role === 'master' || ref.role === 'datanode')
    env['ORRERY_HEADNODE'] = await engine.address(headnode, 'frames');
  const spec: NodeSpec = { ...ref, env, limits: NODE_LIMITS[ref.role] };
  if (ref.role !== 'master' && ref.role !== 'headnode') return spec;
  return { ...spec, publishHttp: ports[ref.role], publish: coursePublished(file.coursePorts, ref.node) };
}
