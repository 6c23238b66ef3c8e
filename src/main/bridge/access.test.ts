import { expect, test } from 'vitest';
import { isLoopbackHost, isOwnOrigin } from '../../../containers/protocol/browser-origin.ts';
import { equalSecrets, readBearer, readCookie } from './access.ts';

test.each([
  ['127.0.0.1:4000', true],
  ['localhost', true],
  ['LOCALHOST:80', true],
  ['[::1]:9000', true],
  [undefined, false],
  ['', false],
  ['example.org:4000', false],
  ['127.0.0.1.example.org', false],
  ['localhost.example.org:4000', false],
  ['127.0.0.1:4000@example.org', false],
  ['127.0.0.1:4000, example.org', false],
])('host %s is loopback: %s', (host, expected) => {
  expect(isLoopbackHost(host)).toBe(expected);
});

test.each([
  ['http://127.0.0.1:4000', '127.0.0.1:4000', true],
  ['http://localhost:4000', '127.0.0.1:4000', false],
  ['http://127.0.0.1:4001', '127.0.0.1:4000', false],
  ['https://127.0.0.1:4000', '127.0.0.1:4000', false],
  ['null', '127.0.0.1:4000', false],
  [undefined, '127.0.0.1:4000', false],
  ['http://undefined', undefined, false],
])('origin %s at host %s is our own: %s', (origin, host, expected) => {
  expect(isOwnOrigin(origin, host)).toBe(expected);
});

test('a cookie is found among others, by its whole name', () => {
  expect(readCookie('xorrery_1=a; orrery_1=b; orrery_12=c', 'orrery_1')).toBe('b');
  expect(readCookie('orrery_12=c', 'orrery_1')).toBeNull();
  expect(readCookie(undefined, 'orrery_1')).toBeNull();
});

test('a bearer token is the one word after Bearer', () => {
  expect(readBearer('Bearer abc')).toBe('abc');
  expect(readBearer('Basic abc')).toBeNull();
  expect(readBearer('Bearer a b')).toBeNull();
});

test('secrets are equal when all of them is', () => {
  expect(equalSecrets('abc', 'abc')).toBe(true);
  expect(equalSecrets('ab', 'abc')).toBe(false);
  expect(equalSecrets('', 'abc')).toBe(false);
  expect(equalSecrets(null, 'abc')).toBe(false);
});
