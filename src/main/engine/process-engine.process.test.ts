import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import type { ContainerEngine } from './engine.ts';
import { engineCases } from './engine.cases.ts';
import { writeTestBundles } from './engine-test-role.ts';
import { createProcessEngine } from './process-engine.ts';
import { freePort } from './test-ports.ts';

let home = '';
let engine: ContainerEngine;

beforeAll(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), 'orrery-process-'));
  await writeTestBundles(path.join(home, 'bundles'));
  engine = createProcessEngine({ home, bundlesFolder: path.join(home, 'bundles') });
  await engine.prepare(() => undefined);
});

afterAll(async () => {
  await engine.clean();
  await engine.close();
  await rm(home, { recursive: true, force: true });
});

engineCases({ name: 'process', engine: () => engine, real: true, freePort });
