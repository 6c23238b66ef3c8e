import type { SpawnableRole } from '../../../containers/protocol/roles.ts';
import { reportNode } from './cluster-report.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { withPanel } from './panel-client.ts';
import type { CommandPorts } from './ports.ts';
import { throwIfFailed, waitFor } from './wait-for.ts';

/** The engine starts containers one after the other: this is for the largest number that may be asked for. */
const READY_LIMIT_MS = 600_000;

/** `spawn`: more nodes of a role; done when they are ready. */
export async function spawn(
  ports: CommandPorts,
  wanted: { role: SpawnableRole; count: number },
  options: { json?: true },
): Promise<ExitCode> {
  return withPanel(ports.home, async (client) => {
    const { seq } = await client.call('cluster.picture', undefined);
    const { nodes } = await client.call('nodes.spawn', wanted);
    const ours = new Set(nodes);
    const picture = await waitFor(client, { afterSeq: seq, limitMs: READY_LIMIT_MS }, (look) => {
      throwIfFailed(look.events, (node) => ours.has(node));
      return nodes.every((id) => look.picture.nodes.some(({ node, state }) => node === id && state === 'ready'));
    });
    const reports = picture.nodes.filter(({ node }) => ours.has(node)).map(reportNode);
    ports.stdout(
      options.json
        ? `${JSON.stringify({ nodes: reports })}\n`
        : reports.map(({ id, state }) => `${id} ${state}\n`).join(''),
    );
    return EXIT.done;
  });
}
