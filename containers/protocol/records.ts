/** The record API (headnode, proxied by the master): shapes, bounds and key rules. */
export const KEY_BYTES_MAX = 512;
export const VALUE_BYTES_MAX = 256 * 1024;
export const LIST_LIMIT_MAX = 1_000;
export const LIST_LIMIT_DEFAULT = 100;

/** Answer of PUT /records/<key> (201 created, 200 replaced). `replicas` are in durable possession of it. */
export type RecordPutAnswer = { key: string; version: number; replicas: string[] };

export type RecordSummary = {
  key: string;
  version: number;
  size: number;
  contentType: string;
  updatedAt: string;
  replicas: string[];
};

export type RecordListAnswer = {
  records: (RecordSummary & { value?: unknown; valueBase64?: string })[];
  /** Pass as `after` for the next page; null at the end. */
  next: string | null;
};
