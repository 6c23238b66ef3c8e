/**
 * The image that all nodes start from, in two layers: a base (Node and its libraries) that is made
 * once, and the role bundles on top, so that a change of code is a second's work. Each is tagged and
 * labelled with the hash of its content; what is there already is not made again.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { OrreryError } from '../../../containers/protocol/errors.ts';
import { ROLES } from '../../../containers/protocol/roles.ts';
import type { ImageState, PrepareProgress, PrepareStep } from './engine.ts';
import type { DockerClient } from './docker-engine-client.ts';
import { dockerError } from './docker-errors.ts';
import { findBundledBase, unpackBase, type BundledBase } from './bundled-base.ts';
import { planOfflineBase, stripped } from './docker-base.ts';
import type { OfflineBase } from './docker-base.ts';
import { followProgress, PullBytes } from './docker-progress.ts';
import { sha256OfFile } from './file-facts.ts';
import { bytesOf, tarOf } from './tar-entries.ts';
import type { TarEntry } from './tar-entries.ts';

const BASE_PULLED = 'node:24-slim';
/** An older image of ours than this is removed when a new one is made. Younger ones may be about to be used. */
const OLD_AFTER_MS = 24 * 3_600_000;

export type ImageOptions = {
  client: DockerClient;
  /** Labels of images begin with it, and their names are made from it: `dev.orrery`. */
  labelPrefix: string;
  bundlesFolder: string;
  /** containers/: the Dockerfiles and base/etc. */
  recipesFolder: string;
  cacheFolder: string;
  /** A Linux Node for the offline base; null: none here. */
  nodeBinary: string | null;
  /** A pull that shows no progress for so long is given up. */
  pullStallMs: number;
};

type Report = (progress: PrepareProgress) => void;
type Base = { hash: string; plan: OfflineBase | BundledBase | null; whyNotOffline: string };

/**
 * Makes the image if it is not there.
 * @returns its tag
 * @throws image-build-failed, engine-unavailable
 */
export async function makeImage(options: ImageOptions, report: Report): Promise<string> {
  try {
    report({ step: 'check', done: 0, total: null });
    const base = await planBase(options);
    const bundles = await rolesContext(options);
    const hash = sha256(`${base.hash}\n${bundles.hash}`);
    const tag = `${repositoryOf(options)}:${hash.slice(0, 12)}`;
    if (!(await exists(options, 'roles', hash))) {
      const from = await makeBase(options, base, report);
      await buildRoles(options, { from, tag, hash, entries: bundles.entries }, report);
      await removeOld(options, [base.hash, hash]);
    }
    report({ step: 'ready', done: 1, total: 1 });
    return tag;
  } catch (thrown) {
    const error = thrown instanceof OrreryError ? thrown : buildError(thrown);
    if (error.code !== 'engine-failed') throw error;
    throw new OrreryError('image-build-failed', { reason: String(error.details['reason']) }, { cause: thrown });
  }
}

/**
 * Whether the image that a start would use is there already, and its size; of one that is not, the size of
 * what would have to be made or pulled first, where that is known.
 */
export async function findImage(options: ImageOptions): Promise<ImageState> {
  const base = await planBase(options);
  const { hash } = await rolesContext(options);
  const [roles] = await imagesOf(options, 'roles', sha256(`${base.hash}\n${hash}`));
  if (roles !== undefined) return { present: true, bytes: roles.Size };
  const [known] = await imagesOf(options, 'base', base.hash);
  if (known !== undefined) return { present: false, bytes: 0 };
  if (base.plan === null) return { present: false, bytes: null };
  return { present: false, bytes: 'file' in base.plan ? base.plan.bytes : await bytesOf(base.plan.entries) };
}

