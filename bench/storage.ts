/**
 * The record store against a three-node etcd through its JSON gateway: puts of 256 bytes, three copies,
 * all synced; linearizable gets; and what a loss costs. The same client, machine, disk and path.
 */
import { cpus, loadavg } from 'node:os';
import { Stage } from './compute/processes.ts';
import { describe, interleaved, median } from './measure.ts';
import type { Figures } from './measure.ts';
import { StoreCluster } from './storage/cluster.ts';
import { etcdVersion, startEtcd } from './storage/etcd.ts';
import { diskCopy, fill, repair, unavailability } from './storage/faults.ts';
import { load } from './storage/load.ts';
import type { Result } from './storage/load.ts';

const KEYS = 10_000;

type Options = { quick: boolean; say(line: string): void };
type Ports = { orrery: number; etcd: number };
type Compared = { orrery: Result[]; etcd: Result[] };

export async function run({ quick, say }: Options): Promise<Figures> {
  say(`peer: ${etcdVersion()}`);
  const processors = cpus();
  say(`machine: ${processors.length} × ${processors[0]?.model}, load ${loadavg()[0]?.toFixed(1)}`);
  const stage = await Stage.open();
  try {
    const cluster = await StoreCluster.start(stage);
    const ports = { orrery: cluster.http, etcd: await startEtcd(stage) };
    const against = await compareBoth(ports, { quick, say });
    return { ...against, ...(await measureLoss(cluster, stage, { quick, say })) };
  } finally {
    await stage.close();
  }
}

async function compareBoth(ports: Ports, options: Options): Promise<Figures> {
  const figures: Figures = {};
  for (const connections of [1, 32, 128]) {
    const puts = await compare('put', connections, ports, options);
    figures[`put_per_s_c${connections}`] = rate(puts.orrery);
    figures[`put_vs_etcd_c${connections}`] = rate(puts.orrery) / rate(puts.etcd);
    if (connections === 1) figures['put_p50_vs_etcd_c1'] = middle(puts.orrery) / middle(puts.etcd);
  }
  // So that every read finds what it looks for.
  for (const side of ['orrery', 'etcd'] as const) {
    await load({ side, verb: 'put', port: ports[side], connections: 64, seconds: 1, keys: READ_KEYS });
  }
  const gets = await compare('get', 128, ports, options);
  figures['get_per_s_c128'] = rate(gets.orrery);
  figures['get_vs_etcd_c128'] = rate(gets.orrery) / rate(gets.etcd);
  return figures;
}

/** Few enough to be written, all of them, within a second. */
const READ_KEYS = 100;

async function compare(
  verb: 'put' | 'get',
  connections: number,
  ports: Ports,
  { quick, say }: Options,
): Promise<Compared> {
  const results: Compared = { orrery: [], etcd: [] };
  const seconds = quick ? 2 : 5;
  const keys = verb === 'get' ? READ_KEYS : KEYS;
  const measure = async (side: 'orrery' | 'etcd'): Promise<number> => {
    const result = await load({ side, verb, port: ports[side], connections, seconds, keys });
    results[side].push(result);
    return result.perSecond;
  };
  await interleaved(
    quick ? 1 : 3,
    () => measure('orrery'),
    () => measure('etcd'),
  );
  for (const side of ['orrery', 'etcd'] as const) {
    const all = results[side];
    const [p50, p99] = [all.map(({ p50Ms }) => p50Ms), all.map(({ p99Ms }) => p99Ms)];
    const perSecond = all.map((result) => result.perSecond);
    say(
      `${verb} c=${connections} ${side}: ${describe(perSecond, 0)} /s, p50 ${describe(p50, 2)} ms, p99 ${describe(p99, 2)} ms`,
    );
  }
  return results;
}

async function measureLoss(cluster: StoreCluster, stage: Stage, { quick, say }: Options): Promise<Figures> {
  const unavailableS = await unavailability(cluster);
  say(`after the word that a datanode exited, every record could be written again within ${unavailableS.toFixed(2)} s`);
  const records = quick ? 20_000 : 100_000;
  await fill(cluster, records);
  const repairS = await repair(cluster);
  const copyS = await diskCopy(stage, records);
  say(
    `${records} records on three copies again after ${repairS.toFixed(2)} s; copying the bytes: ${copyS.toFixed(3)} s`,
  );
  return { unavailable_s_after_detection: unavailableS, repair_s: repairS, repair_vs_disk: repairS / copyS };
}

function rate(results: readonly Result[]): number {
  return median(results.map(({ perSecond }) => perSecond));
}

function middle(results: readonly Result[]): number {
  return median(results.map(({ p50Ms }) => p50Ms));
}
