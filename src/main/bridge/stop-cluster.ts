import { toOrreryError } from '../../../containers/protocol/errors.ts';
import type { Handlers } from '../../contract/contract.ts';

/** Stops whatever cluster there is, as at the panel's end: a named one keeps its volumes, any other goes whole. */
export async function stopCluster(handlers: Handlers): Promise<void> {
  const { name } = await handlers['cluster.picture'](undefined);
  try {
    await handlers['cluster.stop']({ keepAs: name });
  } catch (thrown) {
    if (toOrreryError(thrown).code !== 'no-cluster') throw thrown;
  }
}
