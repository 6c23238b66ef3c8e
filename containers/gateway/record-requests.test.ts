import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkKey, compareKeys } from '../protocol/record-limits.ts';
import {
  bulkContent,
  contentTypeOf,
  keyOf,
  listQueryOf,
  opIdOf,
  preconditionOf,
  retryId,
  shownValue,
} from './record-requests.ts';

const wellFormed = fc.string({ unit: 'binary', minLength: 1, maxLength: 100 });

describe('keys', () => {
  test('are the same whether slashes are encoded or not', () => {
    fc.assert(
      fc.property(wellFormed, (key) => {
        expect(keyOf({ path: `/records/${encodeURIComponent(key)}` })).toBe(key);
        expect(keyOf({ path: `/records/${key.split('/').map(encodeURIComponent).join('/')}` })).toBe(key);
      }),
    );
  });

  test('are ordered as their bytes', () => {
    fc.assert(
      fc.property(wellFormed, wellFormed, (a, b) => {
        expect(Math.sign(compareKeys(a, b))).toBe(Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b))));
      }),
    );
  });

  test.each([
    ['', 'empty'],
    ['k'.repeat(513), '512'],
    ['é'.repeat(257), '512'],
    ['\ud800', 'UTF-8'],
  ])('%j is refused', (key, reason) => {
    expect(() => checkKey(key)).toThrow(reason);
  });
});

describe('conditions', () => {
  test.each([
    [{}, null],
    [{ 'if-match': '*' }, { match: 'any' }],
    [{ 'if-match': '"3"' }, { match: [3] }],
    [{ 'if-match': '"3", "4"' }, { match: [3, 4] }],
    [{ 'if-none-match': ' * ' }, { match: 'none' }],
  ])('%j', (headers, expected) => {
    expect(preconditionOf({ headers })).toEqual(expected);
  });

  test.each([
    [{ 'if-match': '3' }],
    [{ 'if-match': 'W/"3"' }],
    [{ 'if-match': '"x"' }],
    [{ 'if-none-match': '"1"' }],
    [{ 'if-match': '*', 'if-none-match': '*' }],
  ])('%j is refused', (headers) => {
    expect(() => preconditionOf({ headers })).toThrow('not valid');
  });
});

describe('ids of operations', () => {
  test('are those of the client, or unlike any other', () => {
    expect(opIdOf({ headers: { 'idempotency-key': 'order 17' } })).toBe('order 17');
    const made = new Set(Array.from({ length: 1_000 }, () => retryId()));
    expect(made.size).toBe(1_000);
    expect([...made].every((id) => id.startsWith('~'))).toBe(true);
  });

  test.each(['', '~x', 'a\nb', 'é', 'k'.repeat(201)])('%j is refused', (key) => {
    expect(() => opIdOf({ headers: { 'idempotency-key': key } })).toThrow('Idempotency-Key');
  });
});

test.each(['limit=0', 'limit=1.5', 'limit=', 'values=yes', 'unknown=1'])('query %s is refused', (query) => {
  expect(() => listQueryOf({ query: new URLSearchParams(query) })).toThrow('not valid');
});

test('a content type that could break the header is refused', () => {
  expect(contentTypeOf(undefined)).toBe('application/octet-stream');
  expect(() => contentTypeOf('text/plain\r\nX: y')).toThrow('Content-Type');
  expect(() => contentTypeOf('x'.repeat(256))).toThrow('Content-Type');
});

describe('contents', () => {
  test('come out of a list as they went into a bulk write', () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.string({ unit: 'binary' })), (value) => {
        const { value: bytes, contentType } = bulkContent({ key: 'k', value });
        expect(shownValue({ value: bytes, contentType })).toEqual({
          value: JSON.parse(JSON.stringify(value)) as unknown,
        });
      }),
    );
  });

  test('that are not what they say they are come as base64', () => {
    const value = Uint8Array.from([0xff, 0xfe]);
    for (const contentType of ['text/plain', 'application/json', 'image/png']) {
      expect(shownValue({ value, contentType })).toEqual({ valueBase64: '//4=' });
    }
    expect(shownValue({ value: Buffer.from('{'), contentType: 'application/json' })).toEqual({ valueBase64: 'ew==' });
  });

  test('need exactly one form, and must fit', () => {
    expect(() => bulkContent({ key: 'k' })).toThrow('either value or valueBase64');
    expect(() => bulkContent({ key: 'k', value: 1, valueBase64: 'AA==' })).toThrow('either value or valueBase64');
    expect(() => bulkContent({ key: 'k', value: 'x'.repeat(256 * 1024 + 1) })).toThrow('262144');
  });
});
