import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ContainerEngine } from './engine.ts';
import { engineCases } from './engine.cases.ts';
import { writeTestBundles } from './engine-test-role.ts';
import { findEngine } from './find-engine.ts';
import { freePort } from './test-ports.ts';

let home = '';
let engine: ContainerEngine;

beforeAll(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), 'orrery-docker-'));
  await writeTestBundles(path.join(home, 'bundles'));
  // Its own labels: clean() must not reach what others run on this engine.
  const labelPrefix = `dev.orrery-test-${randomBytes(4).toString('hex')}`;
  engine = await findEngine('docker', { home, bundlesFolder: path.join(home, 'bundles'), labelPrefix });
  await engine.prepare(() => undefined);
});

afterAll(async () => {
  await engine.clean();
  await engine.close();
  await rm(home, { recursive: true, force: true });
});

test('the engine under test is Docker', async () => {
  expect(engine.kind).toBe('docker');
  expect((await engine.info()).title).toMatch(/^(Docker|Podman) \d/);
});

engineCases({ name: 'docker', engine: () => engine, real: true, freePort });
