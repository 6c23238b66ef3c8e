/** Streams a list of files as a tar archive, with owners, modes and a fixed time, so that equal content is equal. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pack } from 'tar-stream';
import type { Pack } from 'tar-stream';

export type TarEntry = { path: string; mode: number; owner?: number } & (
  { kind: 'folder' } | { kind: 'link'; to: string } | { kind: 'text'; text: string } | { kind: 'file'; source: string }
);

const EPOCH = new Date(0);

/**
 * @param onBytes called with the bytes of each chunk of content when it was handed on
 * @returns the archive; a file that cannot be read ends it with an error
 */
export function tarOf(entries: readonly TarEntry[], onBytes: (bytes: number) => void): Readable {
  const archive = pack();
  writeAll(archive, entries, onBytes).then(
    () => archive.finalize(),
    (error: unknown) => archive.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  return Readable.from(archive, { objectMode: false });
}

/** Bytes of content that the files among the entries have together. */
export async function bytesOf(entries: readonly TarEntry[]): Promise<number> {
  let bytes = 0;
  for (const entry of entries) if (entry.kind === 'file') bytes += (await stat(entry.source)).size;
  return bytes;
}

async function writeAll(archive: Pack, entries: readonly TarEntry[], onBytes: (bytes: number) => void): Promise<void> {
  for (const entry of entries) {
    const owner = entry.owner ?? 0;
    const header = { name: entry.path, mode: entry.mode, uid: owner, gid: owner, mtime: EPOCH };
    switch (entry.kind) {
      case 'folder':
        archive.entry({ ...header, type: 'directory' });
        break;
      case 'link':
        archive.entry({ ...header, type: 'symlink', linkname: entry.to });
        break;
      case 'text':
        archive.entry(header, entry.text);
        break;
      case 'file': {
        const { size } = await stat(entry.source);
        const content = createReadStream(entry.source, { highWaterMark: 1024 * 1024 });
        content.on('data', (chunk) => onBytes(chunk.length));
        await pipeline(content, archive.entry({ ...header, size }));
      }
    }
  }
}
