/** What an HTTP request for records says: key, conditions, content; each refused by name when it is wrong. */
import { randomBytes } from 'node:crypto';
import type { HttpRequest } from '../kit/http-types.ts';
import { OrreryError } from '../protocol/errors.ts';
import type { BulkRecord } from '../protocol/records.ts';
import {
  checkKey,
  CONTENT_TYPE_BYTES_MAX,
  CONTENT_TYPE_DEFAULT,
  IDEMPOTENCY_KEY_LENGTH_MAX,
  VALUE_BYTES_MAX,
} from '../protocol/record-limits.ts';
import { recordListQuery } from '../protocol/records.ts';
import type { ListRequest, Precondition } from '../protocol/store-messages.ts';
import type { WriteEntry } from '../protocol/record-codec.ts';

export const RECORDS_PATH = '/records/';

/** The key: everything behind /records/, percent-decoded, so that `a%2Fb` and `a/b` are one. */
export function keyOf({ path }: Pick<HttpRequest, 'path'>): string {
  const encoded = path.slice(RECORDS_PATH.length);
  let key: string;
  try {
    key = decodeURIComponent(encoded);
  } catch {
    throw new OrreryError('bad-key', { reason: 'it is not percent-encoded UTF-8' });
  }
  return checkKey(key);
}

/** If-Match and If-None-Match as a condition on the version; null when there is neither. */
export function preconditionOf({ headers }: Pick<HttpRequest, 'headers'>): Precondition | null {
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = headers;
  if (ifMatch !== undefined && ifNoneMatch !== undefined) {
    throw new OrreryError('bad-request', { reason: 'If-Match and If-None-Match exclude each other' });
  }
  if (ifNoneMatch !== undefined) {
    if (ifNoneMatch.trim() !== '*') throw new OrreryError('bad-request', { reason: 'If-None-Match can only be *' });
    return { match: 'none' };
  }
  if (ifMatch === undefined) return null;
  if (ifMatch.trim() === '*') return { match: 'any' };
  const versions = ifMatch.split(',').map((tag) => /^\s*"(\d{1,15})"\s*$/.exec(tag)?.[1]);
  if (versions.some((version) => version === undefined)) {
    throw new OrreryError('bad-request', { reason: 'If-Match must be * or versions in quotes, like "3"' });
  }
  return { match: versions.map(Number) };
}

/** The client's Idempotency-Key; without one, an id of our own, so that our retries apply once. */
export function opIdOf({ headers }: Pick<HttpRequest, 'headers'>): string {
  const given = headers['idempotency-key'];
  if (given === undefined) return retryId();
  const key = Array.isArray(given) ? given.join(',') : given;
  if (key.length === 0 || key.length > IDEMPOTENCY_KEY_LENGTH_MAX || !/^[\x21-\x7d][\x20-\x7e]*$/.test(key)) {
    const reason = `Idempotency-Key must be 1 to ${IDEMPOTENCY_KEY_LENGTH_MAX} printable ASCII characters, not beginning with ~`;
    throw new OrreryError('bad-request', { reason });
  }
  return key;
}

let retryPrefix = '';
let retries = 0;

/** Unique in this cluster's life; drawing randomness once a process is enough. */
export function retryId(): string {
  if (retryPrefix === '') retryPrefix = `~${randomBytes(9).toString('base64url')}`;
  retries += 1;
  return `${retryPrefix}.${retries.toString(36)}`;
}

export function contentTypeOf(given: string | undefined): string {
  if (given === undefined || given.trim() === '') return CONTENT_TYPE_DEFAULT;
  if (given.length > CONTENT_TYPE_BYTES_MAX || !/^[\x20-\x7e]+$/.test(given)) {
    throw new OrreryError('bad-request', {
      reason: `Content-Type must be at most ${CONTENT_TYPE_BYTES_MAX} printable ASCII characters`,
    });
  }
  return given.trim();
}

export type ListQuery = Omit<ListRequest, 't' | 'shards'> & { isExact: boolean };

/** `isExact`: values are wanted as their bytes. */
export function listQueryOf({ query }: Pick<HttpRequest, 'query'>): ListQuery {
  const parsed = recordListQuery.safeParse(Object.fromEntries(query));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const reason =
      issue === undefined
        ? 'the query is not valid'
        : `${issue.path.map(String).join('.') || 'query'}: ${issue.message}`;
    throw new OrreryError('bad-request', { reason });
  }
  const { prefix, contains, after, limit, values } = parsed.data;
  return { prefix, contains, after, limit, withValues: values !== 'false', isExact: values === 'base64' };
}

/** A record of a bulk write as bytes and type. Text stays text; anything else becomes JSON. */
export function bulkContent(record: BulkRecord): { key: string; value: Uint8Array; contentType: string } {
  const key = checkKey(record.key);
  const { value, valueBase64, contentType } = record;
  if ((value === undefined) === (valueBase64 === undefined)) {
    throw new OrreryError('unprocessable', { reason: 'a record has either value or valueBase64' });
  }
  const content = contentOf(value, valueBase64, contentType);
  if (content.value.length > VALUE_BYTES_MAX) throw new OrreryError('too-large', { limit: VALUE_BYTES_MAX });
  return { key, ...content };
}

function contentOf(
  value: unknown,
  valueBase64: string | undefined,
  given: string | undefined,
): { value: Uint8Array; contentType: string } {
  if (valueBase64 !== undefined)
    return { value: Buffer.from(valueBase64, 'base64'), contentType: contentTypeOf(given) };
  if (typeof value === 'string' && !isJson(given ?? '')) {
    return { value: Buffer.from(value, 'utf8'), contentType: contentTypeOf(given ?? 'text/plain; charset=utf-8') };
  }
  return { value: Buffer.from(JSON.stringify(value), 'utf8'), contentType: contentTypeOf(given ?? 'application/json') };
}

/** A stored value in a list: as JSON or text where its type says so and it is, else as base64. */
export function shownValue(
  entry: Pick<WriteEntry, 'value' | 'contentType'>,
): { value: unknown } | { valueBase64: string } {
  const bytes = Buffer.from(entry.value.buffer, entry.value.byteOffset, entry.value.byteLength);
  const isText = entry.contentType.startsWith('text/');
  if (isText || isJson(entry.contentType)) {
    const text = utf8(bytes);
    if (text !== null && isText) return { value: text };
    if (text !== null) {
      try {
        return { value: JSON.parse(text) as unknown };
      } catch {
        // It says that it is JSON and is not: its bytes are the truth.
      }
    }
  }
  return exactValue(entry);
}

export function exactValue({ value }: Pick<WriteEntry, 'value'>): { valueBase64: string } {
  return { valueBase64: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64') };
}

function utf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

function isJson(contentType: string): boolean {
  return /^application\/(?:[\w.-]+\+)?json\b/i.test(contentType);
}
