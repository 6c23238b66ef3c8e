import { describe, expect, test } from 'vitest';
import type { SeededRandom } from '../algorithms/seeded-random.ts';
import { shardOf } from '../algorithms/rendezvous.ts';
import type { ClientAnswer, ClientRequest } from '../protocol/store-messages.ts';
import { checkRegisterHistory } from '../sim/register-history.ts';
import type { RegisterInput, RegisterOperation } from '../sim/register-history.ts';
import { CoreCluster } from './core-cluster.ts';

const SHARDS = 4;
const GIVE_UP_MS = 60_000;

/** Asks as the routing client does: again with the same opId whenever that is safe. */
function ask(
  cluster: CoreCluster,
  key: string,
  toRequest: (shard: number, epoch: number) => ClientRequest,
  done: (answer: ClientAnswer | null) => void,
): void {
  const endMs = cluster.nowMs + GIVE_UP_MS;
  let isOver = false;
  const attempt = (): void => {
    if (isOver) return;
    if (cluster.nowMs >= endMs) {
      isOver = true;
      done(null);
      return;
    }
    const shard = shardOf(key, SHARDS);
    const view = cluster.views.get(shard);
    let isAnswered = false;
    const again = (delayMs: number): void => {
      if (isAnswered) return;
      isAnswered = true;
      cluster.after(delayMs, attempt);
    };
    if (!view?.primary || !cluster.isUp(view.primary)) {
      again(20);
      return;
    }
    cluster.after(600, () => again(0));
    cluster.request(view.primary, toRequest(shard, view.epoch), (answer) => {
      if (isOver || isAnswered) return;
      if (answer.t === 'elsewhere' || answer.t === 'unsure') {
        again(10);
        return;
      }
      isOver = true;
      isAnswered = true;
      done(answer);
    });
  };
  attempt();
}

const text = new TextDecoder();
const bytes = new TextEncoder();

/** Clients that put, get, delete and compare-and-set a few keys, keeping what they asked and were told. */
class Clients {
  readonly history: RegisterOperation[] = [];
  readonly #cluster: CoreCluster;
  readonly #random: SeededRandom;
  #values = 0;
  isStopped = false;
  open = 0;

  constructor(cluster: CoreCluster, count: number) {
    this.#cluster = cluster;
    this.#random = cluster.random;
    for (let client = 0; client < count; client++) this.#work();
  }

  #work(): void {
    if (this.isStopped) return;
    const key = `key-${this.#random.integer(10)}`;
    const kind = this.#random.integer(10);
    const operation: RegisterOperation = {
      key,
      callMs: this.#cluster.nowMs,
      returnMs: Number.POSITIVE_INFINITY,
      input: { kind: 'get', outcome: 'info' },
    };
    this.open += 1;
    const finish = (input: RegisterInput | null, isAnswered: boolean): void => {
      if (isAnswered) operation.returnMs = this.#cluster.nowMs;
      // What was refused did not happen: if it did, somebody reads a value that nobody wrote.
      if (input !== null) this.history.push({ ...operation, input });
      this.open -= 1;
      this.#cluster.after(this.#random.next() * 60, () => this.#work());
    };
    if (kind < 5) this.#get(key, finish);
    else if (kind < 9) this.#put(key, finish);
    else this.#delete(key, finish);
  }

  #get(key: string, finish: (input: RegisterInput | null, isAnswered: boolean) => void): void {
    ask(
      this.#cluster,
      key,
      (shard, epoch) => ({ t: 'get', shard, epoch, key }),
      (answer) => {
        if (answer?.t === 'value') finish({ kind: 'get', outcome: 'ok', value: text.decode(answer.entry.value) }, true);
        else if (answer?.t === 'absent') finish({ kind: 'get', outcome: 'ok', value: null }, true);
        else finish({ kind: 'get', outcome: 'info' }, false);
      },
    );
  }

  #put(key: string, finish: (input: RegisterInput | null, isAnswered: boolean) => void): void {
    this.#values += 1;
    const value = `value-${this.#values}`;
    const opId = `~${this.#values}`;
    ask(
      this.#cluster,
      key,
      (shard, epoch) => ({ t: 'put', shard, epoch, key, contentType: 'text/plain', opId, value: bytes.encode(value) }),
      (answer) => {
        if (answer?.t === 'done') finish({ kind: 'put', value, outcome: 'ok' }, true);
        else if (answer?.t === 'refused') finish(null, true);
        else finish({ kind: 'put', value, outcome: 'info' }, false);
      },
    );
  }

  #delete(key: string, finish: (input: RegisterInput | null, isAnswered: boolean) => void): void {
    this.#values += 1;
    const opId = `~${this.#values}`;
    ask(
      this.#cluster,
      key,
      (shard, epoch) => ({ t: 'delete', shard, epoch, key, opId }),
      (answer) => {
        if (answer?.t === 'done') finish({ kind: 'delete', outcome: 'ok', existed: true }, true);
        else if (answer?.t === 'absent') finish({ kind: 'delete', outcome: 'ok', existed: false }, true);
        else if (answer?.t === 'refused') finish(null, true);
        else finish({ kind: 'delete', outcome: 'info', existed: null }, false);
      },
    );
  }
}

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
