/** Invariant 2 and ALGORITHMS.md 1: how long a lost worker stays undetected, and that nobody is lost for nothing. */
import { describe, expect, test } from 'vitest';
import { defaultSettings } from '../master/settings.ts';
import { bootMaster } from './adapters/master.ts';
import { bootWorker } from './adapters/worker.ts';
import { MASTER } from './compute-observation.ts';
import type { ComputeObservation } from './compute-observation.ts';
import { World } from './world.ts';

const HEARTBEAT_MS = 1_000;

/** One master and two workers as they are in a container, on a network with some jitter. */
function cluster(seed: number) {
  const world = new World<ComputeObservation>({
    seed,
    network: { delayMsMin: 0.1, delayMsMean: 1, slowShare: 0.01, slowMsMax: 100 },
    disk: { syncMsMin: 0.5, syncMsMean: 2 },
    skewMsMax: 50,
    driftPpmMax: 200,
    trace: null,
  });
  const observe = (seen: ComputeObservation) => world.observe(seen);
  const deaths: { node: string; atMs: number }[] = [];
  world.watch((seen) => {
    if (seen.role !== 'master' || seen.at !== 'effect' || seen.effect.kind !== 'publish') return;
    const { event } = seen.effect;
    if (event.type === 'member-dead') deaths.push({ node: event.node, atMs: world.nowMs });
  });
  const settings = defaultSettings(HEARTBEAT_MS);
  world.addNode(MASTER, 'master', bootMaster({ settings, observe, sabotage: (effects) => effects })).start();
  for (const name of ['worker-1', 'worker-2']) {
    const worker = bootWorker({
      master: MASTER,
      capacity: 1,
      heartbeatIntervalMs: HEARTBEAT_MS,
      reportTimeoutMs: 10_000,
      observe,
      sabotage: (effects) => effects,
      execute: () => ({ serviceMs: 1, outcome: { ok: true, result: null } }),
    });
    world.addNode(name, 'worker', worker).start();
  }
  return { world, deaths };
}

describe('detection of lost workers', () => {
  const lose = {
    'killed, and nobody says so': (world: World<ComputeObservation>) =>
      world.node('worker-1').kill({ isSilent: true, why: 'test' }),
    'stopped, its sockets open': (world: World<ComputeObservation>) => world.node('worker-1').pause(),
  };

  test.each(Object.entries(lose))('%s: declared dead within 6 s, 50 of 50', (_, act) => {
    for (let seed = 1; seed <= 50; seed += 1) {
      const { world, deaths } = cluster(seed);
      const lostAtMs = 20_000 + seed * 137;
      world.runUntil(lostAtMs);
      act(world);
      world.runUntil(lostAtMs + 6_000);
      expect({ seed, deaths: deaths.map(({ node }) => node) }).toEqual({ seed, deaths: ['worker-1'] });
    }
  });

  test('an hour in which nothing happens: nobody is declared dead', () => {
    const { world, deaths } = cluster(1);
    world.runUntil(3_600_000);
    expect(deaths).toEqual([]);
  });

  test('a master that stood still for 20 s convicts nobody when it goes on', () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const { world, deaths } = cluster(seed);
      world.runUntil(10_000);
      world.node(MASTER).pause();
      world.runUntil(30_000);
      world.node(MASTER).resume();
      world.runUntil(50_000);
      expect({ seed, deaths }).toEqual({ seed, deaths: [] });
    }
  });
});
