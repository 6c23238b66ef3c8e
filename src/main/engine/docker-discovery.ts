/**
 * Where a Docker engine may be found, in the order in which it is tried: DOCKER_HOST, else the
 * current docker context, else known sockets. An engine named by DOCKER_HOST is the only candidate:
 * who sets it wants that one and no other.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

export type DockerTarget =
  { socketPath: string } | { host: string; port: number; tls: { ca?: string; cert?: string; key?: string } | null };

export type DockerCandidate = {
  /** As in DOCKER_HOST, e.g. `unix:///var/run/docker.sock`. */
  url: string;
  target: DockerTarget;
  /** In words, for the doctor page: `DOCKER_HOST`, `docker context colima`, `known socket (OrbStack)`. */
  because: string;
};

/** A place that was looked at and cannot be used, with the reason. */
type DockerRefusal = { url: string; because: string; reason: string };
export type DockerDiscovery = { candidates: DockerCandidate[]; refusals: DockerRefusal[] };

/** What discovery reads of the machine; tests bring their own. */
export type DiscoveryWorld = {
  env: Record<string, string | undefined>;
  home: string;
  platform: NodeJS.Platform;
  userId: number;
  exists(file: string): boolean;
  /** The file's text, or null when it cannot be read. */
  read(file: string): string | null;
};

export function machineWorld(homeFolder: string): DiscoveryWorld {
  return {
    env: process.env,
    home: homeFolder,
    platform: process.platform,
    userId: process.getuid?.() ?? 0,
    exists: existsSync,
    read: (file) => {
      try {
        return readFileSync(file, 'utf8');
      } catch {
        return null;
      }
    },
  };
}

/** All engines worth asking, best first; nothing is asked yet. */
export function discoverDocker(world: DiscoveryWorld): DockerDiscovery {
  const candidates: DockerCandidate[] = [];
  const refusals: DockerRefusal[] = [];
  const add = (url: string, because: string, tls: TlsFiles) => {
    if (candidates.some((candidate) => candidate.url === url)) return;
    const target = targetOf(url, world, tls);
    if (typeof target === 'string') refusals.push({ url, because, reason: target });
    else candidates.push({ url, target, because });
  };
  const named = world.env['DOCKER_HOST'];
  if (named !== undefined && named !== '') {
    add(named, 'DOCKER_HOST', environmentTls(world));
    return { candidates, refusals };
  }
  const context = currentContext(world);
  if (context) add(context.url, `docker context ${context.name}`, context.tls);
  for (const known of knownSockets(world)) {
    if (known.always === true || world.exists(known.path)) add(known.url, `known socket (${known.owner})`, null);
  }
  return { candidates, refusals };
}

type TlsFiles = { folder: string } | null;

function environmentTls(world: DiscoveryWorld): TlsFiles {
  if ((world.env['DOCKER_TLS_VERIFY'] ?? '') === '') return null;
  return { folder: world.env['DOCKER_CERT_PATH'] ?? dockerFolder(world) };
}

function dockerFolder(world: DiscoveryWorld): string {
  return world.env['DOCKER_CONFIG'] ?? path.join(world.home, '.docker');
}

/** The context that the docker command line would use, unless it is the default one. */
function currentContext(world: DiscoveryWorld): { name: string; url: string; tls: TlsFiles } | null {
  const configured = field(parse(world.read(path.join(dockerFolder(world), 'config.json'))), 'currentContext');
  const name = world.env['DOCKER_CONTEXT'] ?? configured;
  if (typeof name !== 'string' || name === '' || name === 'default') return null;
  const id = createHash('sha256').update(name).digest('hex');
  const contexts = path.join(dockerFolder(world), 'contexts');
  const meta = parse(world.read(path.join(contexts, 'meta', id, 'meta.json')));
  const url = field(field(field(meta, 'Endpoints'), 'docker'), 'Host');
  if (typeof url !== 'string') return null;
  const folder = path.join(contexts, 'tls', id, 'docker');
  return { name, url, tls: world.exists(folder) ? { folder } : null };
}

type KnownSocket = { path: string; url: string; owner: string; always?: boolean };

function knownSockets(world: DiscoveryWorld): KnownSocket[] {
  if (world.platform === 'win32') {
    // A named pipe cannot be looked for like a file: it is asked.
    return ['docker_engine', 'dockerDesktopLinuxEngine'].map((pipe) => ({
      path: `//./pipe/${pipe}`,
      url: `npipe:////./pipe/${pipe}`,
      owner: 'Docker Desktop',
      always: true,
    }));
  }
  const runtime = world.env['XDG_RUNTIME_DIR'] ?? `/run/user/${world.userId}`;
  const inHome = (...parts: string[]) => path.join(world.home, ...parts);
  const sockets: [string, string][] = [
    ['/var/run/docker.sock', 'Docker Engine'],
    [inHome('.docker/run/docker.sock'), 'Docker Desktop'],
    [inHome('.docker/desktop/docker.sock'), 'Docker Desktop'],
    [path.join(runtime, 'docker.sock'), 'rootless Docker'],
    [inHome('.colima/default/docker.sock'), 'Colima'],
    [inHome('.config/colima/default/docker.sock'), 'Colima'],
    [inHome('.orbstack/run/docker.sock'), 'OrbStack'],
    [inHome('.rd/docker.sock'), 'Rancher Desktop'],
    [path.join(runtime, 'podman/podman.sock'), 'rootless Podman'],
    ['/run/podman/podman.sock', 'Podman'],
  ];
  return sockets.map(([file, owner]) => ({ path: file, url: `unix://${file}`, owner }));
}

/** Where to connect for a URL, or the reason why not. */
function targetOf(url: string, world: DiscoveryWorld, tls: TlsFiles): DockerTarget | string {
  if (url.startsWith('unix://')) return { socketPath: url.slice('unix://'.length) };
  if (url.startsWith('npipe://')) return { socketPath: url.slice('npipe://'.length) };
  const match = /^(?:tcp|https?):\/\/(\[[^\]]+\]|[^:/]+)(?::(\d+))?\/?$/.exec(url);
  const host = match?.[1]?.replace(/^\[|\]$/g, '');
  if (host === undefined) {
    return url.startsWith('ssh://')
      ? 'an engine on another machine publishes its ports there, where the panel cannot reach them'
      : 'not a unix://, npipe:// or tcp:// address';
  }
  const secure = tls !== null || url.startsWith('https:');
  const port = Number(match?.[2] ?? (secure ? 2376 : 2375));
  return { host, port, tls: secure ? readTls(world, tls) : null };
}

function readTls(world: DiscoveryWorld, tls: TlsFiles): { ca?: string; cert?: string; key?: string } {
  const files: { ca?: string; cert?: string; key?: string } = {};
  if (tls === null) return files;
  for (const name of ['ca', 'cert', 'key'] as const) {
    const text = world.read(path.join(tls.folder, `${name}.pem`));
    if (text !== null) files[name] = text;
  }
  return files;
}

function parse(text: string | null): unknown {
  try {
    return text === null ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
