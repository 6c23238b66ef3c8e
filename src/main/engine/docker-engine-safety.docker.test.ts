/** What only a Docker engine can show: how little a node may do, what the image costs, and that strangers are left alone. */
import { randomBytes } from 'node:crypto';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import Docker from 'dockerode';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { discoverDocker, machineWorld } from './docker-discovery.ts';
import type { DockerCandidate } from './docker-discovery.ts';
import { createDockerEngine } from './docker-engine.ts';
import type { ContainerEngine, NodeSpec, PrepareStep } from './engine.ts';
import { writeTestBundles } from './engine-test-role.ts';
import { searchDocker } from './find-engine.ts';

const labelPrefix = `dev.orrery-test-${randomBytes(4).toString('hex')}`;
let home = '';
let candidate: DockerCandidate;
let docker: Docker;
let engine: ContainerEngine;
let cluster = '';

const spec = (node: string, role: NodeSpec['role'] = 'datanode'): NodeSpec => ({
  cluster,
  run: 'run-1',
  node,
  role,
  env: { ORRERY_NODE: node, ORRERY_ROLE: role },
  limits: { memoryBytes: 96 * 1024 ** 2, cpus: 0.5, pids: 40 },
});
const bundles = () => path.join(home, 'bundles');
const name = (node: string) => `orrery-${cluster}-${node}`;

beforeAll(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), 'orrery-docker-'));
  await writeTestBundles(bundles());
  const [found] = discoverDocker(machineWorld(os.homedir())).candidates;
  if (!found || !('socketPath' in found.target)) throw new Error('these tests need an engine on a socket');
  candidate = found;
  docker = new Docker({ socketPath: found.target.socketPath });
  engine = createDockerEngine({ home, bundlesFolder: bundles(), candidate, labelPrefix });
  await engine.prepare(() => undefined);
});

afterAll(async () => {
  await engine.clean();
  await engine.close();
  await rm(home, { recursive: true, force: true });
});

beforeEach(async () => {
  cluster = `test-${randomBytes(4).toString('hex')}`;
  await engine.createCluster({ cluster, run: 'run-1' });
});

afterEach(() => engine.removeCluster(cluster, { keepVolumes: false }));

test('a node may do next to nothing', async () => {
  await engine.launch(spec('datanode-1'));
  const { Config, HostConfig, NetworkSettings } = await docker.getContainer(name('datanode-1')).inspect();
  expect(Config.User).toBe('10001:10001');
  expect(HostConfig).toMatchObject({
    ReadonlyRootfs: true,
    CapDrop: ['ALL'],
    SecurityOpt: ['no-new-privileges'],
    Privileged: false,
    Memory: 96 * 1024 ** 2,
    MemorySwap: 96 * 1024 ** 2,
    NanoCpus: 5e8,
    PidsLimit: 40,
    ExtraHosts: ['host.docker.internal:host-gateway'],
  });
  expect(NetworkSettings.Ports['5000/tcp'] ?? null).toBeNull();
  expect(Object.keys(NetworkSettings.Networks)).toEqual([`orrery-${cluster}`]);
});

test('everything it makes carries its labels', async () => {
  await engine.launch(spec('datanode-1'));
  const expected = { [`${labelPrefix}.cluster`]: cluster, [`${labelPrefix}.run`]: 'run-1' };
  expect((await docker.getContainer(name('datanode-1')).inspect()).Config.Labels).toMatchObject(expected);
  expect((await docker.getVolume(name('datanode-1')).inspect()).Labels).toMatchObject(expected);
  expect((await docker.getNetwork(`orrery-${cluster}`).inspect()).Labels).toMatchObject(expected);
});

test('an image that is there is not made again; changed bundles make only the upper layer', async () => {
  const again = await steps(createDockerEngine({ home, bundlesFolder: bundles(), candidate, labelPrefix }));
  expect(again).toEqual(['check', 'ready']);
  const changed = path.join(home, 'changed');
  await writeTestBundles(changed);
  await writeFile(path.join(changed, 'worker.mjs'), 'console.log("changed")');
  const upper = await steps(createDockerEngine({ home, bundlesFolder: changed, candidate, labelPrefix }));
  expect(upper).toEqual(['check', 'image', 'ready']);
});

test('an image that somebody removed is made again by the next launch', async () => {
  const other = createDockerEngine({ home, bundlesFolder: bundles(), candidate, labelPrefix });
  await other.prepare(() => undefined);
  await engine.clean();
  await other.createCluster({ cluster, run: 'run-1' });
  await other.launch(spec('worker-1', 'worker'));
  expect((await other.list()).find((node) => node.cluster === cluster)).toMatchObject({ node: 'worker-1' });
  await other.close();
});

test('bundles that are missing fail the image by name', async () => {
  const other = createDockerEngine({ home, bundlesFolder: path.join(home, 'none'), candidate, labelPrefix });
  await expect(other.prepare(() => undefined)).rejects.toMatchObject({
    code: 'image-build-failed',
    details: { reason: expect.stringContaining('master.mjs') },
  });
  await other.close();
});

test('a Dockerfile that fails is told with the words of the engine', async () => {
  const recipesFolder = path.join(home, 'recipes');
  const base = path.resolve(import.meta.dirname, '../../../containers/base');
  await cp(base, path.join(recipesFolder, 'base'), { recursive: true });
  await writeFile(path.join(recipesFolder, 'Dockerfile'), 'ARG BASE\nFROM ${BASE}\nCOPY nothing /there\n');
  const other = createDockerEngine({ home, bundlesFolder: bundles(), candidate, labelPrefix, recipesFolder });
  await expect(other.prepare(() => undefined)).rejects.toMatchObject({
    code: 'image-build-failed',
    details: { reason: expect.stringMatching(/COPY|nothing/) },
  });
  await other.close();
});

