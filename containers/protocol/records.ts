/** The record API (headnode, proxied by the master): shapes, bounds and key rules. */
import { z } from 'zod';
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

/** Answer of PUT /records/<key> (201 created, 200 replaced). `replicas` are in durable possession of it. */
export const recordPutAnswer = z.object({ key: z.string(), version: z.number(), replicas: z.array(z.string()) });
export type RecordPutAnswer = z.infer<typeof recordPutAnswer>;

export const recordSummary = z.object({
  key: z.string(),
  version: z.number(),
  size: z.number(),
  contentType: z.string(),
  updatedAt: z.string(),
  replicas: z.array(z.string()),
});
export type RecordSummary = z.infer<typeof recordSummary>;

export const recordListQuery = z.strictObject({
  prefix: z.string().default(''),
  /** Only keys behind this one, in the order of UTF-8 bytes. */
  after: z.string().default(''),
  limit: z.coerce.number().int().min(1).max(LIST_LIMIT_MAX).default(LIST_LIMIT_DEFAULT),
  values: z.enum(['true', 'false']).default('false'),
});

export const recordListAnswer = z.object({
  records: z.array(recordSummary.extend({ value: z.unknown().optional(), valueBase64: z.string().optional() })),
  /** Pass as `after` for the next page; null at the end. */
  next: z.string().nullable(),
});
export type RecordListAnswer = z.infer<typeof recordListAnswer>;

/** One record of a bulk write: `value` as text or JSON, or any bytes as `valueBase64`. */
export const bulkRecord = z.strictObject({
  key: z.string(),
  value: z.unknown().optional(),
  valueBase64: z.base64().optional(),
  contentType: z.string().optional(),
});
export const bulkBody = z.strictObject({ records: z.array(bulkRecord).min(1).max(BULK_RECORDS_MAX) });
export type BulkRecord = z.infer<typeof bulkRecord>;

/** One result a record, in the order of the request. */
export const bulkAnswer = z.object({
  results: z.array(
    z.object({
      key: z.string(),
      status: z.number(),
      version: z.number().optional(),
      replicas: z.array(z.string()).optional(),
      error: z.string().optional(),
      code: z.string().optional(),
      definite: z.boolean().optional(),
    }),
  ),
});
export type BulkResult = z.infer<typeof bulkAnswer>['results'][number];

const encoder = new TextEncoder();

/** Gives the key back when it is 1 to 512 bytes of UTF-8; throws bad-key otherwise. */
export function checkKey(key: string): string {
  if (!key.isWellFormed()) throw new OrreryError('bad-key', { reason: 'it is not UTF-8' });
  const bytes = key.length > KEY_BYTES_MAX ? key.length : encoder.encode(key).length;
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
