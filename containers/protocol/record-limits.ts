/** Bounds and key rules of records, apart from the schemas so that the window needs no schema library. */
import { OrreryError } from './errors.ts';

export const KEY_BYTES_MAX = 512;
export const VALUE_BYTES_MAX = 256 * 1024;
export const CONTENT_TYPE_BYTES_MAX = 255;
export const IDEMPOTENCY_KEY_LENGTH_MAX = 200;
export const LIST_LIMIT_MAX = 1_000;
export const LIST_LIMIT_DEFAULT = 100;
export const BULK_RECORDS_MAX = 1_000;
/** Whole body of a bulk write. */
export const BULK_BYTES_MAX = 16 * 1024 * 1024;
export const CONTENT_TYPE_DEFAULT = 'application/octet-stream';

const encoder = new TextEncoder();

/** Gives the key back when it is 1 to 512 bytes of UTF-8; throws bad-key otherwise. */
export function checkKey(key: string): string {
  if (!key.isWellFormed()) throw new OrreryError('bad-key', { reason: 'it is not UTF-8' });
  // A unit of the string is at most three bytes: few keys have to be encoded to be measured.
  const isPlain = key.length > KEY_BYTES_MAX || 3 * key.length <= KEY_BYTES_MAX;
  const bytes = isPlain ? key.length : encoder.encode(key).length;
  if (bytes === 0) throw new OrreryError('bad-key', { reason: 'it is empty' });
  if (bytes > KEY_BYTES_MAX) throw new OrreryError('bad-key', { reason: `it has more than ${KEY_BYTES_MAX} bytes` });
  return key;
}

/** The order of lists: as the UTF-8 bytes of the keys compare, which is not how JavaScript compares. */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const left = a.charCodeAt(at);
    const right = b.charCodeAt(at);
    if (left === right) continue;
    const isLeftPair = left >= 0xd800 && left <= 0xdfff;
    const isRightPair = right >= 0xd800 && right <= 0xdfff;
    // Half of a surrogate pair stands for a code point above all others, whatever its own number.
    return isLeftPair === isRightPair ? left - right : isLeftPair ? 1 : -1;
  }
  return a.length - b.length;
}
