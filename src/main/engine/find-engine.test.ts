import { expect, test } from 'vitest';
import type { DiscoveryWorld } from './docker-discovery.ts';
import { findEngine } from './find-engine.ts';

/** A machine on which no engine is to be found. */
const bare: DiscoveryWorld = {
  env: {},
  home: '/nowhere',
  platform: 'linux',
  userId: 1,
  exists: () => false,
  read: () => null,
};
const options = { home: '/nowhere', bundlesFolder: '/nowhere', world: bare };

test('without Docker, auto takes processes and tells why', async () => {
  const engine = await findEngine('auto', options);
  expect(engine.kind).toBe('process');
  expect((await engine.info()).chosenBecause).toBe('no Docker engine answers: no docker socket was found');
});

test('a dead DOCKER_HOST is named with its failure', async () => {
  const world = { ...bare, env: { DOCKER_HOST: 'unix:///nowhere/docker.sock' } };
  const engine = await findEngine('auto', { ...options, world });
  expect((await engine.info()).chosenBecause).toMatch(/unix:\/\/\/nowhere\/docker.sock \(DOCKER_HOST\): .*ENOENT/);
});

test('Docker asked for and not there is an error, never a fallback', async () => {
  await expect(findEngine('docker', options)).rejects.toMatchObject({
    code: 'engine-unavailable',
    details: { reason: 'no docker socket was found' },
  });
});

test('processes asked for are taken without a look at Docker', async () => {
  const world = { ...bare, exists: () => expect.fail('looked for a socket') };
  const engine = await findEngine('process', { ...options, world });
  expect((await engine.info()).chosenBecause).toBe('asked for');
});
