/** The peer: three etcd of Debian on loopback, asked through the JSON gateway of their leader. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { HttpClient } from '../compute/http-client.ts';
import { freePort, pause } from '../compute/processes.ts';
import type { Stage } from '../compute/processes.ts';

const MEMBERS = 3;
const LEADER_LIMIT_MS = 20_000;

/** Throws, saying how to install it, when it is missing. */
export function etcdVersion(): string {
  const { error, stdout } = spawnSync('etcd', ['--version'], { encoding: 'utf8' });
  if (error !== undefined) throw new Error('etcd is not installed: run `npm run bench:setup`', { cause: error });
  return stdout.split('\n')[0]?.trim() ?? 'etcd';
}

/** Starts the members on the stage's disk; gives the leader's port for clients. */
export async function startEtcd(stage: Stage): Promise<number> {
  const ports: { client: number; peer: number }[] = [];
  for (let at = 0; at < MEMBERS; at++) ports.push({ client: await freePort(), peer: await freePort() });
  const members = ports.map(({ peer }, at) => `etcd-${at + 1}=http://127.0.0.1:${peer}`).join(',');
  for (const [at, { client, peer }] of ports.entries()) {
    const name = `etcd-${at + 1}`;
    const urls = { client: `http://127.0.0.1:${client}`, peer: `http://127.0.0.1:${peer}` };
    const flags = {
      name,
      'data-dir': path.join(stage.folder, name),
      'log-level': 'error',
      'listen-client-urls': urls.client,
      'advertise-client-urls': urls.client,
      'listen-peer-urls': urls.peer,
      'initial-advertise-peer-urls': urls.peer,
      'initial-cluster': members,
      'initial-cluster-state': 'new',
    };
    stage.start(
      name,
      'etcd',
      Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`),
    );
  }
  return leaderOf(
    ports.map(({ client }) => client),
    stage,
  );
}

async function leaderOf(ports: readonly number[], stage: Stage): Promise<number> {
  const deadlineMs = performance.now() + LEADER_LIMIT_MS;
  for (;;) {
    stage.check();
    for (const port of ports) if (await isLeader(port)) return port;
    if (performance.now() > deadlineMs) throw new Error('etcd elects no leader');
    await pause(100);
  }
}

async function isLeader(port: number): Promise<boolean> {
  const client = new HttpClient(port);
  try {
    const { body } = await client.request('POST', '/v3/maintenance/status', '{}');
    const { header, leader } = JSON.parse(body) as { header?: { member_id?: string }; leader?: string };
    return leader !== undefined && leader === header?.member_id;
  } catch {
    return false;
  } finally {
    client.close();
  }
}
