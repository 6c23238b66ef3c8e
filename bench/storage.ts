/**
 * The record store against a three-node etcd through its JSON gateway: puts of 256 bytes, three copies,
 * all synced; linearizable gets; and what a loss costs. The same client, machine, disk and path. Beside it,
 * for honesty, the same etcd through its gRPC interface with a client of its own.
 */
import { cpus, loadavg } from 'node:os';
import { Stage } from './compute/processes.ts';
import { describe, interleaved, median } from './measure.ts';
import type { Figures } from './measure.ts';
import { DATANODES, StoreCluster } from './storage/cluster.ts';
import { etcdVersion, startEtcd } from './storage/etcd.ts';
import { diskCopy, fill, repair, unavailability } from './storage/faults.ts';
import { load, loadByGrpc } from './storage/load.ts';
import type { Result } from './storage/load.ts';

const KEYS = 10_000;
const WARM_UP_S = 2;

type Options = { quick: boolean; say(line: string): void };
type Ports = { orrery: number; etcd: number };
const SIDES = ['orrery', 'etcd', 'grpc'] as const;
type Compared = Record<(typeof SIDES)[number], Result[]>;
/** Those of either side, by the names that they were started under. */
const PROCESSES = { orrery: ['headnode', ...DATANODES], etcd: ['etcd-1', 'etcd-2', 'etcd-3'] };

export async function run({ quick, say }: Options): Promise<Figures> {
  say(`peer: ${etcdVersion()}`);
  const processors = cpus();
  say(`machine: ${processors.length} × ${processors[0]?.model}, load ${loadavg()[0]?.toFixed(1)}`);
  const stage = await Stage.open();
  try {
    const cluster = await StoreCluster.start(stage);
    const ports = { orrery: cluster.http, etcd: await startEtcd(stage) };
    const against = await compareBoth(stage, ports, { quick, say });
    return { ...against, ...(await measureLoss(cluster, stage, { quick, say })) };
  } finally {
    await stage.close();
  }
}

async function compareBoth(stage: Stage, ports: Ports, options: Options): Promise<Figures> {
  const figures: Figures = {};
  // Neither side is measured while it still compiles, grows its heap or makes its first log.
  for (const side of ['orrery', 'etcd'] as const) {
    await load({ side, verb: 'put', port: ports[side], connections: 64, seconds: WARM_UP_S, keys: KEYS });
  }
  for (const connections of [1, 32, 128]) {
    const puts = await compare(stage, 'put', connections, ports, options);
    figures[`put_per_s_c${connections}`] = rate(puts.orrery);
    figures[`put_vs_etcd_c${connections}`] = rate(puts.orrery) / rate(puts.etcd);
    figures[`put_p50_vs_etcd_c${connections}`] = middle(puts.orrery) / middle(puts.etcd);
    figures[`put_vs_etcd_grpc_c${connections}`] = rate(puts.orrery) / rate(puts.grpc);
  }
  // So that every read finds what it looks for.
  for (const side of ['orrery', 'etcd'] as const) {
    await load({ side, verb: 'put', port: ports[side], connections: 64, seconds: 1, keys: READ_KEYS });
  }
  const gets = await compare(stage, 'get', 128, ports, options);
  figures['get_per_s_c128'] = rate(gets.orrery);
  figures['get_vs_etcd_c128'] = rate(gets.orrery) / rate(gets.etcd);
  figures['get_vs_etcd_grpc_c128'] = rate(gets.orrery) / rate(gets.grpc);
  return figures;
}

/** Few enough to be written, all of them, within a second. */
const READ_KEYS = 100;

async function compare(
  stage: Stage,
  verb: 'put' | 'get',
  connections: number,
  ports: Ports,
  { quick, say }: Options,
): Promise<Compared> {
  const results: Compared = { orrery: [], etcd: [], grpc: [] };
  const seconds = quick ? 2 : 5;
  const keys = verb === 'get' ? READ_KEYS : KEYS;
  const measure = async (side: 'orrery' | 'etcd'): Promise<number> => {
    const before = await cpuOf(stage, side);
    const result = await load({ side, verb, port: ports[side], connections, seconds, keys });
    const used = (await cpuOf(stage, side)).map((after, at) => after - (before[at] ?? 0));
    const perRequest = used.map((usedS) => ((usedS / (result.perSecond * seconds)) * 1e6).toFixed(1));
    say(`${verb} c=${connections} ${side}: µs of processor a request: ${perRequest.join(' + ')}`);
    results[side].push(result);
    return result.perSecond;
  };
  for (let round = 0; round < (quick ? 1 : 3); round++) {
    await interleaved(
      1,
      () => measure('orrery'),
      () => measure('etcd'),
    );
    results.grpc.push(await loadByGrpc({ verb, port: ports.etcd, connections, seconds: quick ? 1 : seconds, keys }));
  }
  for (const side of SIDES) {
    const all = results[side];
    const [p50, p99] = [all.map(({ p50Ms }) => p50Ms), all.map(({ p99Ms }) => p99Ms)];
    const perSecond = all.map((result) => result.perSecond);
    say(
      `${verb} c=${connections} ${side}: ${describe(perSecond, 0)} /s, p50 ${describe(p50, 2)} ms, p99 ${describe(p99, 2)} ms`,
    );
  }
  return results;
}

/** Processor time that each process of a side has used, s. */
function cpuOf(stage: Stage, side: keyof typeof PROCESSES): Promise<number[]> {
  return Promise.all(PROCESSES[side].map((name) => stage.cpuSeconds(name)));
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
