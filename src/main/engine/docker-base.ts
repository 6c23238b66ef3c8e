/**
 * The offline base image: this machine's Node binary with the shared libraries it needs, an empty
 * /data that belongs to the nodes' user, and little else. Made where a Linux Node of the engine's
 * processor is at hand, so that no registry has to be reached.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, readdir, realpath, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { FileFacts } from './file-facts.ts';
import type { TarEntry } from './tar-entries.ts';

const run = promisify(execFile);

/** The user that nodes run as. */
const NODE_USER = 10_001;
/** Raise it when the layout below changes, so that an old base is not taken for a new one. */
const LAYOUT = '1';
const CERTIFICATES = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt', '/etc/ssl/cert.pem'];
const BUSYBOX = ['/bin/busybox', '/usr/bin/busybox', '/bin/busybox.static'];
const APPLETS = 'sh ls cat ps top ip ping wget nslookup hostname env id df du grep head tail sleep kill netstat'.split(
  ' ',
);
/** Loaded by name at run time, so no list of needed libraries shows them. Built into newer C libraries. */
const NAME_SERVICE = ['libnss_dns.so.2', 'libnss_files.so.2', 'libresolv.so.2'];

export type OfflineBase = {
  /** Hash over all content. */
  hash: string;
  nodeBinary: string;
  /** Strip the binary first (it is the same for what runs, and a seventh smaller). */
  strip: boolean;
  entries: TarEntry[];
};

/**
 * What the offline base consists of. Reads the files only when they changed since the last time.
 * @param etcFolder containers/base/etc: passwd and the like
 * @returns the base, or in words why there can be none
 */
export async function planOfflineBase(options: {
  nodeBinary: string;
  etcFolder: string;
  cacheFolder: string;
  /** Leaves busybox out: what packages hand on carries no program under the GPL. */
  withoutShell?: boolean;
}): Promise<OfflineBase | string> {
  const { nodeBinary } = options;
  if (process.platform !== 'linux') return `this machine runs ${process.platform}, not Linux`;
  const facts = await FileFacts.open(options.cacheFolder);
  const libraries = await facts.of('libraries', nodeBinary, neededLibraries).catch(() => '');
  if (libraries === '') return 'the libraries that Node needs cannot be found (no ldd)';
  const strip = await isTool('strip');
  const sources = new Map([['usr/local/bin/node', nodeBinary]]);
  for (const library of libraries.split('\n')) sources.set(library.replace(/^\//, ''), await realpath(library));
  for (const name of await readdir(options.etcFolder)) sources.set(`etc/${name}`, path.join(options.etcFolder, name));
  const certificates = await firstThere(CERTIFICATES);
  if (certificates !== null) sources.set('etc/ssl/certs/ca-certificates.crt', certificates);
  const busybox = options.withoutShell ? null : await firstThere(BUSYBOX);
  const shell = busybox !== null && (await facts.of('static', busybox, isStatic)) === 'yes';
  if (busybox !== null && shell) sources.set('bin/busybox', busybox);
  const hash = createHash('sha256').update(`${LAYOUT} ${strip} ${shell}\n`);
  for (const [target, source] of sources) hash.update(`${target} ${await facts.sha256(source)}\n`);
  await facts.save();
  return { hash: hash.digest('hex'), nodeBinary, strip, entries: layout(sources, shell) };
}

/** The base with its Node binary stripped; kept in the cache for the next time. */
export async function stripped(base: OfflineBase, cacheFolder: string): Promise<OfflineBase> {
  if (!base.strip) return base;
  const slim = path.join(cacheFolder, `node-${base.hash.slice(0, 12)}`);
  if ((await firstThere([slim])) === null) {
    await mkdir(cacheFolder, { recursive: true });
    for (const old of await readdir(cacheFolder)) {
      if (/^node-[0-9a-f]{12}$/.test(old)) await rm(path.join(cacheFolder, old), { force: true });
    }
    const draft = `${slim}.${process.pid}`;
    await run('strip', ['-s', '-o', draft, base.nodeBinary]);
    await rename(draft, slim);
  }
  const entries = base.entries.map((entry) =>
    entry.kind === 'file' && entry.source === base.nodeBinary ? { ...entry, source: slim } : entry,
  );
  return { ...base, entries };
}

function layout(sources: Map<string, string>, shell: boolean): TarEntry[] {
  const folders = new Set<string>();
  for (const target of sources.keys()) {
    for (let parent = path.posix.dirname(target); parent !== '.'; parent = path.posix.dirname(parent))
      folders.add(parent);
  }
  return [
    ...[...folders].sort().map((folder) => ({ kind: 'folder' as const, path: folder, mode: 0o755 })),
    { kind: 'folder', path: 'tmp', mode: 0o1777 },
    { kind: 'folder', path: 'data', mode: 0o755, owner: NODE_USER },
    ...[...sources].map(([target, source]) => ({
      kind: 'file' as const,
      path: target,
      mode: target.startsWith('etc/') ? 0o644 : 0o755,
      source,
    })),
    ...(shell ? APPLETS : []).map((applet) => ({
      kind: 'link' as const,
      path: `bin/${applet}`,
      mode: 0o777,
      to: 'busybox',
    })),
  ];
}

/** The loader and the libraries of a binary, a path a line. */
async function neededLibraries(binary: string): Promise<string> {
  const { stdout } = await run('ldd', [binary]);
  if (stdout.includes('not found')) return '';
  const found = stdout.split('\n').flatMap((line) => /(?:=> |^\s+)(\/\S+) \(0x/.exec(line)?.[1] ?? []);
  const folders = new Set(found.map((library) => path.dirname(library)));
  for (const name of NAME_SERVICE) {
    const file = await firstThere([...folders].map((folder) => path.join(folder, name)));
    if (file !== null) found.push(file);
  }
  return [...new Set(found)].sort().join('\n');
}

async function isStatic(binary: string): Promise<string> {
  try {
    const { stdout } = await run('ldd', [binary]);
    return stdout.includes('=>') ? 'no' : 'yes';
  } catch {
    // ldd fails on what is no dynamic executable.
    return 'yes';
  }
}

async function isTool(name: string): Promise<boolean> {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  return (await firstThere(folders.map((folder) => path.join(folder, name)))) !== null;
}

async function firstThere(files: string[]): Promise<string | null> {
  for (const file of files) {
    try {
      await access(file);
      return file;
    } catch {
      // Try the next.
    }
  }
  return null;
}
