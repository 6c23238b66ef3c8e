/** Repair, balance, scrub, recovery of views and the weaker mode, on the cores of a whole cluster. */
import { describe, expect, test } from 'vitest';
import { shardOf } from '../algorithms/rendezvous.ts';
import type { ClientAnswer, ClientRequest } from '../protocol/store-messages.ts';
import type { MonitorEvent } from '../protocol/stream.ts';
import { checkRegisterHistory } from '../sim/register-history.ts';
import type { RegisterInput, RegisterOperation } from '../sim/register-history.ts';
import { ask, Clients, SHARDS, text } from './core-clients.ts';
import { CoreCluster } from './core-cluster.ts';

function booted(options: Partial<ConstructorParameters<typeof CoreCluster>[0]> = {}): CoreCluster {
  const cluster = new CoreCluster({ seed: 5, datanodes: 3, shards: SHARDS, ...options });
  cluster.startAll();
  cluster.runUntil(() => cluster.views.size === (options.shards ?? SHARDS), 5_000);
  return cluster;
}

function asked(
  cluster: CoreCluster,
  key: string,
  toRequest: (shard: number, epoch: number) => ClientRequest,
): ClientAnswer {
  let answer: ClientAnswer | null = null;
  ask(cluster, key, toRequest, (told) => (answer = told));
  cluster.runUntil(() => answer !== null, 60_000);
  return answer ?? { t: 'absent' };
}

const put = (cluster: CoreCluster, key: string, value: string): ClientAnswer =>
  asked(cluster, key, (shard, epoch) => ({
    t: 'put',
    shard,
    epoch,
    key,
    contentType: 'text/plain',
    opId: `~${key}=${value}`,
    value: new TextEncoder().encode(value),
  }));

function get(cluster: CoreCluster, key: string): string | null {
  const answer = asked(cluster, key, (shard, epoch) => ({ t: 'get', shard, epoch, key }));
  return answer.t === 'value' ? text.decode(answer.entry.value) : null;
}

const keys = Array.from({ length: 40 }, (_, at) => `key-${at}`);
const fill = (cluster: CoreCluster): void => keys.forEach((key) => put(cluster, key, `value of ${key}`));
const expectAll = (cluster: CoreCluster): void =>
  expect(keys.map((key) => get(cluster, key))).toEqual(keys.map((key) => `value of ${key}`));

function ofType<Type extends MonitorEvent['type']>(
  cluster: CoreCluster,
  type: Type,
): Extract<MonitorEvent, { type: Type }>[] {
  return cluster.events.filter((event): event is Extract<MonitorEvent, { type: Type }> => event.type === type);
}

const isWhole = (cluster: CoreCluster) => (): boolean =>
  [...cluster.views.values()].every(({ members, primary }) => members.length === 3 && primary !== null);

