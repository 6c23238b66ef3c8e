/** For tests on real containers: a Docker engine with labels of its own, and an image of the sources as they are. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { rolldown } from 'rolldown';
import { ROLES } from '../../../containers/protocol/roles.ts';
import { discoverDocker, machineWorld } from './docker-discovery.ts';
import { createDockerEngine } from './docker-engine.ts';
import type { ContainerEngine } from './engine.ts';

export type DockerTestEngine = {
  engine: ContainerEngine;
  image: string;
  /** Different at every run. */
  unique: string;
  /** Removes all that the engine made, and closes it. */
  end(): Promise<void>;
};

/** Throws where no Docker answers. */
export async function dockerTestEngine(): Promise<DockerTestEngine> {
  const unique = randomBytes(4).toString('hex');
  const home = await mkdtemp(path.join(os.tmpdir(), 'orrery-docker-'));
  const bundlesFolder = path.join(home, 'bundles');
  for (const role of ROLES) {
    const bundle = await rolldown({ input: `containers/${role}/main.ts`, platform: 'node' });
    await bundle.write({ file: path.join(bundlesFolder, `${role}.mjs`), format: 'esm', codeSplitting: false });
    await bundle.close();
  }
  const [candidate] = discoverDocker(machineWorld(os.homedir())).candidates;
  if (candidate === undefined) throw new Error('this test needs a Docker engine');
  const engine = createDockerEngine({ home, bundlesFolder, candidate, labelPrefix: `dev.orrery-test-${unique}` });
  const image = await engine.prepare(() => undefined);
  if (image === null) throw new Error('the Docker engine starts nodes from an image');
  return {
    engine,
    image,
    unique,
    async end() {
      await engine.clean();
      await engine.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}
