import { describeRefused, EXIT, type ExitCode } from './exit.ts';
import { withPanel } from './panel-client.ts';
import type { CommandPorts } from './ports.ts';
import { waitFor } from './wait-for.ts';

const TOMBSTONE_LIMIT_MS = 30_000;

/** `kill`: SIGKILL for each node; done when all that could be killed are seen dead. */
export async function kill(ports: CommandPorts, nodes: string[]): Promise<ExitCode> {
  return withPanel(ports.home, async (client) => {
    const { seq } = await client.call('cluster.picture', undefined);
    const outcomes = await client.call('nodes.kill', { nodes });
    const dying = new Set(outcomes.filter(({ ok }) => ok).map(({ node }) => node));
    const exited = new Set<string>();
    await waitFor(client, { afterSeq: seq, limitMs: TOMBSTONE_LIMIT_MS }, ({ events, picture }) => {
      // The master and the headnode are started again at once: what counts is that they went.
      for (const { body } of events) if (body.type === 'node-exited') exited.add(body.node);
      for (const { node, state } of picture.nodes) if (state === 'dead') exited.add(node);
      return [...dying].every((node) => exited.has(node));
    });
    for (const node of dying) ports.stdout(`${node} killed\n`);
    ports.stderr(describeRefused(outcomes));
    return outcomes.every(({ ok }) => ok) ? EXIT.done : EXIT.failed;
  });
}
