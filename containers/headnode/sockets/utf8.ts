/** Where bytes may be cut without breaking a character of UTF-8. */

const LEAD_LENGTHS: readonly [mask: number, lead: number, length: number][] = [
  [0xe0, 0xc0, 2],
  [0xf0, 0xe0, 3],
  [0xf8, 0xf0, 4],
];

/** Bytes of a character at the end whose rest is still to come; 0 when there is none, or when it is no UTF-8 anyway. */
export function unfinishedBytes(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const length = LEAD_LENGTHS.find(([mask, lead]) => (byte & mask) === lead)?.[2] ?? 1;
    return length > back ? back : 0;
  }
  return 0;
}

/** The longest piece from the start, of at most `limit` bytes, that ends with a whole character. */
export function cutAt(bytes: Uint8Array, limit: number): Uint8Array {
  const piece = bytes.subarray(0, limit);
  return bytes.length > limit ? piece.subarray(0, piece.length - unfinishedBytes(piece)) : piece;
}

const strict = new TextDecoder('utf-8', { fatal: true });

export function isText(bytes: Uint8Array): boolean {
  try {
    strict.decode(bytes);
    return true;
  } catch {
    return false;
  }
}
