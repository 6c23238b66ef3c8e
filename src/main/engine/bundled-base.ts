/**
 * The base image that packages bring along: for each processor a tar of its whole content, packed with
 * zstd, and its hash beside it (scripts/offline-base.ts makes both). So a first start needs no network,
 * whatever the machine runs: the content is for the engine, which is Linux everywhere.
 */
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { createZstdDecompress } from 'node:zlib';
import { z } from 'zod';

const note = z.strictObject({ hash: z.string().regex(/^[0-9a-f]{64}$/), bytes: z.number().int().positive() });

export type BundledBase = {
  /** Hash over all content, as docker-base.ts makes it. */
  hash: string;
  /** Size of the tar, unpacked. */
  bytes: number;
  file: string;
};

/** Name of the archive for a processor as Docker calls it (`amd64`); its note has `.json` in place of the ending. */
export const bundledBaseName = (architecture: string): string => `linux-${architecture}.tar.zst`;

/** The base for `architecture` below the recipes; null when this program came without one. */
export async function findBundledBase(recipesFolder: string, architecture: string): Promise<BundledBase | null> {
  const file = path.join(recipesFolder, 'base', bundledBaseName(architecture));
  try {
    const { hash, bytes } = note.parse(JSON.parse(await readFile(file.replace(/\.tar\.zst$/, '.json'), 'utf8')));
    await stat(file);
    return { hash, bytes, file };
  } catch {
    return null;
  }
}

/** Its tar. A damaged archive ends it with an error. */
export function unpackBase({ file }: BundledBase, onBytes: (bytes: number) => void): Readable {
  const packed = createReadStream(file, { highWaterMark: 1_048_576 });
  const tar = createZstdDecompress();
  packed.on('error', (error) => tar.destroy(error));
  tar.on('data', (chunk: Buffer) => onBytes(chunk.length));
  return packed.pipe(tar);
}
