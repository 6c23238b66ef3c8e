/**
 * What the process engine knows of its nodes, one file a node under <home>/processes/<cluster>/, so
 * that a panel started later adopts or removes what still runs. A record without a process holds the
 * node's ports. Volumes are folders under <home>/volumes/<cluster>/, each beside a file of its labels.
 */
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { OrreryError } from '../../../containers/protocol/errors.ts';
import type { PortName } from '../../../containers/protocol/roles.ts';
import { ROLES } from '../../../containers/protocol/roles.ts';
import type { NodeRef } from './engine.ts';
import { checkName, checkNode } from './engine-names.ts';

const port = z.number().int().min(1).max(65_535);

const optionalPort = port.optional();
/** Records of older builds lack some. */
const otherPorts: Record<Exclude<PortName, 'probe'>, typeof optionalPort> = {
  http: optionalPort,
  frames: optionalPort,
  salad: optionalPort,
  shared: optionalPort,
  sockets: optionalPort,
  lines: optionalPort,
};

const recordShape = z.object({
  cluster: z.string(),
  run: z.string(),
  node: z.string(),
  role: z.enum(ROLES),
  ports: z.object({ ...otherPorts, probe: port }),
  publishedHttp: port.nullable(),
  /** Ports given from outside, in place of the node's own, by name. */
  published: z.record(z.string(), port).default({}),
  /** `reserved`: only the ports are taken, nothing was launched yet. */
  state: z.enum(['reserved', 'running', 'paused', 'exited']),
  pid: z.number().int().positive().nullable(),
  mark: z.string().nullable(),
  startedAtMs: z.number().nullable(),
  exitCode: z.number().nullable(),
});

export type ProcessRecord = z.infer<typeof recordShape>;
export type ProcessPorts = ProcessRecord['ports'];

type Place = { cluster: string; node: string };

export class ProcessRegistry {
  #processes: string;
  #volumes: string;

  /** @param home ORRERY_HOME */
  constructor(home: string) {
    this.#processes = path.join(home, 'processes');
    this.#volumes = path.join(home, 'volumes');
  }

  clusterFolder(cluster: string): string {
    return path.join(this.#processes, checkName('cluster', cluster));
  }

  logFile(node: Place, stream: 'stdout' | 'stderr'): string {
    return path.join(this.clusterFolder(checkNode(node).cluster), `${node.node}.${stream}.log`);
  }

  volumeFolder(node: Place): string {
    return path.join(this.#volumes, checkNode(node).cluster, node.node);
  }

  /** The node's record; null when there is none, or none that can be read. */
  async read(node: Place): Promise<ProcessRecord | null> {
    try {
      return recordShape.parse(JSON.parse(await readFile(this.#file(node), 'utf8')));
    } catch {
      return null;
    }
  }

  /** Writes a record whole or not at all. Secrets are not in it, yet it is nobody else's business. */
  async write(record: ProcessRecord): Promise<void> {
    const file = this.#file(record);
    const draft = `${file}.${process.pid}`;
    await makePrivate(path.dirname(file));
    await failing(async () => {
      await writeFile(draft, JSON.stringify(record, null, 1), { mode: 0o600 });
      await rename(draft, file);
    });
  }

  /** Removes the record with the logs. */
  async remove(node: Place): Promise<void> {
    const files = await namesIn(this.clusterFolder(node.cluster));
    const mine = files.filter((file) => file === `${node.node}.json` || file.startsWith(`${node.node}.std`));
    for (const file of mine) await rm(path.join(this.clusterFolder(node.cluster), file), { force: true });
  }

  async removeCluster(cluster: string): Promise<void> {
    // Another panel's engine may just be writing down an end there.
    await rm(this.clusterFolder(cluster), { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
  }

  /** The records of all clusters, or of one. */
  async all(cluster?: string): Promise<ProcessRecord[]> {
    const clusters = cluster === undefined ? await this.clusters() : [checkName('cluster', cluster)];
    const records = clusters.map(async (name) => {
      const nodes = (await namesIn(this.clusterFolder(name))).flatMap(
        (file) => /^([^.]+)\.json$/.exec(file)?.[1] ?? [],
      );
      return Promise.all(nodes.map((node) => this.read({ cluster: name, node })));
    });
    return (await Promise.all(records)).flat().filter((record) => record !== null);
  }

  /** Clusters of which anything is there, be it a volume. */
  async clusters(): Promise<string[]> {
    const names = [...(await namesIn(this.#processes)), ...(await namesIn(this.#volumes))];
    return [...new Set(names)].filter((name) => /^[a-z0-9][a-z0-9-]*$/.test(name));
  }

  async makeVolume(node: NodeRef): Promise<string> {
    const folder = this.volumeFolder(node);
    await makePrivate(folder);
    const { cluster, run, role } = node;
    await failing(() =>
      writeFile(`${folder}.json`, JSON.stringify({ cluster, run, node: node.node, role }), { mode: 0o600 }),
    );
    return folder;
  }

  /** Names of the nodes of a cluster that have a volume of ours. */
  async volumes(cluster: string): Promise<string[]> {
    const files = await namesIn(path.join(this.#volumes, checkName('cluster', cluster)));
    return files.flatMap((file) => /^([^.]+)\.json$/.exec(file)?.[1] ?? []);
  }

  async removeVolume(node: Place): Promise<void> {
    const folder = this.volumeFolder(node);
    if (!(await this.volumes(node.cluster)).includes(node.node)) return;
    await rm(folder, { recursive: true, force: true });
    await rm(`${folder}.json`, { force: true });
    // Goes only when it is empty: what is not ours stays.
    await removeEmpty(path.dirname(folder));
  }

  #file(node: Place): string {
    return path.join(this.clusterFolder(checkNode(node).cluster), `${node.node}.json`);
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch {
    return [];
  }
}

async function makePrivate(folder: string): Promise<void> {
  await failing(() => mkdir(folder, { recursive: true, mode: 0o700 }));
}

async function removeEmpty(folder: string): Promise<void> {
  if ((await namesIn(folder)).length === 0) await rm(folder, { recursive: true, force: true });
}

/** A disk that cannot be written is the engine's failure. */
async function failing(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    throw new OrreryError('engine-failed', { reason }, { cause: thrown });
  }
}
