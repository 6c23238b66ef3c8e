/** The real file system behind the Disk port. */
import * as fs from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Disk, DiskFile } from './ports.ts';

/** So little is copied to the page cache sooner than the thread pool is asked to; only the sync waits for the disk. */
const WRITTEN_AT_ONCE_BYTES = 64 * 1024;

export const nodeDisk: Disk = {
  list: (folder) => readdir(folder),
  makeFolder: async (folder) => {
    await mkdir(folder, { recursive: true });
  },
  read: (path) => readFile(path),
  openForAppend: (path) =>
    new Promise((resolve, reject) => {
      fs.open(path, 'a', (error, descriptor) => (error === null ? resolve(fileOf(descriptor)) : reject(error)));
    }),
  async writeWhole(path, bytes) {
    const temporary = `${path}.tmp`;
    try {
      const handle = await open(temporary, 'w');
      try {
        await handle.writeFile(bytes);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(temporary, path);
    } catch (error) {
      // Half a file would only keep a full disk full.
      await rm(temporary, { force: true }).catch(() => {});
      throw error;
    }
    await syncFolder(dirname(path));
  },
  async truncate(path, length) {
    const handle = await open(path, 'r+');
    try {
      await handle.truncate(length);
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
  remove: (path) => rm(path),
  syncFolder,
};

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Callbacks instead of FileHandle: this is the path of every acknowledged write. */
function fileOf(descriptor: number): DiskFile {
  return {
    write: (bytes) =>
      bytes.length <= WRITTEN_AT_ONCE_BYTES
        ? writeNow(descriptor, bytes)
        : new Promise((resolve, reject) => writeAll(descriptor, bytes, resolve, reject)),
    sync: () =>
      new Promise((resolve, reject) => {
        fs.fdatasync(descriptor, (error) => (error === null ? resolve() : reject(error)));
      }),
    close: () =>
      new Promise((resolve, reject) => {
        fs.close(descriptor, (error) => (error ? reject(error) : resolve()));
      }),
  };
}

function writeNow(descriptor: number, bytes: Uint8Array): Promise<void> {
  try {
    for (let at = 0; at < bytes.length;) at += fs.writeSync(descriptor, bytes, at, bytes.length - at, null);
    return Promise.resolve();
  } catch (error) {
    return Promise.reject(error as Error);
  }
}

function writeAll(descriptor: number, bytes: Uint8Array, resolve: () => void, reject: (error: Error) => void): void {
  fs.write(descriptor, bytes, 0, bytes.length, null, (error, written) => {
    if (error !== null) reject(error);
    else if (written < bytes.length) writeAll(descriptor, bytes.subarray(written), resolve, reject);
    else resolve();
  });
}
