/** What is found on this machine, what is wrong, and how to fix it. */
import { accessSync, constants } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { availableParallelism, freemem, totalmem } from 'node:os';
import { toOrreryError } from '../../../containers/protocol/errors.ts';
import type { DoctorCheck, Preflight } from '../../contract/contract.ts';
import type { ContainerEngine, EngineInfo } from '../engine/engine.ts';
import { offerNodes } from '../../core/preflight.ts';
import { canBind, type PortRange } from './port-pool.ts';

const NODE_MAJOR = 24;
const GIBIBYTE = 1024 ** 3;
const DISK_BYTES_MIN = 2 * GIBIBYTE;
const MEMORY_BYTES_MIN = 1 * GIBIBYTE;

export type DoctorOptions = {
  home: string;
  ports: PortRange;
  /** Ports that the panel itself has published. */
  ownPorts: readonly number[];
  /** The cluster that runs in this panel. */
  ownCluster: string | null;
  /** `auto`: what a start would use. The places tried are told by `attempts`. */
  engine(): Promise<ContainerEngine>;
  attempts(): Promise<{ url: string; because: string; outcome: string }[]>;
};

/** All checks, in the order in which they are best read. Never rejects. */
export async function examine(options: DoctorOptions): Promise<DoctorCheck[]> {
  const engine = await options.engine().catch(() => null);
  const info = (await engine?.info().catch(() => null)) ?? null;
  const checks = await Promise.all([
    checked('node', () => nodeVersion()),
    checked('home', () => homeWritable(options.home)),
    checked('disk', () => diskSpace(options.home)),
    checked('memory', () => memory(info)),
    checked('cores', () => cores(info)),
    checked('docker', () => docker(options)),
    checked('engine', () => engineAnswers(info)),
    checked('image', () => image(engine)),
    checked('ports', () => ports(options)),
    checked('leftovers', () => leftovers(engine, options.ownCluster)),
  ]);
  return checks;
}

/** What a first cluster would find here. Never rejects. */
export async function lookBeforehand(find: () => Promise<ContainerEngine>): Promise<Preflight> {
  const engine = await find().catch(() => null);
  const info = (await engine?.info().catch(() => null)) ?? null;
  const machine = { cpus: info?.cpus ?? availableParallelism(), memoryBytes: info?.memoryBytes ?? totalmem() };
  const image = (await engine?.image().catch(() => null)) ?? null;
  return { ...machine, engine: info?.title ?? null, image, offer: offerNodes(machine) };
}

type Finding = Omit<DoctorCheck, 'id'>;

async function checked(id: string, check: () => Finding | Promise<Finding>): Promise<DoctorCheck> {
  try {
    return { id, ...(await check()) };
  } catch (error) {
    return { id, ok: 'unknown', found: toOrreryError(error).message, fix: null };
  }
}

function nodeVersion(): Finding {
  const ok = Number(process.versions.node.split('.')[0]) >= NODE_MAJOR;
  return {
    ok,
    found: `Node ${process.versions.node}`,
    fix: ok ? null : `Run Orrery with npm; it brings Node ${NODE_MAJOR} along, or install that.`,
  };
}

function homeWritable(home: string): Finding {
  try {
    accessSync(home, constants.R_OK | constants.W_OK | constants.X_OK);
    return { ok: true, found: home, fix: null };
  } catch {
    return { ok: false, found: `${home} cannot be written`, fix: 'Set ORRERY_HOME to a folder of yours.' };
  }
}

async function diskSpace(home: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(home);
  const free = bavail * bsize;
  const ok = free >= DISK_BYTES_MIN;
  return { ok, found: `${gibibytes(free)} free`, fix: ok ? null : `Free at least ${gibibytes(DISK_BYTES_MIN)}.` };
}

function memory(info: EngineInfo | null): Finding {
  const total = info?.memoryBytes ?? totalmem();
  const ok = total >= MEMORY_BYTES_MIN;
  const found = `${gibibytes(total)} for the engine, ${gibibytes(freemem())} free on this machine`;
  return { ok, found, fix: ok ? null : 'Give the engine more memory, or start fewer nodes.' };
}

function cores(info: EngineInfo | null): Finding {
  const count = info?.cpus ?? availableParallelism();
  const offered = offerNodes({ cpus: count, memoryBytes: info?.memoryBytes ?? totalmem() });
  const fix = `Start ${offered.workers} workers and ${offered.datanodes} datanodes: they run calmly here.`;
  return { ok: count >= 2, found: String(count), fix: count >= 2 ? null : fix };
}

async function docker(options: DoctorOptions): Promise<Finding> {
  const attempts = await options.attempts();
  const answers = attempts.some(({ outcome }) => outcome.startsWith('answers'));
  const found = attempts.map(({ url, because, outcome }) => `${url} (${because}): ${outcome}`).join('; ');
  return {
    ok: answers,
    found: found === '' ? 'no Docker socket' : found,
    fix: answers ? null : 'Start Docker, or set DOCKER_HOST. Until then nodes run as child processes.',
  };
}

function engineAnswers(info: EngineInfo | null): Finding {
  if (info === null) return { ok: false, found: 'no engine answers', fix: 'Start Docker, then look again.' };
  return { ok: true, found: `${info.title}: ${info.chosenBecause}`, fix: null };
}

async function image(engine: ContainerEngine | null): Promise<Finding> {
  if (engine === null) return { ok: 'unknown', found: 'no engine to ask', fix: null };
  const state = await engine.image();
  if (state === null) return { ok: true, found: 'none is needed', fix: null };
  const size = state.bytes === null ? '' : `, ${Math.ceil(state.bytes / 1_048_576)} MiB`;
  if (state.present) return { ok: true, found: `present${size}`, fix: null };
  if (state.bytes === null) return { ok: true, found: 'not there yet; the first start pulls its base', fix: null };
  return { ok: true, found: `not there yet; the first start makes it${state.bytes === 0 ? '' : size}`, fix: null };
}

async function ports({ ports: { from, to }, ownPorts }: DoctorOptions): Promise<Finding> {
  const all = Array.from({ length: to - from + 1 }, (_, index) => from + index);
  const free = await Promise.all(all.map((port) => canBind(port)));
  const count = free.filter(Boolean).length;
  const ok = count >= 2 || ownPorts.length > 0;
  return {
    ok,
    found: `${count} of ${all.length} free (${from}-${to})`,
    fix: ok ? null : 'Stop a program that uses them, or set ORRERY_PORTS=from-to.',
  };
}

async function leftovers(engine: ContainerEngine | null, ownCluster: string | null): Promise<Finding> {
  if (engine === null) return { ok: 'unknown', found: 'no engine to ask', fix: null };
  const all = await engine.leftovers();
  const own = ownCluster === null ? { nodes: 0, networks: 0, volumes: 0 } : await engine.leftovers(ownCluster);
  const nodes = all.nodes - own.nodes;
  const networks = all.networks - own.networks;
  const volumes = all.volumes - own.volumes;
  const ok = nodes === 0 && networks === 0;
  const found = `${nodes} nodes, ${networks} networks, ${volumes} volumes of other clusters`;
  return { ok, found, fix: ok ? null : 'If no other panel runs them: orrery clean.' };
}

const gibibytes = (bytes: number) => `${(bytes / GIBIBYTE).toFixed(1)} GiB`;
