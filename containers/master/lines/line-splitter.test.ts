import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LineSplitter } from './line-splitter.ts';
import type { Line } from './line-splitter.ts';

const BYTES_MAX = 20;
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** What comes of these packets. */
function read(packets: readonly Uint8Array[]): Line[] {
  const splitter = new LineSplitter(BYTES_MAX);
  return [...packets.flatMap((packet) => splitter.take(packet)), ...splitter.end()];
}

const texts = (lines: readonly Line[]): string[] => lines.map((line) => (line.kind === 'text' ? line.text : line.kind));

test('lines end with a newline, with or without a return before it, or with the connection', () => {
  expect(texts(read([encode('1+1\r\n\n año \nend')]))).toEqual(['1+1', '', ' año ', 'end']);
  expect(read([encode('')])).toEqual([]);
});

test('a line that is too long is told once, at once, and the next one is a line again', () => {
  const splitter = new LineSplitter(BYTES_MAX);
  expect(texts(splitter.take(encode('x'.repeat(BYTES_MAX))))).toEqual([]);
  expect(texts(splitter.take(encode('x')))).toEqual(['too-long']);
  expect(texts(splitter.take(encode('x'.repeat(100_000))))).toEqual([]);
  expect(texts(splitter.take(encode('xx\nnext\n')))).toEqual(['next']);
  expect(splitter.end()).toEqual([]);
});

test('what is no UTF-8 spoils its own line alone', () => {
  const bytes = Uint8Array.of(0xc3, 0x28, 0x0a, 0x6f, 0x6b, 0x0a, 0xe2, 0x82);
  expect(texts(read([bytes]))).toEqual(['not-utf8', 'ok', 'not-utf8']);
});

test('however the packets are cut, the lines are the same', () => {
  const line = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 12 }), fc.constant('x'.repeat(30)));
  const anything = fc.tuple(fc.array(line, { maxLength: 8 }), fc.uint8Array({ maxLength: 20 }));
  fc.assert(
    fc.property(anything, fc.array(fc.nat({ max: 400 })), ([given, rubbish], cuts) => {
      const bytes = Buffer.concat([encode(given.map((text) => `${text}\n`).join('')), rubbish]);
      const at = [...new Set([0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].sort((a, b) => a - b);
      const packets = at.slice(1).map((end, n) => Uint8Array.from(bytes.subarray(at[n], end)));
      expect(read(packets)).toEqual(read([bytes]));
    }),
  );
});
