import { expect, test } from 'vitest';
import { readPlainHead } from './plain-head.ts';

const GET = 'GET /tasks/a%20b?wait=5s HTTP/1.1\r\nHost: x';

test('reads what most clients send', () => {
  expect(readPlainHead(`${GET}\r\nX-Text: \t a, b \t\r\nConnection: Keep-Alive\r\nEmpty:`)).toEqual({
    method: 'GET',
    path: '/tasks/a%20b',
    search: 'wait=5s',
    lines: 'Host: x\r\nX-Text: \t a, b \t\r\nConnection: Keep-Alive\r\nEmpty:',
    headers: { host: 'x', 'x-text': 'a, b', connection: 'Keep-Alive', empty: '' },
    bodyBytes: 0,
  });
  expect(readPlainHead('POST / HTTP/1.1\r\nhost:x\r\nContent-Length: 65536')).toMatchObject({
    method: 'POST',
    path: '/',
    search: '',
    bodyBytes: 65_536,
  });
});

test('reads lines that came before only once, and others anew', () => {
  const before = readPlainHead('PUT /records/a HTTP/1.1\r\nHost: x\r\nContent-Length: 3');
  const again = readPlainHead('DELETE /records/b?c HTTP/1.1\r\nHost: x\r\nContent-Length: 3', before);
  expect(again).toMatchObject({ method: 'DELETE', path: '/records/b', search: 'c', bodyBytes: 3 });
  expect(again?.headers).toBe(before?.headers);
  const other = readPlainHead('PUT /records/a HTTP/1.1\r\nHost: x\r\nContent-Length: 4', before);
  expect(other).toMatchObject({ headers: { 'content-length': '4' }, bodyBytes: 4 });
});

test.each([
  'GET / HTTP/1.1',
  'GET / HTTP/1.0\r\nHost: x',
  'GET  / HTTP/1.1\r\nHost: x',
  'HEAD / HTTP/1.1\r\nHost: x',
  'PATCH / HTTP/1.1\r\nHost: x',
  'GET http://x/ HTTP/1.1\r\nHost: x',
  'GET * HTTP/1.1\r\nHost: x',
  'GET /a#b HTTP/1.1\r\nHost: x',
  'GET /a\u00e9 HTTP/1.1\r\nHost: x',
  `${GET}\r\nHost: y`,
  `${GET}\r\nTransfer-Encoding: chunked`,
  `${GET}\r\nExpect: 100-continue`,
  `${GET}\r\nUpgrade: websocket`,
  `${GET}\r\nConnection: close`,
  `${GET}\r\nConnection: keep-alive, upgrade`,
  `${GET}\r\nContent-Length: 65537`,
  `${GET}\r\nContent-Length: +1`,
  `${GET}\r\nContent-Length: 1\r\nContent-Length: 1`,
  `${GET}\r\nContent-Length: 1, 1`,
  `${GET}\r\nContent-Length:`,
  `${GET}\r\nContent-Length : 1`,
  `${GET}\r\n folded: x`,
  `${GET}\r\nX: a\nY: b`,
  `${GET}\nTransfer-Encoding: chunked`,
  `${GET}\r\nX: a\rb`,
  `${GET}\r\nX: a\u0000b`,
  `${GET}\r\nX: \u00e9`,
  `${GET}\r\n: x`,
  `${GET}\r\n__proto__: x`,
  `${GET}\r\nX: ${'y'.repeat(5_000)}`,
])('leaves %j to others', (text) => {
  expect(readPlainHead(text)).toBeNull();
});
