import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCsv } from './csv.ts';
import { FILE_FORMATS, fileEnd, filePage, fileStart, lotsOf, readRecordFile, type FileRecord } from './record-file.ts';
import { base64Of, bytesOf, hexRows, textOf } from './value-text.ts';

const encode = (text: string): string => base64Of(new TextEncoder().encode(text));
const reasons = (text: string, format: 'csv' | 'json') =>
  readRecordFile(text, format).map(({ line, refusal }) => [line, refusal?.message ?? null]);

describe('what was exported is imported as it was', () => {
  const value = fc.oneof(
    fc.uint8Array({ maxLength: 40 }).map((bytes) => base64Of(bytes)),
    fc.string({ unit: 'grapheme' }).map(encode),
    fc.constantFrom('{"n":12345678901234567890}', '{ "a": 1 }', '[1,2]', 'no json', '"text"', '').map(encode),
  );
  const record = fc.record({
    key: fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' }),
    version: fc.nat(),
    contentType: fc.constantFrom('text/plain', 'application/json', 'application/octet-stream', 'a/b; c="d, e"'),
    updatedAt: fc.constant('2026-11-26T00:00:00.000Z'),
    valueBase64: value,
  });
  test.each(FILE_FORMATS)('%s', (format) => {
    fc.assert(
      fc.property(fc.uniqueArray(record, { selector: ({ key }) => key, maxLength: 12 }), fc.nat(12), (records, cut) => {
        const pages: FileRecord[][] = [records.slice(0, cut), records.slice(cut)];
        const body = pages.map((page, at) => filePage(format, page, at === 0 || pages[0]?.length === 0)).join('');
        const rows = readRecordFile(fileStart(format) + body + fileEnd(format), format);
        const expected = records.map(({ key, contentType, valueBase64 }) => ({ key, contentType, valueBase64 }));
        expect(rows.map((row) => row.record)).toEqual(expected);
      }),
    );
  });
});

describe('csv', () => {
  test('quotes, commas and line ends in cells; lines are counted', () => {
    expect(parseCsv('\ufeffa,"b ""c"", d"\r\n\n"two\nlines",x\n""\n')).toEqual([
      { line: 1, cells: ['a', 'b "c", d'] },
      { line: 3, cells: ['two\nlines', 'x'] },
      { line: 5, cells: [''] },
    ]);
  });

  test('a quote that is never closed is refused with its line', () => {
    expect(() => parseCsv('key,value\na,"open\n')).toThrow('the quote on line 2 is never closed');
  });

  test('each bad row is refused in words, the good ones stay', () => {
    const file = [
      'value,key,encoding',
      'v,good,',
      'v,,text',
      'v,good,text',
      '***,bytes,base64',
      'v,enc,rot13',
      'v,short',
      `${'x'.repeat(300_000)},large,`,
    ];
    const found = reasons(file.join('\n'), 'csv');
    expect(found.map(([line]) => line)).toEqual([2, 3, 4, 5, 6, 7, 8]);
    expect(found[0]?.[1]).toBeNull();
    const words = ['is empty', 'already on line 2', 'not base64', 'rot13', '2 cells', '262144'];
    for (const [at, word] of words.entries()) expect(found[at + 1]?.[1]).toContain(word);
  });

  test('a file without the columns is refused as a whole', () => {
    expect(() => readRecordFile('name,content\na,b', 'csv')).toThrow('key and value');
    expect(() => readRecordFile('', 'csv')).toThrow('key and value');
  });
});

describe('json', () => {
  test('a list, or an object with one; values that are no text become JSON', () => {
    const [first, second] = readRecordFile('[{"key":"a","value":{"n":1}},{"key":"b","value":"t"}]', 'json');
    expect(first?.record).toEqual({ key: 'a', contentType: 'application/json', valueBase64: encode('{"n":1}') });
    expect(second?.record).toMatchObject({ contentType: 'text/plain; charset=utf-8', valueBase64: encode('t') });
  });

  test('bad rows and bad files', () => {
    expect(
      reasons('{"records":[null,{"key":1,"value":""},{"key":"a"}]}', 'json').map(([, why]) => why !== null),
    ).toEqual([true, true, true]);
    expect(() => readRecordFile('{"rows":[]}', 'json')).toThrow('records');
    expect(() => readRecordFile('{', 'json')).toThrow('not JSON');
  });
});

test('lots hold at most a thousand records, and no more than a message carries', () => {
  const rows = (count: number, size: number) =>
    readRecordFile(
      JSON.stringify(Array.from({ length: count }, (_, at) => ({ key: `k${at}`, value: 'x'.repeat(size) }))),
      'json',
    );
  expect(lotsOf(rows(2_100, 1)).map((lot) => lot.length)).toEqual([1_000, 1_000, 100]);
  expect(lotsOf(rows(12, 250_000)).map((lot) => lot.length)).toEqual([5, 5, 2]);
});

test('bytes as text and as hexadecimal', () => {
  expect([textOf(bytesOf(encode('héllo\n'))), textOf(Uint8Array.of(0xff)), textOf(Uint8Array.of(0))]).toEqual([
    'héllo\n',
    null,
    null,
  ]);
  const bytes = Uint8Array.from({ length: 20 }, (_, at) => at + 60);
  expect(hexRows(bytes, 1, 5)).toEqual([`00010  4c 4d 4e 4f${' '.repeat(36)}  LMNO`]);
});
