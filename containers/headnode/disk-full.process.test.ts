/**
 * A disk that is full for real (ENOSPC): one datanode has its volume on a small file system of its own, in
 * a mount namespace that needs no root.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RecordPutAnswer } from '../protocol/records.ts';
import { ProcessCluster } from './process-cluster.ts';

const SIZE_BYTES = 24 * 1024 * 1024;
const FULL = 'datanode-3';
const keys = Array.from({ length: 40 }, (_, at) => `kept/${at}`);

const cluster = new ProcessCluster({ ORRERY_SHARDS: '8' }, (node) => {
  if (node !== FULL) return [];
  const mount = `mkdir -p "$ORRERY_DATA" && mount -t tmpfs -o size=${SIZE_BYTES} none "$ORRERY_DATA" && exec "$0" "$@"`;
  return ['unshare', '--user', '--map-root-user', '--mount', 'sh', '-c', mount];
});

beforeAll(async () => {
  await cluster.start('headnode');
  await Promise.all(['datanode-1', 'datanode-2', FULL].map((node) => cluster.start(node)));
  await cluster.replicated(3);
});
afterAll(() => cluster.stop());

async function put(key: string, body: string): Promise<RecordPutAnswer> {
  for (;;) {
    const response = await cluster.request(`/records/${key}`, { method: 'PUT', body });
    if (response.ok) return (await response.json()) as RecordPutAnswer;
    // Where the full one is primary, it says so until another is.
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([507, 'disk-full']);
  }
}

test('a full disk: the node goes out of the views by event, nothing acknowledged is lost, space brings it back', async () => {
  for (const key of keys) await put(key, 'before');
  const trouble = cluster.event('disk-trouble', FULL);
  // Into its file system, from outside, until nothing more fits.
  const ballast = join(`/proc/${cluster.pid(FULL)}/root`, cluster.folder, FULL, 'ballast');
  expect(() => writeFileSync(ballast, new Uint8Array(SIZE_BYTES))).toThrow('ENOSPC');
  for (const key of keys) {
    const { replicas } = await put(key, 'after '.repeat(2_000));
    expect(replicas.length).toBeGreaterThanOrEqual(2);
  }
  expect(await trouble).toMatchObject({ code: 'disk-full' });
  await cluster.replicated(2);
  for (const key of keys) {
    expect(await (await cluster.request(`/records/${key}`)).text()).toBe('after '.repeat(2_000));
    expect((await put(key, 'later')).replicas).not.toContain(FULL);
  }
  await cluster.kill(FULL);
  await cluster.start(FULL);
  await cluster.replicated(3);
  expect((await put('kept/0', 'last')).replicas).toHaveLength(3);
});