/** Removes all images labelled ours that nothing uses; returns how many. */
export async function removeImages(options: ImageOptions, olderThanMs = 0, keep: string[] = []): Promise<number> {
  const { client, labelPrefix } = options;
  const images = await client.ask(client.docker.listImages({ filters: { label: [`${labelPrefix}.image`] } }));
  // Roles before bases, as an image that another is built on cannot go.
  images.sort((a, b) => b.Created - a.Created);
  let removed = 0;
  for (const image of images) {
    const hash = image.Labels?.[`${labelPrefix}.hash`] ?? '';
    if (keep.includes(hash) || Date.now() - image.Created * 1_000 < olderThanMs) continue;
    for (const name of image.RepoTags?.filter((tag) => tag !== '<none>:<none>') ?? [image.Id]) {
      try {
        await client.ask(client.docker.getImage(name).remove());
        removed += 1;
      } catch (error) {
        // In use by a container that is not ours, or gone meanwhile: both leave nothing to do.
        if (dockerError(error).code === 'engine-unavailable') throw error;
      }
    }
  }
  return removed;
}

function removeOld(options: ImageOptions, keep: string[]): Promise<number> {
  return removeImages(options, OLD_AFTER_MS, keep);
}

/** Files missing here are a failed build too, not a lost engine. */
function buildError(thrown: unknown): OrreryError {
  const code: unknown = thrown instanceof Error ? Reflect.get(thrown, 'syscall') : null;
  const lost = code === 'connect' || code === 'read' || code === 'write';
  if (lost) return dockerError(thrown);
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  return new OrreryError('image-build-failed', { reason }, { cause: thrown });
}

async function planBase(options: ImageOptions): Promise<Base> {
  const { nodeBinary, recipesFolder, cacheFolder } = options;
  const { Os, Arch } = await options.client.ask(options.client.docker.version());
  const bundled = Os === 'linux' ? await findBundledBase(recipesFolder, Arch) : null;
  if (bundled !== null) return { hash: bundled.hash, plan: bundled, whyNotOffline: '' };
  const plan =
    nodeBinary === null
      ? 'there is no Linux Node on this machine'
      : await planOfflineBase({ nodeBinary, cacheFolder, etcFolder: path.join(recipesFolder, 'base/etc') });
  if (typeof plan !== 'string') return { hash: plan.hash, plan, whyNotOffline: '' };
  return { hash: await sha256OfFile(path.join(recipesFolder, 'base/Dockerfile')), plan: null, whyNotOffline: plan };
}

async function rolesContext(options: ImageOptions): Promise<{ hash: string; entries: TarEntry[] }> {
  const recipe = await readFile(path.join(options.recipesFolder, 'Dockerfile'), 'utf8');
  const entries: TarEntry[] = [
    { kind: 'text', path: 'Dockerfile', mode: 0o644, text: recipe },
    { kind: 'text', path: 'roles/package.json', mode: 0o644, text: '{"type":"module"}' },
  ];
  for (const role of ROLES) {
    const text = await readFile(path.join(options.bundlesFolder, `${role}.mjs`), 'utf8');
    entries.push({ kind: 'text', path: `roles/${role}`, mode: 0o644, text });
  }
  return { hash: sha256(JSON.stringify(entries)), entries };
}

/** Makes the base if it is not there: from this machine's Node, else from the official image. Returns its tag. */
async function makeBase(options: ImageOptions, base: Base, report: Report): Promise<string> {
  const tag = `${repositoryOf(options)}-base:${base.hash.slice(0, 12)}`;
  if (await exists(options, 'base', base.hash)) return tag;
  const { whyNotOffline } = base;
  const plan = base.plan;
  if (plan && 'file' in plan) {
    await importBase(options, base.hash, unpackBase(plan, counter('base', plan.bytes, report)), tag);
  } else if (plan && (await sameProcessor(options.client))) {
    report({ step: 'strip', done: 0, total: 1 });
    const { entries } = await stripped(plan, options.cacheFolder);
    await importBase(options, base.hash, tarOf(entries, counter('base', await bytesOf(entries), report)), tag);
  } else {
    await pullBase(options, whyNotOffline === '' ? 'the engine runs on another processor' : whyNotOffline, report);
    await buildPulledBase(options, base.hash, tag, report);
  }
  return tag;
}

async function importBase(options: ImageOptions, hash: string, tar: Readable, tag: string): Promise<void> {
  const { client, labelPrefix } = options;
  const [repo, version] = tag.split(':');
  const changes = [`LABEL ${labelPrefix}.image=base ${labelPrefix}.hash=${hash}`, 'ENV PATH=/usr/local/bin:/bin'];
  const answer = await client.ask(client.docker.importImage(tar, { repo, tag: version, changes }), {
    limitMs: 120_000,
  });
  await followProgress(answer, () => undefined);
}

