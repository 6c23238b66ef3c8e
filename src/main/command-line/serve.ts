import type { ClusterOptions } from '../../contract/contract.ts';
import { describeFailure, type ExitCode } from './exit.ts';
import { hostPanel, startCluster, untilSignal } from './hosted-cluster.ts';
import type { CommandPorts } from './ports.ts';

/**
 * `serve`: the panel for a browser, with a started cluster. The address is the one line on stdout;
 * a cluster that does not start is the window's to show, and the panel stays.
 */
export function serve(
  ports: CommandPorts,
  cluster: ClusterOptions,
  options: { port: number; open?: true },
): Promise<ExitCode> {
  return hostPanel(ports, { port: options.port }, async (hosted) => {
    ports.stdout(`${hosted.host.url}\n`);
    if (options.open) ports.openBrowser(hosted.host.url);
    const started = startCluster(ports, hosted, cluster).then(
      () => ports.stderr('the cluster is ready\n'),
      (thrown: unknown) => {
        if (!hosted.signal.aborted) ports.stderr(`${describeFailure(thrown)}\n`);
      },
    );
    return Promise.race([untilSignal(hosted), started.then(() => untilSignal(hosted))]);
  });
}
