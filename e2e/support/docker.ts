/** What Docker itself says, by its own command line: the judge of what the window shows. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ENGINE } from './hosts.ts';

const run = promisify(execFile);

export type Container = { id: string; node: string; role: string; running: boolean };

export async function docker(...args: string[]): Promise<string> {
  const { stdout } = await run('docker', args);
  return stdout.trim();
}

const linesOf = (text: string): string[] => text.split('\n').filter(Boolean);
const ofCluster = (cluster: string): string[] => ['--filter', `label=dev.orrery.cluster=${cluster}`];

/** All containers that carry the label of `cluster`, running or not, by the name of their node. */
export async function containersOf(cluster: string): Promise<Container[]> {
  const format = '{{.ID}} {{.Label "dev.orrery.node"}} {{.Label "dev.orrery.role"}} {{.State}}';
  const text = await docker('ps', '--all', '--no-trunc', ...ofCluster(cluster), '--format', format);
  return linesOf(text)
    .map((line) => {
      const [id = '', node = '', role = '', state = ''] = line.split(' ');
      return { id, node, role, running: state === 'running' };
    })
    .sort((a, b) => a.node.localeCompare(b.node, 'en', { numeric: true }));
}

/** The names of the nodes whose containers run, sorted. Docker tells of an end by event first, in this list a little later. */
export async function runningNodes(cluster: string): Promise<string[]> {
  return (await containersOf(cluster)).filter(({ running }) => running).map(({ node }) => node);
}

/** What the nodes of `cluster` said, for whoever has to find out what went wrong. */
export async function logsOf(cluster: string): Promise<string> {
  if (ENGINE !== 'docker') return '';
  const parts: string[] = [];
  for (const { id, node, running } of await containersOf(cluster)) {
    const { stdout, stderr } = await run('docker', ['logs', '--timestamps', '--tail', '200', id]);
    parts.push(`── ${node}${running ? '' : ' (ended)'}\n${stdout}${stderr}`);
  }
  return parts.join('\n');
}

export type Leftovers = { containers: string[]; networks: string[]; volumes: string[] };
export const NOTHING: Leftovers = { containers: [], networks: [], volumes: [] };

/** Everything in Docker that carries the label of `cluster`. */
export async function leftoversOf(cluster: string): Promise<Leftovers> {
  if (ENGINE !== 'docker') return NOTHING;
  const [containers, networks, volumes] = await Promise.all([
    docker('ps', '--all', '--quiet', ...ofCluster(cluster)),
    docker('network', 'ls', '--quiet', ...ofCluster(cluster)),
    docker('volume', 'ls', '--quiet', ...ofCluster(cluster)),
  ]);
  return { containers: linesOf(containers), networks: linesOf(networks), volumes: linesOf(volumes) };
}

/** Removes everything that carries the label of `cluster`: after a failure, or when a kept volume has served. */
export async function removeAll(cluster: string): Promise<void> {
  const { containers, networks, volumes } = await leftoversOf(cluster);
  if (containers.length > 0) await docker('rm', '--force', '--volumes', ...containers);
  if (networks.length > 0) await docker('network', 'rm', ...networks);
  if (volumes.length > 0) await docker('volume', 'rm', '--force', ...volumes);
}
