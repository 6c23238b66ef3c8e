import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { OrreryError } from '../../../containers/protocol/errors.ts';
import { createFakeEngine } from '../engine/fake-engine.ts';
import { examine, lookBeforehand, type DoctorOptions } from './doctor.ts';

const options = (change: Partial<DoctorOptions> = {}): DoctorOptions => ({
  home: mkdtempSync(path.join(tmpdir(), 'orrery-doctor-')),
  ports: { from: 47_310, to: 47_319 },
  ownPorts: [],
  ownCluster: null,
  engine: () => Promise.resolve(createFakeEngine()),
  attempts: () => Promise.resolve([{ url: 'unix:///x', because: 'known socket', outcome: 'no such file' }]),
  ...change,
});
const found = async (id: string, change?: Partial<DoctorOptions>) =>
  (await examine(options(change))).find((check) => check.id === id);

test('looks at everything, and what is wrong comes with its fix', async () => {
  const checks = await examine(options());
  expect(checks.map((check) => check.id)).toEqual([
    'node',
    'home',
    'disk',
    'memory',
    'cores',
    'docker',
    'engine',
    'image',
    'ports',
    'leftovers',
  ]);
  for (const check of checks) expect([check.id, check.ok === false]).toEqual([check.id, check.fix !== null]);
});

test('says where Docker was looked for', async () => {
  expect(await found('docker')).toMatchObject({ ok: false, found: 'unix:///x (known socket): no such file' });
});

test('without an engine it says what it cannot tell', async () => {
  const engine = () => Promise.reject(new OrreryError('engine-unavailable', { reason: 'none' }));
  expect(await found('engine', { engine })).toMatchObject({ ok: false });
  expect(await found('leftovers', { engine })).toMatchObject({ ok: 'unknown' });
});

test('knows of the image before the first start, and after it', async () => {
  const engine = createFakeEngine();
  const same = { engine: () => Promise.resolve(engine) };
  expect((await found('image', same))?.found).toBe('not there yet; the first start makes it, 1 MiB');
  await engine.prepare(() => {});
  expect((await found('image', same))?.found).toBe('present, 1 MiB');
});

test('offers what the engine has room for, and says when none answers', async () => {
  const engine = createFakeEngine();
  expect(await lookBeforehand(() => Promise.resolve(engine))).toMatchObject({
    cpus: 4,
    image: { present: false },
    offer: { workers: 3, datanodes: 3, small: false },
  });
  const none = await lookBeforehand(() => Promise.reject(new OrreryError('engine-unavailable', { reason: 'none' })));
  expect(none).toMatchObject({ engine: null, image: null });
});

test('finds what other runs left, and not what this panel runs', async () => {
  const engine = createFakeEngine();
  await engine.createCluster({ cluster: 'mine', run: 'r' });
  const fine = { engine: () => Promise.resolve(engine), ownCluster: 'mine' };
  expect(await found('leftovers', fine)).toMatchObject({ ok: true });
  await engine.createCluster({ cluster: 'other', run: 'r' });
  expect(await found('leftovers', fine)).toMatchObject({
    ok: false,
    found: '0 nodes, 1 networks, 0 volumes of other clusters',
  });
});

test('a data folder that is not there is wrong', async () => {
  expect(await found('home', { home: '/nowhere/at/all' })).toMatchObject({ ok: false });
});
