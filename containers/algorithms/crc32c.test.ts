import { expect, test } from 'vitest';
import { crc32c } from './crc32c.ts';

test.each([
  // RFC 3720, appendix B.4, and the customary check value.
  ['nothing', new Uint8Array(0), 0],
  ['123456789', new TextEncoder().encode('123456789'), 0xe306_9283],
  ['32 zeros', new Uint8Array(32), 0x8a91_36aa],
  ['32 ones', new Uint8Array(32).fill(0xff), 0x62a8_ab43],
  ['ascending', Uint8Array.from({ length: 32 }, (_, at) => at), 0x46dd_794e],
])('%s', (_, bytes, expected) => {
  expect(crc32c(bytes)).toBe(expected);
});

test('one flipped bit shows', () => {
  const bytes = new TextEncoder().encode('a record');
  const before = crc32c(bytes);
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = bytes.slice();
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(crc32c(flipped)).not.toBe(before);
  }
});
