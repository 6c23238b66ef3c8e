/** The situations in which every page must look right. */
import type { FakeWorld } from './fake-world.ts';
import type { ClusterOptions } from '../../../contract/contract.ts';

export const SCENES = [
  'running',
  'empty',
  'starting',
  'engine-lost',
  'disconnected',
  'dead',
  'huge',
  // As many nodes with 2,000 requests a second, for measuring frames.
  'scale-20',
  'scale-200',
  'scale-1000',
] as const;
export type Scene = (typeof SCENES)[number];

/** Starts a cluster in `world`; its nodes are ready after about `bootMs`. */
export function startCluster(world: FakeWorld, options: ClusterOptions, bootMs: number): void {
  world.clear();
  const process = options.engine === 'process';
  world.record({
    type: 'cluster-starting',
    cluster: 'k7f2',
    run: `run-${world.events.length}`,
    engine: process ? 'process' : 'docker',
    engineTitle: process ? 'Child processes on this machine' : 'Docker 27.3.1 (unix:///var/run/docker.sock)',
    name: options.name,
    adopted: false,
  });
  world.record({ type: 'cluster-endpoints', master: 'http://127.0.0.1:41000', headnode: 'http://127.0.0.1:41001' });
  world.add('master', bootMs * 0.5);
  for (let count = 0; count < options.workers; count += 1) world.add('worker', bootMs * (0.8 + 0.2 * Math.random()));
  world.add('headnode', bootMs * 0.55);
  for (let count = 0; count < options.datanodes; count += 1)
    world.add('datanode', bootMs * (0.8 + 0.2 * Math.random()));
}

/** Brings `world` into `scene`. */
export function openScene(world: FakeWorld, scene: Scene): void {
  const options: ClusterOptions = { engine: 'docker', workers: 3, datanodes: 3, name: null, coursePorts: [] };
  if (scene === 'empty') return;
  if (scene === 'starting') return startCluster(world, options, 120_000);
  if (scene.startsWith('scale-')) {
    const nodes = Number(scene.slice('scale-'.length)) - 2;
    world.trafficPerSecond = 2_000;
    return startCluster(
      world,
      { ...options, workers: Math.ceil(nodes * 0.6), datanodes: Math.floor(nodes * 0.4) },
      300,
    );
  }
  if (scene === 'huge') {
    world.trafficPerSecond = 60;
    return startCluster(world, { ...options, workers: 212, datanodes: 40 }, 300);
  }
  startCluster(world, scene === 'dead' ? { ...options, workers: 6, datanodes: 5 } : options, 250);
  if (scene === 'engine-lost')
    setTimeout(() => world.record({ type: 'engine-lost', reason: 'connect ENOENT /var/run/docker.sock' }), 1_500);
  // Now and then a worker falls silent for a while, so that the detector has something to say.
  if (scene === 'running')
    setTimeout(() => {
      const hesitant = world.nodes.get('worker-3');
      if (hesitant) hesitant.silentUntilMs = Date.now() + 3_500;
    }, 4_000);
  if (scene === 'dead')
    setTimeout(() => {
      world.end('worker-2', 'killed');
      world.end('datanode-3', 'crashed');
      const silent = world.nodes.get('worker-5');
      if (silent) silent.silentUntilMs = Date.now() + 600_000;
      world.add('worker', 90_000);
    }, 1_500);
}