test('containers, networks and volumes of others are never touched', async () => {
  const image = (await docker.getContainer((await launched('worker-1')).id).inspect()).Config.Image;
  const foreign = await docker.createContainer({ name: name('worker-2'), Image: image, Cmd: ['worker'] });
  await docker.createVolume({ Name: name('datanode-7') });
  try {
    await expect(engine.launch(spec('worker-2', 'worker'))).rejects.toMatchObject({ code: 'engine-failed' });
    await expect(engine.launch(spec('datanode-7'))).rejects.toMatchObject({ code: 'engine-failed' });
    await expect(engine.kill(spec('worker-2', 'worker'))).rejects.toMatchObject({ code: 'unknown-node' });
    await engine.remove(spec('worker-2', 'worker'), { keepVolume: false });
    await engine.remove(spec('datanode-7'), { keepVolume: false });
    await engine.removeCluster(cluster, { keepVolumes: false });
    await engine.clean();
    expect((await foreign.inspect()).State.Status).toBe('created');
    expect((await docker.getVolume(name('datanode-7')).inspect()).Name).toBe(name('datanode-7'));
  } finally {
    await foreign.remove({ force: true });
    await docker.getVolume(name('datanode-7')).remove();
  }
});

test('a node that was removed and made anew behind its back is found again', async () => {
  const before = await launched('worker-1');
  await docker.getContainer(before.id).remove({ force: true });
  await engine.launch(spec('worker-1', 'worker'));
  await engine.kill(spec('worker-1', 'worker'));
  const found = (await engine.list()).find((node) => node.cluster === cluster);
  expect(found).toMatchObject({ node: 'worker-1', state: 'exited', exitCode: 137 });
});

test('running out of memory is told', async () => {
  const folder = path.join(home, 'greedy');
  await writeTestBundles(folder);
  const grow = 'const all = []; setInterval(() => all.push(Buffer.alloc(8 << 20, 1)), 5);';
  await writeFile(path.join(folder, 'worker.mjs'), grow);
  const greedy = createDockerEngine({ home, bundlesFolder: folder, candidate, labelPrefix });
  const abort = new AbortController();
  const listening = Promise.withResolvers<void>();
  const exit = (async () => {
    for await (const event of greedy.events(abort.signal, listening.resolve)) if (event.type === 'exited') return event;
    return null;
  })();
  await listening.promise;
  await greedy.launch(spec('worker-1', 'worker'));
  expect(await exit).toMatchObject({ node: 'worker-1', exitCode: 137, outOfMemory: true });
  await greedy.close();
});

test('when the engine goes away, events and calls say so; when it is back, all goes on', async () => {
  if (!('socketPath' in candidate.target)) throw new Error('these tests need an engine on a socket');
  const gate = await socketGate(candidate.target.socketPath, path.join(home, 'gate.sock'));
  const through = { url: 'unix://gate', target: { socketPath: path.join(home, 'gate.sock') }, because: 'test' };
  const other = createDockerEngine({ home, bundlesFolder: bundles(), candidate: through, labelPrefix });
  const listening = Promise.withResolvers<void>();
  const lost = (async () => {
    for await (const _ of other.events(new AbortController().signal, listening.resolve));
  })();
  await listening.promise;
  await gate.shut();
  await expect(lost).rejects.toMatchObject({ code: 'engine-unavailable' });
  await expect(other.list()).rejects.toMatchObject({ code: 'engine-unavailable' });
  await expect(other.prepare(() => undefined)).rejects.toMatchObject({ code: 'engine-unavailable' });
  await gate.open();
  expect(await other.list()).toEqual(await engine.list());
  await other.launch(spec('worker-1', 'worker'));
  await other.close();
  await gate.shut();
});

test('an engine that does not answer in time is passed over, with the reason', async () => {
  const socketPath = path.join(home, 'silent.sock');
  const silent = net.createServer(() => undefined).listen(socketPath);
  const world = { ...machineWorld(os.homedir()), env: { DOCKER_HOST: `unix://${socketPath}` } };
  const found = await searchDocker({ home, bundlesFolder: bundles(), world, answerWithinMs: 50 });
  expect(found.engine).toBeNull();
  expect(found.attempts).toEqual([
    { url: `unix://${socketPath}`, because: 'DOCKER_HOST', outcome: 'no answer within 50 ms' },
  ]);
  silent.close();
});

async function launched(node: string): Promise<{ id: string }> {
  await engine.launch(spec(node, 'worker'));
  const { Id } = await docker.getContainer(name(node)).inspect();
  return { id: Id };
}

async function steps(other: ContainerEngine): Promise<PrepareStep[]> {
  const seen = new Set<PrepareStep>();
  await other.prepare(({ step }) => seen.add(step));
  await other.close();
  return [...seen];
}

/** A socket in front of the engine's own that can be shut: what a stopped engine looks like to its clients. */
async function socketGate(engineSocket: string, ownSocket: string) {
  const open = new Set<net.Socket>();
  let server: net.Server | null = null;
  const gate = {
    async open() {
      server = net.createServer((client) => {
        const upstream = net.connect(engineSocket);
        for (const [from, to] of [[client, upstream] as const, [upstream, client] as const]) {
          open.add(from);
          from.on('error', () => to.destroy());
          from.on('close', () => to.destroy());
          from.pipe(to);
        }
      });
      const opened = Promise.withResolvers<void>();
      server.listen(ownSocket, opened.resolve);
      await opened.promise;
    },
    async shut() {
      for (const socket of open) socket.destroy();
      open.clear();
      const shut = Promise.withResolvers<void>();
      server?.close(() => shut.resolve());
      await shut.promise;
    },
  };
  await gate.open();
  return gate;
}
