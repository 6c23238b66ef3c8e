import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeFrame, FRAME_BYTES_MAX, FrameDecoder } from './frames.ts';
import type { Frame, FrameHead } from './ports.ts';

const head: fc.Arbitrary<FrameHead> = fc.record(
  { t: fc.string({ unit: 'binary' }), id: fc.nat(), re: fc.nat(), more: fc.jsonValue() },
  { requiredKeys: ['t'] },
);
const frame = fc.record({ head, body: fc.uint8Array({ maxLength: 300 }) });

function chunked(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const at = [...cuts.map((cut) => cut % (bytes.length + 1)), 0, bytes.length].sort((a, b) => a - b);
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
}

describe('frames', () => {
  test('arrive as they were sent, however the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 8 }), fc.array(fc.nat(), { maxLength: 20 }), (frames, cuts) => {
        const stream = Buffer.concat(frames.map((one) => encodeFrame(one.head, one.body)));
        const decoder = new FrameDecoder();
        const arrived: Frame[] = chunked(stream, cuts).flatMap((chunk) => decoder.push(chunk));
        expect(arrived.map(plain)).toEqual(frames.map(plain));
      }),
    );
  });

  test('come out of a stream of single bytes', () => {
    const decoder = new FrameDecoder();
    const bytes = encodeFrame({ t: 'a', id: 1 }, Buffer.from('body'));
    const arrived = [...bytes, ...bytes].flatMap((byte) => decoder.push(Uint8Array.of(byte)));
    expect(arrived.map(plain)).toEqual([
      { head: { t: 'a', id: 1 }, body: [...Buffer.from('body')] },
      { head: { t: 'a', id: 1 }, body: [...Buffer.from('body')] },
    ]);
  });

  test('are refused by name when malformed, never otherwise', () => {
    const garbage = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      frame.map(({ head: h, body }) => encodeFrame(h, body)),
    );
    fc.assert(
      fc.property(garbage, fc.nat(), fc.nat({ max: 255 }), (bytes, at, byte) => {
        const damaged = Buffer.from(bytes);
        if (damaged.length > 0) damaged[at % damaged.length] = byte;
        try {
          new FrameDecoder().push(damaged);
        } catch (error) {
          expect(error).toMatchObject({ code: 'bad-request' });
        }
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ['shorter than its own fields', [0, 0, 0, 1, 0]],
    ['with a head longer than itself', [0, 0, 0, 4, 0, 9, 0x7b, 0x7d]],
    ['whose head is not JSON', [0, 0, 0, 4, 0, 2, 0x7b, 0x7b]],
    ['whose head is no object', [0, 0, 0, 4, 0, 2, 0x31, 0x32]],
    ['whose head has no type', [0, 0, 0, 4, 0, 2, 0x7b, 0x7d]],
  ])('%s are refused', (_, bytes) => {
    expect(() => new FrameDecoder().push(Uint8Array.from(bytes))).toThrow(
      expect.objectContaining({ code: 'bad-request' }),
    );
  });

  test('are refused by their announced length, before the bytes come', () => {
    const announced = Buffer.alloc(4);
    announced.writeUInt32BE(FRAME_BYTES_MAX + 1);
    expect(() => new FrameDecoder().push(announced)).toThrow(expect.objectContaining({ code: 'bad-request' }));
  });

  test('that are too large are not sent', () => {
    expect(() => encodeFrame({ t: 'a' }, new Uint8Array(FRAME_BYTES_MAX))).toThrow(
      expect.objectContaining({ code: 'too-large' }),
    );
    expect(() => encodeFrame({ t: 'a', text: 'x'.repeat(FRAME_BYTES_MAX) })).toThrow(
      expect.objectContaining({ code: 'too-large' }),
    );
  });

  test('with a head beyond 64 KiB arrive whole: a large task travels in it', () => {
    const large = { t: 'tasks', payload: 'x'.repeat(70_000) };
    expect(new FrameDecoder().push(encodeFrame(large)).map((one) => one.head)).toEqual([large]);
  });
});

/** As JSON would give it back. */
function plain({ head: h, body }: Frame): unknown {
  return { head: JSON.parse(JSON.stringify(h)), body: [...body] };
}