async function pullBase(options: ImageOptions, whyNotOffline: string, report: Report): Promise<void> {
  const { client, pullStallMs } = options;
  const stall = new AbortController();
  let timer = setTimeout(() => stall.abort(), pullStallMs);
  const bytes = new PullBytes();
  try {
    const answer = await client.docker.pull(BASE_PULLED, { abortSignal: stall.signal });
    await followProgress(answer, (line) => {
      clearTimeout(timer);
      timer = setTimeout(() => stall.abort(), pullStallMs);
      report({ step: 'pull', ...bytes.add(line) });
    });
  } catch (thrown) {
    const words = thrown instanceof Error ? thrown.message : String(thrown);
    const failure = stall.signal.aborted ? `no progress for ${pullStallMs} ms` : words;
    throw new OrreryError(
      'image-build-failed',
      { reason: `${BASE_PULLED} could not be pulled (${failure}), and no base can be made here: ${whyNotOffline}` },
      { cause: thrown },
    );
  } finally {
    clearTimeout(timer);
  }
}

async function buildPulledBase(options: ImageOptions, hash: string, tag: string, report: Report): Promise<void> {
  const text = await readFile(path.join(options.recipesFolder, 'base/Dockerfile'), 'utf8');
  await build(options, [{ kind: 'text', path: 'Dockerfile', mode: 0o644, text }], {
    t: tag,
    labels: imageLabels(options, 'base', hash),
  }).then((answer) => followProgress(answer, () => report({ step: 'base', done: 0, total: null })));
}

type RolesImage = { from: string; tag: string; hash: string; entries: TarEntry[] };

async function buildRoles(options: ImageOptions, image: RolesImage, report: Report): Promise<void> {
  const answer = await build(options, image.entries, {
    t: image.tag,
    buildargs: { BASE: image.from },
    labels: imageLabels(options, 'roles', image.hash),
  });
  await followProgress(answer, (line) => {
    const step = /^Step (\d+)\/(\d+)/.exec(line.stream ?? '');
    if (step) report({ step: 'image', done: Number(step[1]) - 1, total: Number(step[2]) });
  });
}

function build(
  options: ImageOptions,
  entries: TarEntry[],
  build: Docker.ImageBuildOptions,
): Promise<NodeJS.ReadableStream> {
  const { docker, ask } = options.client;
  // Intermediate containers are removed whether the build succeeds or not.
  const answer = docker.buildImage(
    tarOf(entries, () => undefined),
    { rm: true, forcerm: true, ...build },
  );
  return ask(answer, { limitMs: 120_000 });
}

function imageLabels(options: ImageOptions, kind: 'base' | 'roles', hash: string): Record<string, string> {
  return { [`${options.labelPrefix}.image`]: kind, [`${options.labelPrefix}.hash`]: hash };
}

async function exists(options: ImageOptions, kind: 'base' | 'roles', hash: string): Promise<boolean> {
  return (await imagesOf(options, kind, hash)).length > 0;
}

async function imagesOf(options: ImageOptions, kind: 'base' | 'roles', hash: string): Promise<Docker.ImageInfo[]> {
  const { docker, ask } = options.client;
  const label = Object.entries(imageLabels(options, kind, hash)).map(([key, value]) => `${key}=${value}`);
  const images = await ask(docker.listImages({ filters: { label } }));
  return images.filter((image) => image.RepoTags?.some((tag) => tag.includes(hash.slice(0, 12))));
}

async function sameProcessor(client: DockerClient): Promise<boolean> {
  const { Arch, Os } = await client.ask(client.docker.version());
  const ours = { x64: 'amd64', arm64: 'arm64' }[String(process.arch)];
  return Os === 'linux' && Arch === ours;
}

function counter(step: PrepareStep, total: number, report: Report): (bytes: number) => void {
  let done = 0;
  return (bytes) => {
    done += bytes;
    report({ step, done, total });
  };
}

function repositoryOf(options: ImageOptions): string {
  return options.labelPrefix.replace(/^[^.]*\./, '');
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
