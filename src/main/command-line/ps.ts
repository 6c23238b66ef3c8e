import { describeCluster, reportCluster, tabulateNodes } from './cluster-report.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { withPanel } from './panel-client.ts';
import type { CommandPorts } from './ports.ts';

/** `ps`: the nodes of the cluster that runs. */
export async function ps(ports: CommandPorts, options: { json?: true }): Promise<ExitCode> {
  const picture = await withPanel(ports.home, (client) => client.call('cluster.picture', undefined));
  const report = reportCluster(picture);
  ports.stdout(
    options.json ? `${JSON.stringify(report)}\n` : `${describeCluster(picture)}\n${tabulateNodes(picture)}\n`,
  );
  return EXIT.done;
}
