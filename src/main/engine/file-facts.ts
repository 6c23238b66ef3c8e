/**
 * Facts about big files that cost time to find out (their hash, the libraries they need), kept in a
 * cache file by path, size and time of change, so that a warm start asks only for those.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';

const shape = z.record(z.string(), z.string());

export class FileFacts {
  #cacheFile: string;
  #facts: Record<string, string>;
  #changed = false;

  private constructor(cacheFile: string, facts: Record<string, string>) {
    this.#cacheFile = cacheFile;
    this.#facts = facts;
  }

  /** @param cacheFolder where the facts are kept; an unreadable cache is an empty one */
  static async open(cacheFolder: string): Promise<FileFacts> {
    const cacheFile = path.join(cacheFolder, 'file-facts.json');
    try {
      return new FileFacts(cacheFile, shape.parse(JSON.parse(await readFile(cacheFile, 'utf8'))));
    } catch {
      return new FileFacts(cacheFile, {});
    }
  }

  /** The fact `name` of `file`, found out by `find` if the file is new or has changed. */
  async of(name: string, file: string, find: (file: string) => Promise<string>): Promise<string> {
    const { size, mtimeMs } = await stat(file);
    const key = `${name}:${file}:${size}:${mtimeMs}`;
    const known = this.#facts[key];
    if (known !== undefined) return known;
    const found = await find(file);
    this.#facts[key] = found;
    this.#changed = true;
    return found;
  }

  sha256(file: string): Promise<string> {
    return this.of('sha256', file, sha256OfFile);
  }

  /** Writes what was found out; a cache that cannot be written only costs time. */
  async save(): Promise<void> {
    if (!this.#changed) return;
    try {
      await mkdir(path.dirname(this.#cacheFile), { recursive: true });
      const draft = `${this.#cacheFile}.${process.pid}`;
      await writeFile(draft, JSON.stringify(this.#facts, null, 1));
      await rename(draft, this.#cacheFile);
      this.#changed = false;
    } catch {
      // Next time it is found out again.
    }
  }
}

export async function sha256OfFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 1024 * 1024 }), hash);
  return hash.digest('hex');
}
