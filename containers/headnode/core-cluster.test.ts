import { describe, expect, test } from 'vitest';
import { checkRegisterHistory } from '../sim/register-history.ts';
import type { RegisterOperation } from '../sim/register-history.ts';
import { Clients, SHARDS, text } from './core-clients.ts';
import { CoreCluster } from './core-cluster.ts';

function booted(options: ConstructorParameters<typeof CoreCluster>[0]): CoreCluster {
  const cluster = new CoreCluster({ shards: SHARDS, ...options });
  cluster.startAll();
  cluster.runUntil(() => cluster.views.size === SHARDS, 5_000);
  return cluster;
}

/** Everybody up and connected again, until all shards have three members. */
function heal(cluster: CoreCluster): void {
  cluster.cut.clear();
  cluster.lossProbability = 0;
  for (const node of cluster.machines.keys()) cluster.start(node);
  const isWhole = (): boolean =>
    [...cluster.views.values()].every(({ members, primary }) => members.length === 3 && primary !== null);
  cluster.runUntil(isWhole, 60_000);
}

function expectEqualReplicas(cluster: CoreCluster): void {
  for (const view of cluster.views.values()) {
    const replicas = view.members.map((node) => {
      const shard = cluster.datanodes.get(node)?.shards.get(view.shard);
      const records = [...(shard?.records.values() ?? [])].map((entry) => [
        entry.key,
        entry.version,
        text.decode(entry.value),
      ]);
      return { committed: shard?.committed, last: shard?.last, records: records.toSorted() };
    });
    for (const replica of replicas) expect(replica).toEqual(replicas[0]);
  }
}

function expectLinearizable(history: readonly RegisterOperation[], seed: number): void {
  const [worst] = checkRegisterHistory(history);
  expect(`seed ${seed}: ${worst?.result}`).toBe(`seed ${seed}: linearizable`);
}

/** One life of the cluster under the given faults, then healed; returns how many operations were answered. */
function live(
  seed: number,
  harm: (cluster: CoreCluster) => void,
  options: { datanodes: number; forMs: number },
): number {
  const cluster = booted({ seed, datanodes: options.datanodes });
  const clients = new Clients(cluster, 4);
  for (const endMs = cluster.nowMs + options.forMs; cluster.nowMs < endMs; cluster.run(100)) harm(cluster);
  heal(cluster);
  clients.isStopped = true;
  cluster.runUntil(() => clients.open === 0, 70_000);
  // The last commits reach the followers with the next ticks.
  cluster.run(3_000);
  expectEqualReplicas(cluster);
  expectLinearizable(clients.history, seed);
  return clients.history.filter(({ returnMs }) => Number.isFinite(returnMs)).length;
}

const seeds = (count: number): number[] => Array.from({ length: count }, (_, at) => at + 1);
const pick = (cluster: CoreCluster): string => cluster.names[cluster.random.integer(cluster.names.length)] ?? '';
const ups = (cluster: CoreCluster): number => cluster.names.filter((node) => cluster.isUp(node)).length;

describe('under faults, everything acknowledged stays and reads are never old', () => {
  test('quiet cluster: everything is answered', () => {
    expect(live(7, () => undefined, { datanodes: 3, forMs: 5_000 })).toBeGreaterThan(200);
  });

  test.each(seeds(10))('crashes and respawns, seed %d', (seed) => {
    const answered = live(
      seed,
      (cluster) => {
        const node = pick(cluster);
        if (cluster.random.next() > 0.08) return;
        if (!cluster.isUp(node)) cluster.start(node);
        else if (ups(cluster) > 2) cluster.crash(node, { told: cluster.random.next() < 0.5 });
      },
      { datanodes: 3 + (seed % 2), forMs: 8_000 },
    );
    expect(answered).toBeGreaterThan(20);
  });

  test.each(seeds(10))('all may crash, the headnode too, seed %d', (seed) => {
    live(
      seed,
      (cluster) => {
        if (cluster.random.next() > 0.1) return;
        const node = cluster.random.next() < 0.15 ? 'headnode' : pick(cluster);
        if (!cluster.isUp(node)) cluster.start(node);
        else cluster.crash(node);
        if (cluster.random.next() < 0.2) cluster.compact(pick(cluster));
      },
      { datanodes: 4, forMs: 8_000 },
    );
  });

  test.each(seeds(10))('loss and partitions, seed %d', (seed) => {
    live(
      seed,
      (cluster) => {
        const chance = cluster.random.next();
        if (chance < 0.04)
          cluster.cut.add(`${pick(cluster)} ${cluster.random.next() < 0.3 ? 'headnode' : pick(cluster)}`);
        else if (chance < 0.07) cluster.cut.clear();
        else if (chance < 0.1) cluster.lossProbability = cluster.random.next() * 0.1;
        else if (chance < 0.12 && ups(cluster) > 2) cluster.crash(pick(cluster));
        else if (chance < 0.16) cluster.start(pick(cluster));
      },
      { datanodes: 4, forMs: 10_000 },
    );
  });
});
