import { OrreryError } from '../../../containers/protocol/errors.ts';
import { readPanelFile } from '../bridge/panel-file.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { withPanel } from './panel-client.ts';
import type { CommandPorts } from './ports.ts';

/** `clean`: removes everything labelled ours, kept volumes too. A panel that runs stops its cluster first. */
export async function clean(ports: CommandPorts): Promise<ExitCode> {
  if (readPanelFile(ports.home)) {
    ports.stderr('stopping the cluster of the panel that runs\n');
    await withPanel(ports.home, (client) => client.call('cluster.stop', { keepAs: null })).catch((thrown: unknown) => {
      if (!(thrown instanceof OrreryError && NOTHING_TO_STOP.has(thrown.code))) throw thrown;
    });
  }
  const { nodes, networks, volumes } = await ports.clean();
  ports.stdout(`removed ${count(nodes, 'node')}, ${count(networks, 'network')}, ${count(volumes, 'volume')}\n`);
  return EXIT.done;
}

/** `disconnected`: a panel that is started with `up` ends with its cluster. */
const NOTHING_TO_STOP: ReadonlySet<string> = new Set(['no-cluster', 'panel-absent', 'disconnected']);

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
