import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesWithoutValue, decodeWrite, encodeWrite, pack, unpack } from './record-codec.ts';
import type { WriteFields } from './record-codec.ts';

const count = fc.nat(Number.MAX_SAFE_INTEGER);
const fields: fc.Arbitrary<WriteFields> = fc.record({
  shard: fc.nat(1_023),
  epoch: fc.nat(0xffff_ffff),
  seq: count,
  committed: count,
  key: fc.string({ unit: 'grapheme', maxLength: 40 }),
  version: count,
  isDelete: fc.boolean(),
  isCreation: fc.boolean(),
  contentType: fc.string({ unit: 'grapheme', maxLength: 20 }),
  opId: fc.string({ maxLength: 20 }),
  atMs: count,
  checksum: fc.nat(0xffff_ffff),
  value: fc.uint8Array({ maxLength: 200 }),
});

describe('a write', () => {
  test('comes back as it was, from its own bytes', () => {
    fc.assert(
      fc.property(fields, (write) => {
        const encoded = encodeWrite(write);
        const decoded = decodeWrite(encoded.bytes);
        expect([...decoded.bytes]).toEqual([...encoded.bytes]);
        for (const entry of [encoded, decoded]) {
          const names = Object.keys(write) as (keyof WriteFields)[];
          const seen = Object.fromEntries(names.map((name) => [name, entry[name]]));
          expect({ ...seen, value: [...entry.value] }).toEqual({ ...write, value: [...write.value] });
          expect(entry.valueBytes).toBe(write.value.length);
        }
      }),
    );
  });

  test('keeps a key that begins with a byte order mark', () => {
    const [some] = fc.sample(fields, 1);
    if (some === undefined) throw new Error('no sample');
    expect(decodeWrite(encodeWrite({ ...some, key: '\uFEFFa' }).bytes).key).toBe('\uFEFFa');
  });

  test('keeps its own copy of the value', () => {
    const value = new Uint8Array([1, 2, 3]);
    const [some] = fc.sample(fields, 1);
    if (some === undefined) throw new Error('no sample');
    const encoded = encodeWrite({ ...some, value });
    value.fill(9);
    expect([...encoded.value]).toEqual([1, 2, 3]);
  });

  test('that is cut, lengthened or of another format is refused', () => {
    fc.assert(
      fc.property(fields, fc.nat(), (write, where) => {
        const { bytes } = encodeWrite(write);
        expect(() => decodeWrite(bytes.subarray(0, where % bytes.length))).toThrow('no record');
        expect(() => decodeWrite(Uint8Array.from([...bytes, 0]))).toThrow('no record');
        expect(() => decodeWrite(Uint8Array.from([9, ...bytes.subarray(1)]))).toThrow('no record');
      }),
    );
  });
});

describe('packing', () => {
  test('gives the parts back', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 30 }), { maxLength: 10 }), (parts) => {
        expect(unpack(pack(parts))).toEqual(parts);
      }),
    );
  });

  test('refuses what does not add up', () => {
    const packed = pack([new Uint8Array(3)]);
    expect(() => unpack(packed.subarray(0, 6))).toThrow('no record');
    expect(() => unpack(packed.subarray(0, 2))).toThrow('no record');
  });
});

test('what is read from a Buffer, as frames and logs give them, has memory of its own', () => {
  const [some] = fc.sample(fields, 1);
  if (some === undefined) throw new Error('no sample');
  const write = encodeWrite({ ...some, value: new Uint8Array([1, 2, 3]) });
  const frame = Buffer.concat([Buffer.from('before'), pack([write.bytes, write.bytes])]).subarray(6);
  const [first] = unpack(frame).map(decodeWrite);
  if (first === undefined) throw new Error('nothing unpacked');
  frame.fill(0xff);
  expect(first.bytes).toEqual(write.bytes);
  const short = decodeWrite(bytesWithoutValue(first));
  expect([short.key, short.value.length]).toEqual([some.key, 0]);
  expect(first.bytes).toEqual(write.bytes);
});