describe('repair', () => {
  test('its chain can be followed: loss, start, view, end', () => {
    const cluster = booted({ datanodes: 4 });
    fill(cluster);
    cluster.crash('datanode-2', { told: true });
    cluster.runUntil(() => ofType(cluster, 'repair-started').length > 0, 10_000);
    cluster.runUntil(isWhole(cluster), 20_000);
    cluster.run(1_000);
    const started = ofType(cluster, 'repair-started');
    expect(started.length).toBeGreaterThan(0);
    for (const { shard, repair, reason, to } of started) {
      expect(reason).toBe('datanode-2 is dead');
      expect(ofType(cluster, 'view-changed').find((event) => event.repair === repair)?.view.members).toContain(to);
      expect(ofType(cluster, 'repair-finished').find((event) => event.repair === repair)).toMatchObject({ shard, to });
    }
    expect(cluster.headnode?.shortSinceMs.size).toBe(0);
    expectAll(cluster);
  });

  test('a copy whose target dies is given up by name and begun with another', () => {
    const cluster = booted({ datanodes: 5, datanode: { transferBytesPerS: 10_000 } });
    fill(cluster);
    cluster.crash('datanode-1', { told: true });
    cluster.runUntil(() => ofType(cluster, 'repair-started').length > 0, 10_000);
    const [first] = ofType(cluster, 'repair-started');
    if (first === undefined) throw new Error('no repair');
    cluster.crash(first.to, { told: true });
    cluster.runUntil(isWhole(cluster), 60_000);
    expect(ofType(cluster, 'repair-abandoned').map(({ repair }) => repair)).toContain(first.repair);
    expectAll(cluster);
  });

  test('copies keep to the rate', () => {
    const cluster = booted({ datanodes: 3, shards: 1, datanode: { transferBytesPerS: 20_000, chunkBytes: 1_000 } });
    const bytes = 30_000;
    for (let at = 0; at < 30; at++) put(cluster, `large-${at}`, 'x'.repeat(bytes / 30));
    cluster.crash('datanode-3', { told: true, wipe: true });
    cluster.run(100);
    cluster.start('datanode-3');
    cluster.runUntil(isWhole(cluster), 60_000);
    const [finished] = ofType(cluster, 'repair-finished');
    expect(finished).toMatchObject({ to: 'datanode-3', records: 30, bytes });
    // Of 30,000 bytes a quarter second's worth goes at once, the rest takes its time.
    expect(finished?.tookMs).toBeGreaterThan(900);
    expect(finished?.tookMs).toBeLessThan(4_000);
  });

  test('a node that joins gets its part of copies and offices; no shard has fewer copies on the way', () => {
    const cluster = booted({ shards: 16, headnode: { rebalanceDelayMs: 1_000 } });
    const clients = new Clients(cluster, 2);
    cluster.add('datanode-4');
    const held = (): number =>
      [...cluster.views.values()].filter(({ members }) => members.includes('datanode-4')).length;
    const led = (node: string): number => [...cluster.views.values()].filter(({ primary }) => primary === node).length;
    const isBalanced = (): boolean =>
      isWhole(cluster)() && held() >= 8 && cluster.names.every((node) => led(node) >= 3 && led(node) <= 5);
    for (let spentMs = 0; !isBalanced(); spentMs += 50) {
      cluster.run(50);
      expect(spentMs).toBeLessThan(60_000);
      for (const { members } of cluster.views.values()) expect(members.length).toBeGreaterThanOrEqual(3);
    }
    const views = ofType(cluster, 'view-changed').length;
    cluster.run(10_000);
    // Then all is as it should be and stays so.
    expect(ofType(cluster, 'view-changed').length).toBeLessThanOrEqual(views + 2);
    clients.isStopped = true;
    cluster.runUntil(() => clients.open === 0, 70_000);
    expect(checkRegisterHistory(clients.history).map(({ result }) => result)).not.toContain('violation');
  });
});

describe('scrub', () => {
  const damage = (cluster: CoreCluster, node: string, key: string): void => {
    const entry = cluster.datanodes.get(node)?.shards.get(shardOf(key, SHARDS))?.records.get(key);
    if (entry === undefined) throw new Error(`${node} has no ${key}`);
    entry.value[0] = (entry.value[0] ?? 0) ^ 1;
  };
  const viewOf = (cluster: CoreCluster, key: string) => {
    const view = cluster.views.get(shardOf(key, SHARDS));
    if (!view?.primary) throw new Error('no view');
    return { primary: view.primary, secondaries: view.members.filter((node) => node !== view.primary) };
  };

  test('a value that rots on a follower is found, reported, and copied again from a good one', () => {
    const cluster = booted({ datanode: { scrubIntervalMs: 1_000 } });
    fill(cluster);
    const [node = ''] = viewOf(cluster, 'key-7').secondaries;
    damage(cluster, node, 'key-7');
    cluster.runUntil(() => ofType(cluster, 'corruption-found').length > 0, 5_000);
    expect(ofType(cluster, 'corruption-found')).toMatchObject([
      { node, key: 'key-7', place: 'memory', remedy: 'copied-again' },
    ]);
    cluster.run(200);
    cluster.runUntil(isWhole(cluster), 20_000);
    const copy = cluster.datanodes.get(node)?.shards.get(shardOf('key-7', SHARDS))?.records.get('key-7');
    expect(text.decode(copy?.value)).toBe('value of key-7');
    expectAll(cluster);
  });

  test('a value that rots on the primary is never served: its reader gets the good one from the next', () => {
    const cluster = booted();
    fill(cluster);
    const { primary } = viewOf(cluster, 'key-7');
    damage(cluster, primary, 'key-7');
    expect(get(cluster, 'key-7')).toBe('value of key-7');
    expect(ofType(cluster, 'corruption-found')).toMatchObject([
      { node: primary, key: 'key-7', remedy: 'copied-again' },
    ]);
    expect(viewOf(cluster, 'key-7').primary).not.toBe(primary);
  });

  test('the last copy of a rotten value is withheld by name', () => {
    const cluster = booted();
    fill(cluster);
    const { primary, secondaries } = viewOf(cluster, 'key-7');
    for (const node of secondaries) cluster.crash(node, { told: true });
    cluster.runUntil(() => cluster.views.get(shardOf('key-7', SHARDS))?.members.length === 1, 5_000);
    damage(cluster, primary, 'key-7');
    const answer = asked(cluster, 'key-7', (shard, epoch) => ({ t: 'get', shard, epoch, key: 'key-7' }));
    expect(answer).toMatchObject({ t: 'refused', code: 'record-corrupt' });
    cluster.run(100);
    expect(ofType(cluster, 'corruption-found')).toMatchObject([{ node: primary, remedy: 'withheld' }]);
  });

  test('a copy that differs, each value sound in itself, is replaced', () => {
    const cluster = booted({ datanode: { scrubIntervalMs: 1_000 } });
    fill(cluster);
    const [node = ''] = viewOf(cluster, 'key-7').secondaries;
    const shard = cluster.datanodes.get(node)?.shards.get(shardOf('key-7', SHARDS));
    shard?.records.delete('key-7');
    cluster.runUntil(() => ofType(cluster, 'corruption-found').length > 0, 5_000);
    expect(ofType(cluster, 'corruption-found')).toMatchObject([{ node, place: 'replica', remedy: 'copied-again' }]);
    cluster.run(200);
    cluster.runUntil(isWhole(cluster), 20_000);
    expect(cluster.datanodes.get(node)?.shards.get(shardOf('key-7', SHARDS))?.records.has('key-7')).toBe(true);
  });

  test('what is sound is left alone, also while writes go on', () => {
    const cluster = booted({ datanode: { scrubIntervalMs: 200 } });
    const clients = new Clients(cluster, 4);
    cluster.run(10_000);
    clients.isStopped = true;
    expect(ofType(cluster, 'corruption-found')).toEqual([]);
    expect([...cluster.datanodes.values()].every(({ scrub }) => scrub.passes > 10)).toBe(true);
  });
});

