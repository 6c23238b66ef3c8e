/**
 * How entries lie in a segment: length (4 bytes), CRC-32 of the payload (4 bytes), payload; numbers
 * big endian. An empty entry does not exist: a tail of zeros, which a crash may leave, is none.
 */
import { crc32 } from 'node:zlib';

export const ENTRY_HEADER_BYTES = 8;
export const ENTRY_BYTES_MAX = 16 * 1024 * 1024;
/** Longest entry for which a damaged region is searched byte by byte. */
const SEARCHED_BYTES_MAX = 512 * 1024;

/** Bytes that the entries take in a segment. */
export function encodedBytes(entries: readonly Uint8Array[]): number {
  let total = 0;
  for (const entry of entries) total += ENTRY_HEADER_BYTES + entry.length;
  return total;
}

/** Writes entries into `target` at `offset`; returns the offset behind them. */
export function encodeEntries(entries: readonly Uint8Array[], target: Buffer, offset: number): number {
  let at = offset;
  for (const entry of entries) {
    target.writeUInt32BE(entry.length, at);
    target.writeUInt32BE(crc32(entry), at + 4);
    target.set(entry, at + ENTRY_HEADER_BYTES);
    at += ENTRY_HEADER_BYTES + entry.length;
  }
  return at;
}

/** The entry at `offset`, or null where there is no whole and sound one. */
export function readEntry(bytes: Buffer, offset: number, bytesMax = ENTRY_BYTES_MAX): Uint8Array | null {
  const start = offset + ENTRY_HEADER_BYTES;
  if (start > bytes.length) return null;
  const length = bytes.readUInt32BE(offset);
  if (length === 0 || length > bytesMax || start + length > bytes.length) return null;
  const entry = bytes.subarray(start, start + length);
  return crc32(entry) === bytes.readUInt32BE(offset + 4) ? entry : null;
}

export type Scan = { entries: number; soundBytes: number };

/** Reads entries from the start of a segment up to its end or the first damage. */
export function scanEntries(bytes: Buffer, visit?: (entry: Uint8Array, position: number) => void): Scan {
  let entries = 0;
  let offset = 0;
  for (;;) {
    const entry = readEntry(bytes, offset);
    if (entry === null) return { entries, soundBytes: offset };
    visit?.(entry, entries);
    entries += 1;
    offset += ENTRY_HEADER_BYTES + entry.length;
  }
}

/**
 * Whether a sound entry lies somewhere behind `offset`. Then the damage there is no torn tail (a
 * write cut short by a crash) but the loss of something that had been acknowledged.
 */
export function hasEntryBehind(bytes: Buffer, offset: number): boolean {
  for (let at = offset + 1; at + ENTRY_HEADER_BYTES < bytes.length; at += 1) {
    if (readEntry(bytes, at, SEARCHED_BYTES_MAX) !== null) return true;
  }
  return false;
}
