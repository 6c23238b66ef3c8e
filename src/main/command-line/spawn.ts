import type { SpawnableRole } from '../../../containers/protocol/roles.ts';
import type { Client } from '../../contract/contract.ts';
import { reportNode, type NodeReport } from './cluster-report.ts';
import { describeRefused, EXIT, type ExitCode } from './exit.ts';
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
    const reports = await untilReady(client, seq, nodes);
    ports.stdout(options.json ? `${JSON.stringify({ nodes: reports })}\n` : tabulate(reports));
    return EXIT.done;
  });
}

/** `respawn`: nodes that are down run again, as who they were and on their data; done when they are ready. */
export async function respawn(ports: CommandPorts, nodes: string[]): Promise<ExitCode> {
  return withPanel(ports.home, async (client) => {
    const { seq } = await client.call('cluster.picture', undefined);
    const outcomes = await client.call('nodes.respawn', { nodes });
    const begun = outcomes.filter(({ ok }) => ok).map(({ node }) => node);
    ports.stdout(tabulate(await untilReady(client, seq, begun)));
    ports.stderr(describeRefused(outcomes));
    return outcomes.every(({ ok }) => ok) ? EXIT.done : EXIT.failed;
  });
}

async function untilReady(client: Client, afterSeq: number, nodes: readonly string[]): Promise<NodeReport[]> {
  const ours = new Set(nodes);
  const picture = await waitFor(client, { afterSeq, limitMs: READY_LIMIT_MS }, (look) => {
    throwIfFailed(look.events, (node) => ours.has(node));
    const ready = look.picture.nodes.filter(({ state }) => state === 'ready' || state === 'standby');
    return nodes.every((id) => ready.some(({ node }) => node === id));
  });
  return picture.nodes.filter(({ node }) => ours.has(node)).map(reportNode);
}

const tabulate = (reports: readonly NodeReport[]): string =>
  reports.map(({ id, state }) => `${id} ${state}\n`).join('');