describe('a headnode that lost its disk', () => {
  const loseHeadnode = (cluster: CoreCluster): void => {
    cluster.crash('headnode', { wipe: true });
    cluster.events.length = 0;
    cluster.run(500);
    cluster.start('headnode');
  };

  test('finds the views again when all report, and everything is there', () => {
    const cluster = booted({ datanodes: 4 });
    fill(cluster);
    loseHeadnode(cluster);
    cluster.runUntil(() => ofType(cluster, 'views-rebuilt').length > 0, 5_000);
    expect(ofType(cluster, 'views-rebuilt')).toEqual([
      { type: 'views-rebuilt', by: 'block-reports', shards: SHARDS, doubtful: [], lost: [] },
    ]);
    expectAll(cluster);
    expect(put(cluster, 'after', 'x').t).toBe('done');
  });

  test('waits, by name, for a member that does not report; then goes on', () => {
    const cluster = booted();
    fill(cluster);
    cluster.crash('datanode-2');
    loseHeadnode(cluster);
    cluster.run(10_000);
    expect(cluster.headnode?.views.size).toBe(0);
    expect(ofType(cluster, 'views-lost').at(-1)?.waitingFor).toEqual(['datanode-2']);
    cluster.start('datanode-2');
    cluster.runUntil(() => ofType(cluster, 'views-rebuilt').length > 0, 5_000);
    expectAll(cluster);
  });

  test('goes on without it only on the operator’s word, which is an event', () => {
    const cluster = booted();
    fill(cluster);
    cluster.crash('datanode-2');
    loseHeadnode(cluster);
    cluster.run(2_000);
    cluster.tell({ kind: 'unsafe-recovery', isEmptying: false });
    cluster.run(100);
    expect(ofType(cluster, 'views-rebuilt')).toMatchObject([
      { by: 'unsafe-recovery', doubtful: [0, 1, 2, 3], lost: [] },
    ]);
    expectAll(cluster);
    expect(put(cluster, 'after', 'x').t).toBe('done');
  });

  test.each(Array.from({ length: 8 }, (_, at) => at + 1))(
    'after any history nothing acknowledged is missing, seed %d',
    (seed) => {
      const cluster = booted({ seed, datanodes: 4 });
      const clients = new Clients(cluster, 4);
      for (let round = 0; round < 40; round++) {
        cluster.run(100);
        const node = cluster.names[cluster.random.integer(4)] ?? '';
        if (cluster.random.next() > 0.15) continue;
        if (!cluster.isUp(node)) cluster.start(node);
        else if (cluster.names.filter((name) => cluster.isUp(name)).length > 2) cluster.crash(node, { told: true });
      }
      loseHeadnode(cluster);
      for (const node of cluster.names) cluster.start(node);
      cluster.runUntil(() => ofType(cluster, 'views-rebuilt').length > 0, 10_000);
      cluster.run(3_000);
      clients.isStopped = true;
      cluster.runUntil(() => clients.open === 0, 70_000);
      expect(ofType(cluster, 'views-rebuilt')).toMatchObject([{ by: 'block-reports' }]);
      expect(checkRegisterHistory(clients.history)[0]?.result).toBe('linearizable');
    },
  );

  test('a shard of which nobody has anything stays away until the operator begins it anew', () => {
    const cluster = booted();
    fill(cluster);
    for (const node of cluster.names) cluster.crash(node, { wipe: true });
    cluster.run(200);
    for (const node of cluster.names) cluster.start(node);
    cluster.run(5_000);
    expect([...cluster.views.values()].every(({ members }) => members.length === 0)).toBe(true);
    cluster.tell({ kind: 'unsafe-recovery', isEmptying: true });
    cluster.runUntil(isWhole(cluster), 5_000);
    expect(get(cluster, 'key-1')).toBeNull();
  });
});

