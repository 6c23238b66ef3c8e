/** Damaged disks and lost views, on real processes. */
import { appendFileSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { RecoveryAnswer, VerifyAnswer } from '../protocol/control.ts';
import type { MonitorEvent } from '../protocol/stream.ts';
import { ProcessCluster } from './process-cluster.ts';

const DATANODES = ['datanode-1', 'datanode-2', 'datanode-3'];
const keys = Array.from({ length: 60 }, (_, at) => `kept/${at}`);
let cluster: ProcessCluster;
afterEach(() => cluster.stop());

async function running(environment: Record<string, string> = {}): Promise<void> {
  cluster = new ProcessCluster({ ORRERY_SHARDS: '8', ...environment });
  await cluster.start('headnode');
  await Promise.all(DATANODES.map((node) => cluster.start(node)));
  await cluster.replicated(3);
  await Promise.all(keys.map((key) => put(key, `value of ${key}`)));
}

const put = (key: string, body: string): Promise<Response> =>
  cluster.request(`/records/${key}`, { method: 'PUT', body });

async function expectAll(): Promise<void> {
  const read = await Promise.all(keys.map(async (key) => (await cluster.request(`/records/${key}`)).text()));
  expect(read).toEqual(keys.map((key) => `value of ${key}`));
}

async function verify(asked: { key: string } | { shard: number }): Promise<VerifyAnswer> {
  const response = await cluster.control('POST', '/control/verify', asked);
  expect(response.status).toBe(200);
  return (await response.json()) as VerifyAnswer;
}

/** The first event of a type from now on. */
async function event<Type extends MonitorEvent['type']>(type: Type): Promise<Extract<MonitorEvent, { type: Type }>> {
  const seen = await cluster.follow((line) => line.kind === 'event' && line.event.type === type);
  const last = seen.at(-1);
  if (last?.kind !== 'event' || last.event.type !== type) throw new Error('no event');
  return last.event as Extract<MonitorEvent, { type: Type }>;
}

function segmentOf(node: string): string {
  const folder = join(cluster.folder, node, 'records');
  const [segment = ''] = readdirSync(folder).filter((name) => name.endsWith('.log'));
  return join(folder, segment);
}

/** Flips one bit in the middle of a node's log, without changing its length. */
function flipInterior(node: string): void {
  const path = segmentOf(node);
  const bytes = readFileSync(path);
  const at = bytes.indexOf('value of kept/20');
  expect(at).toBeGreaterThan(0);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(path, bytes, { flag: 'r+' });
}

describe('verify now', () => {
  test('tells version and checksum of every copy, of a record and of a shard', async () => {
    await running();
    const answer = await verify({ key: 'kept/3' });
    expect(answer).toMatchObject({ key: 'kept/3', isSound: true });
    expect(answer.copies.map(({ node }) => node).toSorted()).toEqual(DATANODES);
    expect(answer.copies.filter(({ isPrimary }) => isPrimary)).toHaveLength(1);
    expect(new Set(answer.copies.map(({ version, checksum }) => `${version} ${checksum}`))).toHaveProperty('size', 1);
    const shard = await verify({ shard: answer.shard });
    expect(shard).toMatchObject({ key: null, isSound: true, epoch: answer.epoch });
    expect(new Set(shard.copies.map(({ digest, records }) => `${digest} ${records}`)).size).toBe(1);
    expect((await cluster.control('POST', '/control/verify', { shard: 8 })).status).toBe(404);
    expect((await cluster.control('POST', '/control/verify', {})).status).toBe(422);
    cluster.signal('datanode-2', 'SIGSTOP');
    const silent = await verify({ key: 'kept/3' });
    cluster.signal('datanode-2', 'SIGCONT');
    expect(silent.isSound).toBe(silent.copies.length === 2);
  });
});

describe('a damaged disk', () => {
  test('bad interior at start: the volume is put aside, by event, and learned again', async () => {
    await running();
    await cluster.kill('datanode-2');
    flipInterior('datanode-2');
    const found = event('corruption-found');
    await cluster.start('datanode-2');
    expect(await found).toMatchObject({ node: 'datanode-2', place: 'disk', remedy: 'volume-quarantined' });
    await cluster.replicated(3);
    const folders = readdirSync(join(cluster.folder, 'datanode-2'));
    expect(folders.filter((name) => name.startsWith('records.damaged-'))).toHaveLength(1);
    await expectAll();
    for (let shard = 0; shard < 8; shard++) expect(await verify({ shard })).toMatchObject({ isSound: true });
  });

  test('bad interior while it runs: scrub finds it and writes the log anew; nothing is lost', async () => {
    await running({ ORRERY_SCRUB_INTERVAL_MS: '500' });
    const found = event('corruption-found');
    flipInterior('datanode-3');
    expect(await found).toMatchObject({ node: 'datanode-3', place: 'disk', remedy: 'log-rewritten' });
    await expect
      .poll(() => cluster.output('datanode-3'), { timeout: 10_000 })
      .toContain('replaced the log by a snapshot');
    await cluster.kill('datanode-3');
    await cluster.start('datanode-3');
    expect(cluster.output('datanode-3')).not.toContain('put aside');
    await cluster.replicated(3);
    await expectAll();
  });

  test('a torn tail is cut off: the node comes back with its identity and all it acknowledged', async () => {
    await running();
    await cluster.kill('datanode-1');
    const path = segmentOf('datanode-1');
    const bytes = statSync(path).size;
    // A write that the crash cut short: a length that promises more than there is.
    appendFileSync(path, Buffer.from([0, 0, 1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]));
    const store = /store=(\S+)/.exec(cluster.output('datanode-1'))?.[1];
    await cluster.start('datanode-1');
    expect(cluster.output('datanode-1')).toContain(`store=${store}`);
    expect(statSync(path).size).toBeGreaterThanOrEqual(bytes);
    await cluster.replicated(3);
    await expectAll();
  });
});

describe('a headnode that lost its disk', () => {
  test('finds the views again from block reports', async () => {
    await running();
    await cluster.kill('headnode');
    cluster.wipe('headnode');
    await cluster.start('headnode');
    await expectAll();
    expect((await put('kept/after', 'x')).status).toBe(201);
  });

  test('a member missing: 503 that says what is awaited; goes on by the operator’s word', async () => {
    await running();
    await cluster.kill('datanode-2');
    await cluster.kill('headnode');
    cluster.wipe('headnode');
    await cluster.start('headnode');
    await expect
      .poll(async () => ((await (await cluster.request('/health')).json()) as { store: unknown }).store, {
        timeout: 15_000,
      })
      .toEqual({ mode: 'linearizable', state: 'views-lost', waitingFor: ['datanode-2'] });
    expect((await cluster.request('/health')).status).toBe(503);
    const refused = await cluster.request('/records/kept/1');
    expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([503, 'views-lost']);
    await cluster.start('master');
    const byMaster = await fetch(`${cluster.httpOf('master')}/records/kept/1`);
    expect([byMaster.status, ((await byMaster.json()) as { code: string }).code]).toEqual([503, 'views-lost']);
    const preview = await cluster.control('POST', '/control/unsafe-recovery', { preview: true });
    expect([preview.status, ((await preview.json()) as RecoveryAnswer).doubtful.length]).toEqual([200, 8]);
    const rebuilt = event('views-rebuilt');
    const recovery = await cluster.control('POST', '/control/unsafe-recovery', {});
    expect(recovery.status).toBe(202);
    const { doubtful, lost } = (await recovery.json()) as RecoveryAnswer;
    expect([doubtful.length, lost]).toEqual([8, []]);
    expect(await rebuilt).toMatchObject({ by: 'unsafe-recovery', doubtful });
    await expectAll();
    const found = await fetch(`${cluster.httpOf('master')}/records/kept/1`);
    expect([found.status, await found.text()]).toEqual([200, 'value of kept/1']);
    expect((await cluster.control('POST', '/control/unsafe-recovery', {})).status).toBe(409);
  });
});

describe('mode eventual', () => {
  test('every answer says so, and so does the picture', async () => {
    await running({ ORRERY_STORE_MODE: 'eventual' });
    const written = await put('kept/1', 'again');
    expect([written.headers.get('x-record-mode'), written.headers.get('x-record-replicas')?.split(',').length]).toEqual(
      ['eventual', 1],
    );
    for (const path of ['/records/kept/2', '/records?limit=2']) {
      expect((await cluster.request(path)).headers.get('x-record-mode')).toBe('eventual');
    }
    const [picture] = (await cluster.follow((line) => line.kind === 'picture')).slice(-1);
    expect(picture).toMatchObject({ store: { mode: 'eventual', state: 'serving', waitingFor: [] } });
  });
});
