/** Inputs of the calls about records and the store that holds them. */
import { z } from 'zod';
import { BULK_RECORDS_MAX, LIST_LIMIT_MAX } from '../../containers/protocol/record-limits.ts';
import { bulkRecord } from '../../containers/protocol/records.ts';

const key = z.string().min(1).max(2_048);
const version = z.number().int().min(0);

/** `ifVersion`: only if this version is there, or (`absent`) none. */
export const recordWrite = z.strictObject({
  key,
  value: z.string().max(1_048_576),
  encoding: z.enum(['text', 'base64']).default('text'),
  contentType: z.string().max(1_000).default('text/plain; charset=utf-8'),
  ifVersion: version.or(z.literal('absent')).nullable().default(null),
});
export type RecordWrite = z.infer<typeof recordWrite>;

export const recordDelete = z.strictObject({ key, ifVersion: version.nullable().default(null) });

/** A page in key order. `values`: with the bytes of each, as `valueBase64`. */
export const recordQuery = z.strictObject({
  prefix: z.string().max(512),
  /** Only keys with this somewhere in them. */
  contains: z.string().max(512).default(''),
  after: z.string().nullable(),
  limit: z.number().int().min(1).max(LIST_LIMIT_MAX),
  values: z.boolean().default(false),
});
export type RecordQuery = z.infer<typeof recordQuery>;

export const recordKeys = z.strictObject({ keys: z.array(key).min(1).max(100) });
export const recordBulk = z.strictObject({ records: z.array(bulkRecord).min(1).max(BULK_RECORDS_MAX) });

/** A record as it was read. */
export type RecordContent = {
  key: string;
  version: number;
  contentType: string;
  /** To the second, as HTTP tells it. */
  updatedAt: string;
  replicas: string[];
  valueBase64: string;
};
