/** Bytes of a value as text, and back. Base64 is how bytes travel between window and panel. */

export function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const binary = atob(base64);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at);
  return bytes;
}

const PART = 8_192;

export function base64Of(bytes: Uint8Array): string {
  let binary = '';
  for (let at = 0; at < bytes.length; at += PART) binary += String.fromCharCode(...bytes.subarray(at, at + PART));
  return btoa(binary);
}

const LINE_AND_TAB: ReadonlySet<number> = new Set([9, 10, 13]);

/** The text that the bytes are, or null when they are none: not UTF-8, or with control characters that no text has. */
export function textOf(bytes: Uint8Array): string | null {
  if (bytes.some((byte) => byte < 0x20 && !LINE_AND_TAB.has(byte))) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

export function isJsonType(contentType: string): boolean {
  return /^application\/(?:[\w.-]+\+)?json\b/i.test(contentType);
}

/** Rows of sixteen bytes: offset, hexadecimal, and the printable characters. */
export function hexRows(bytes: Uint8Array, first: number, count: number): string[] {
  const rows: string[] = [];
  for (let at = first * 16; at < Math.min(bytes.length, (first + count) * 16); at += 16) {
    const part = [...bytes.subarray(at, at + 16)];
    const hex = part.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const shown = part.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·')).join('');
    rows.push(`${at.toString(16).padStart(5, '0')}  ${hex.padEnd(47)}  ${shown}`);
  }
  return rows;
}
