/**
 * What the process engine knows of its nodes, one file a node under <home>/processes/<cluster>/, so
 * that a panel started later adopts or removes what still runs. A record without a process holds the
 * node's ports. Volumes are folders under <home>/volumes/<cluster>/, each beside a file of its labels.
 *
 * Several engines look at one home at once: the panel's, a watchdog's, one that an earlier panel left. A
 * record is written by whoever launches alone, before the process may begin. Whether it runs or is paused
 * is the system's to say, and how it ended is in a file of that launch, so no late word on a process
 * can take the place of the record of the next.
 */
import { mkdir, readdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises';
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
  /** Null: only the ports are taken, nothing was launched yet. */
  pid: z.number().int().positive().nullable(),
  mark: z.string().nullable(),
  startedAtMs: z.number().nullable(),
});
const endShape = z.object({ exitCode: z.number() });

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

  /** The node's record; null when there is none, or a damaged one. A disk that cannot be read is engine-failed. */
  read(node: Place): Promise<ProcessRecord | null> {
    return readShape(this.#file(node), recordShape);
  }

  /** Writes a record whole or not at all. Secrets are not in it, yet it is nobody else's business. */
  async write(record: ProcessRecord): Promise<void> {
    await makePrivate(this.clusterFolder(record.cluster));
    await writeWhole(this.#file(record), record);
  }

  /** Writes down how the process of a record ended. Without effect when all of its cluster is gone. */
  async writeEnd(record: ProcessRecord, exitCode: number): Promise<void> {
    const isThere = (await namesIn(this.clusterFolder(record.cluster))).includes(`${record.node}.json`);
    if (isThere) await writeWhole(this.#endFile(record), { exitCode });
  }

  /** The exit code of a record's process; null while it runs, and where nobody could tell. */
  async readEnd(record: ProcessRecord): Promise<number | null> {
    return (await readShape(this.#endFile(record), endShape))?.exitCode ?? null;
  }

  /** Forgets how the node's earlier processes ended. */
  removeEnds(node: Place): Promise<void> {
    return this.#removeFiles(node.cluster, (file) => file.startsWith(`${node.node}.`) && file.endsWith(END));
  }

  /** Removes the record with the logs. */
  remove(node: Place): Promise<void> {
    const mine = [`${node.node}.std`, `${node.node}.json`];
    return this.#removeFiles(
      node.cluster,
      (file) =>
        mine.some((start) => file.startsWith(start)) || (file.startsWith(`${node.node}.`) && file.endsWith(END)),
    );
  }

  /** Removes what is left of a cluster beside its records; false when there is a record still. */
  async removeCluster(cluster: string): Promise<boolean> {
    const records = new Set((await this.all(cluster)).map(({ node }) => `${node}.json`));
    await this.#removeFiles(cluster, (file) => !records.has(file));
    try {
      await rmdir(this.clusterFolder(cluster));
      return true;
    } catch (error) {
      return isMissing(error);
    }
  }

  async #removeFiles(cluster: string, chosen: (file: string) => boolean): Promise<void> {
    const folder = this.clusterFolder(cluster);
    for (const file of (await namesIn(folder)).filter(chosen))
      await rm(path.join(folder, file), { recursive: true, force: true });
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

  #endFile(record: ProcessRecord): string {
    const { pid, startedAtMs } = record;
    return path.join(this.clusterFolder(checkNode(record).cluster), `${record.node}.${startedAtMs}-${pid}${END}`);
  }
}

const END = '.end';

/** What a file holds; null when it is not there or damaged. What cannot be read now is not the same as gone. */
async function readShape<T>(file: string, shape: z.ZodType<T>): Promise<T | null> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (isMissing(error)) return null;
    throw engineFailed(error);
  });
  if (text === null) return null;
  try {
    return shape.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

let drafts = 0;

async function writeWhole(file: string, content: unknown): Promise<void> {
  const draft = `${file}.${process.pid}-${(drafts += 1)}`;
  await failing(async () => {
    await writeFile(draft, JSON.stringify(content, null, 1), { mode: 0o600 });
    await rename(draft, file);
  });
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw engineFailed(error);
  }
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');

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
    throw engineFailed(thrown);
  }
}

function engineFailed(thrown: unknown): OrreryError {
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  return new OrreryError('engine-failed', { reason }, { cause: thrown });
}
