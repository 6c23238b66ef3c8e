/** The record API (headnode, proxied by the master): shapes. Its bounds are in record-limits.ts. */
import { z } from 'zod';
import { BULK_RECORDS_MAX, LIST_LIMIT_DEFAULT, LIST_LIMIT_MAX } from './record-limits.ts';

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
  /** Only keys with this somewhere in them. */
  contains: z.string().default(''),
  /** Only keys behind this one, in the order of UTF-8 bytes. */
  after: z.string().default(''),
  limit: z.coerce.number().int().min(1).max(LIST_LIMIT_MAX).default(LIST_LIMIT_DEFAULT),
  /** `true`: text and JSON readable, the rest as base64; `base64`: the exact bytes of all. */
  values: z.enum(['true', 'false', 'base64']).default('false'),
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
export type BulkAnswer = z.infer<typeof bulkAnswer>;
export type BulkResult = z.infer<typeof bulkAnswer>['results'][number];
