/**
 * Makes the base image that packages bring along (src/main/engine/bundled-base.ts) from this machine's Node
 * and C library, on Linux: build/base/linux-<processor>.tar.zst and its note. Usage: offline-base.ts [level],
 * the level of zstd, 1 to 19.
 */
import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress } from 'node:zlib';
import { bundledBaseName } from '../src/main/engine/bundled-base.ts';
import { planOfflineBase, stripped } from '../src/main/engine/docker-base.ts';
import { tarOf } from '../src/main/engine/tar-entries.ts';

/** Processors as Node and as Docker call them. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

const root = path.resolve(import.meta.dirname, '..');
const folder = path.join(root, 'build/base');
const cacheFolder = path.join(root, 'node_modules/.cache/orrery/base');
const level = Number(process.argv[2] ?? 19);
const architecture = ARCHITECTURES[process.arch];
if (architecture === undefined) throw new Error(`no base is made for ${process.arch}`);

const etcFolder = path.join(root, 'containers/base/etc');
const plan = await planOfflineBase({ nodeBinary: process.execPath, etcFolder, cacheFolder, withoutShell: true });
if (typeof plan === 'string') throw new Error(`no base can be made here: ${plan}`);
const { hash, entries } = await stripped(plan, cacheFolder);
await mkdir(folder, { recursive: true });
const file = path.join(folder, bundledBaseName(architecture));
const params = { [constants.ZSTD_c_compressionLevel]: level };
const tar = tarOf(entries, () => {});
let bytes = 0;
tar.on('data', (chunk: Buffer) => (bytes += chunk.length));
await pipeline(tar, createZstdCompress({ params }), createWriteStream(file));
await writeFile(file.replace(/\.tar\.zst$/, '.json'), `${JSON.stringify({ hash, bytes })}\n`);
console.log(`${file}: ${(bytes / 1e6).toFixed(0)} MB unpacked`);
