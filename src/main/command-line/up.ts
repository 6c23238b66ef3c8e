import type { ClusterOptions } from '../../contract/contract.ts';
import { describeCluster, reportCluster } from './cluster-report.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { hostPanel, startCluster, untilStopped } from './hosted-cluster.ts';
import type { CommandPorts } from './ports.ts';

/** `up`: a cluster that lives as long as this command. One line on stdout when it is ready. */
export function up(ports: CommandPorts, cluster: ClusterOptions, options: { json?: true }): Promise<ExitCode> {
  return hostPanel(ports, { port: 0 }, async (hosted) => {
    ports.stderr(`window: ${hosted.host.url}\n`);
    await startCluster(ports, hosted, cluster);
    const picture = await hosted.client.call('cluster.picture', undefined);
    ports.stdout(`${options.json ? JSON.stringify(reportCluster(picture)) : describeCluster(picture)}\n`);
    await untilStopped(hosted);
    ports.stderr('the cluster was stopped\n');
    return EXIT.done;
  });
}
