import { describe, expect, test } from 'vitest';
import { ResponseReader } from './response-reader.ts';

/** Feeds a response in pieces of `size` bytes through one buffer that keeps rests of what was read before. */
function read(text: string, options: { size?: number; keepBody?: boolean; isHead?: boolean } = {}) {
  const { size = text.length, keepBody = true, isHead = false } = options;
  const reader = new ResponseReader({ keepBody, isHead });
  const buffer = Buffer.alloc(4_096, 'HTTP/1.1 500 Old\r\n\r\n');
  const bytes = Buffer.from(text, 'latin1');
  const states: string[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    const length = bytes.copy(buffer, 0, at, Math.min(bytes.length, at + size));
    states.push(reader.push(buffer, length));
  }
  return { reader, last: states.at(-1), early: states.slice(0, -1) };
}

const FIXED = 'HTTP/1.1 201 Created\r\nContent-Length: 5\r\nETag: "1"\r\n\r\nhello';
const CHUNKED =
  'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5;name=x\r\nhello\r\n10\r\n0123456789abcdef\r\n0\r\nTrailer: yes\r\n\r\n';

describe('response reader', () => {
  test.each([
    ['a body of known length', FIXED, 201],
    ['a chunked body', CHUNKED, 200],
    ['no body', 'HTTP/1.1 204 No Content\r\nConnection: keep-alive\r\n\r\n', 204],
    ['an interim answer first', `HTTP/1.1 100 Continue\r\n\r\n${FIXED}`, 201],
  ])('reads %s, however it is cut', (_, text, status) => {
    for (const size of [1, 2, 3, 7, 16, text.length]) {
      const { reader, last, early } = read(text, { size });
      expect({ size, last, status: reader.status }).toEqual({ size, last: 'done', status });
      expect(early.every((state) => state === 'more')).toBe(true);
      expect(reader.keepAlive).toBe(true);
    }
  });

  test('keeps the body on demand, and begins anew', () => {
    const { reader } = read(FIXED, { size: 9 });
    expect(reader.body).toBe('hello');
    reader.reset();
    expect(reader.push(Buffer.from('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n'), 45)).toBe('done');
    expect([reader.status, reader.body]).toEqual([404, '']);
    expect(read(FIXED, { keepBody: false }).reader.body).toBe('');
  });

  test('knows when a connection does not live on', () => {
    expect(read('HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n').reader.keepAlive).toBe(false);
    expect(read('HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n').reader.keepAlive).toBe(false);
    const { reader, last } = read('HTTP/1.1 200 OK\r\n\r\nall until the end');
    expect([last, reader.end(), reader.keepAlive]).toEqual(['more', 'done', false]);
    expect(read(FIXED.slice(0, -1)).reader.end()).toBe('bad');
  });

  test('expects no body after HEAD', () => {
    expect(read('HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n', { isHead: true }).last).toBe('done');
  });

  test.each([
    'SSH-2.0-OpenSSH\r\n\r\n',
    'HTTP/1.1 banana\r\n\r\n',
    `${FIXED}more`,
    'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
  ])('refuses %j', (text) => expect(read(text).last).toBe('bad'));
});
