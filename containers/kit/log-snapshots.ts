/** Snapshot files of the durable log: CRC-32 of the rest (4 bytes, big endian), then the bytes. */
import { crc32 } from 'node:zlib';
import type { Disk, LogIndex } from './ports.ts';

const HEADER_BYTES = 4;

export function snapshotPath(folder: string, index: LogIndex): string {
  return `${folder}/${index}.snapshot`;
}

export function encodeSnapshot(bytes: Uint8Array): Uint8Array {
  const whole = Buffer.allocUnsafe(HEADER_BYTES + bytes.length);
  whole.writeUInt32BE(crc32(bytes), 0);
  whole.set(bytes, HEADER_BYTES);
  return whole;
}

/**
 * The newest sound snapshot; null when there is none. An older one stands in for a damaged newer
 * one; `damaged` when there are snapshots but none is sound.
 */
export async function readNewestSnapshot(
  disk: Disk,
  folder: string,
): Promise<{ index: LogIndex; bytes: Uint8Array } | null | 'damaged'> {
  const indexes = listIndexes(await disk.list(folder), '.snapshot').reverse();
  for (const index of indexes) {
    const whole = await disk.read(snapshotPath(folder, index));
    const view = Buffer.from(whole.buffer, whole.byteOffset, whole.byteLength);
    const bytes = view.subarray(HEADER_BYTES);
    if (view.length >= HEADER_BYTES && view.readUInt32BE(0) === crc32(bytes)) return { index, bytes };
  }
  return indexes.length === 0 ? null : 'damaged';
}

/** The numbers in file names like `12.log`, ascending. */
export function listIndexes(names: readonly string[], ending: string): LogIndex[] {
  return names
    .filter((name) => name.endsWith(ending) && /^\d+$/.test(name.slice(0, -ending.length)))
    .map((name) => Number(name.slice(0, -ending.length)))
    .sort((a, b) => a - b);
}
