/** What is written down for Compose runs, without a panel: brought up for real, used, broken, taken down. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { dockerTestEngine, type DockerTestEngine } from '../engine/docker-test-engine.ts';
import { freePort } from '../engine/test-ports.ts';
import { exportCluster } from './export-cluster.ts';

const run = promisify(execFile);
const AWAIT = { timeout: 60_000, interval: 200 };
let own: DockerTestEngine;
let folder = '';
let ports = { master: 0, headnode: 0 };

beforeAll(async () => {
  own = await dockerTestEngine();
  folder = await mkdtemp(path.join(os.tmpdir(), 'orrery-compose-'));
  ports = { master: await freePort(), headnode: await freePort() };
  const files = await exportCluster(
    { format: 'compose', workers: 2, datanodes: 2 },
    {
      docker: () => Promise.resolve(own.engine),
      running: null,
      settings: () =>
        Promise.resolve({ ORRERY_SHARDS: '4', ORRERY_REPLICAS: '2', ORRERY_HEARTBEAT_INTERVAL_MS: '200' }),
    },
  );
  for (const { name, text } of files) {
    // Two clusters at once must not meet: the network's name is the cluster's.
    const apart = text.replace('name: orrery-lab', `name: orrery-test-${own.unique}`);
    await writeFile(path.join(folder, name), apart);
  }
  await compose('up', '-d');
});

afterAll(async () => {
  await compose('down', '-v').catch(() => undefined);
  await own.end();
  await rm(folder, { recursive: true, force: true });
});

function compose(...args: string[]): Promise<{ stdout: string }> {
  const env = {
    ...process.env,
    ORRERY_MASTER_PORT: String(ports.master),
    ORRERY_HEADNODE_PORT: String(ports.headnode),
  };
  return run('docker-compose', ['-p', `orrery-test-${own.unique}`, ...args], { cwd: folder, env });
}

const master = (route: string, init?: RequestInit) => fetch(`http://127.0.0.1:${ports.master}${route}`, init);

async function calculate(payload: string): Promise<{ status: string; result: unknown }> {
  const answer = await master('/submit-task?wait=5s', { method: 'POST', body: JSON.stringify({ payload }) });
  expect(answer.status).toBe(200);
  return (await answer.json()) as { status: string; result: unknown };
}

test('it calculates, keeps a record over a kill, and leaves nothing', async () => {
  await vi.waitFor(async () => {
    const health = (await (await master('/health')).json()) as { workers?: unknown };
    expect(JSON.stringify(health)).toMatch(/"ready":2/);
  }, AWAIT);
  expect(await calculate('4 * (2 + 3)')).toMatchObject({ status: 'done', result: '20' });
  await vi.waitFor(async () => {
    const put = await master('/records/greeting', { method: 'PUT', body: 'hello' });
    expect([200, 201]).toContain(put.status);
  }, AWAIT);

  await compose('kill', 'master', 'datanode-1');
  await compose('up', '-d');
  await vi.waitFor(async () => {
    const read = await master('/records/greeting');
    expect([read.status, await read.text()]).toEqual([200, 'hello']);
  }, AWAIT);
  await vi.waitFor(async () => expect(await calculate('6 * 7')).toMatchObject({ result: '42' }), AWAIT);

  await compose('down', '-v');
  const label = `label=com.docker.compose.project=orrery-test-${own.unique}`;
  for (const what of [
    ['ps', '-aq'],
    ['volume', 'ls', '-q'],
    ['network', 'ls', '-q'],
  ])
    expect((await run('docker', [...what, '--filter', label])).stdout, what.join(' ')).toBe('');
});