describe('mode eventual', () => {
  const eventual = { mode: 'eventual' } as const;

  test('a write is acknowledged by one copy; another copy still answers with the old value: not linearizable', () => {
    const cluster = booted({ shards: 1, datanode: eventual });
    const history: RegisterOperation[] = [];
    const noted = (input: () => RegisterInput): void => {
      const callMs = cluster.nowMs;
      const known = input();
      history.push({ key: 'k', callMs, returnMs: cluster.nowMs, input: known });
      cluster.run(1);
    };
    noted(() => {
      put(cluster, 'k', 'old');
      return { kind: 'put', value: 'old', outcome: 'ok' };
    });
    cluster.run(2_000);
    const view = cluster.views.get(0);
    const secondary = view?.members.find((node) => node !== view.primary) ?? '';
    cluster.cut.add(`${view?.primary} ${secondary}`);
    noted(() => {
      expect(put(cluster, 'k', 'new')).toMatchObject({ t: 'done', replicas: [view?.primary] });
      return { kind: 'put', value: 'new', outcome: 'ok' };
    });
    noted(() => {
      let seen: string | null = null;
      cluster.request(secondary, { t: 'get', shard: 0, epoch: view?.epoch ?? 0, key: 'k' }, (answer) => {
        if (answer.t === 'value') seen = text.decode(answer.entry.value);
      });
      cluster.run(300);
      expect(seen).toBe('old');
      return { kind: 'get', outcome: 'ok', value: seen };
    });
    expect(checkRegisterHistory(history).map(({ result }) => result)).toEqual(['violation']);
  });

  test('what one copy acknowledged may be forgotten with it', () => {
    const cluster = booted({ shards: 1, datanode: eventual });
    put(cluster, 'k', 'old');
    cluster.run(2_000);
    const { primary = '', members = [] } = cluster.views.get(0) ?? {};
    for (const node of members) if (node !== primary) cluster.cut.add(`${primary} ${node}`);
    expect(put(cluster, 'k', 'new').t).toBe('done');
    cluster.crash(primary ?? '', { told: true });
    cluster.cut.clear();
    cluster.runUntil(() => cluster.views.get(0)?.primary !== primary, 5_000);
    cluster.run(1_000);
    expect(get(cluster, 'k')).toBe('old');
  });

  test('the same schedules do no harm in the usual mode', () => {
    const cluster = booted({ shards: 1 });
    put(cluster, 'k', 'old');
    cluster.run(2_000);
    const view = cluster.views.get(0);
    const secondary = view?.members.find((node) => node !== view.primary) ?? '';
    cluster.cut.add(`${view?.primary} ${secondary}`);
    let answers = 0;
    const value = new TextEncoder().encode('new');
    const request = {
      t: 'put',
      shard: 0,
      epoch: view?.epoch ?? 0,
      key: 'k',
      contentType: '',
      opId: '~1',
      value,
    } as const;
    cluster.request(view?.primary ?? '', request, () => (answers += 1));
    cluster.request(secondary, { t: 'get', shard: 0, epoch: view?.epoch ?? 0, key: 'k' }, (answer) => {
      expect(answer.t).toBe('elsewhere');
    });
    cluster.run(500);
    expect(answers).toBe(0);
  });
});
