import { expect, test } from 'vitest';
import { foreignPage } from './browser-origin.ts';

const host = '127.0.0.1:41000';

test.each([
  ['a program', { host }],
  ['a program inside the network', { host: 'master:8080' }],
  ['an address that was typed', { host, 'sec-fetch-site': 'none' }],
  ['a page of its own', { host, origin: `http://${host}`, 'sec-fetch-site': 'same-origin' }],
])('%s is answered', (_, headers) => {
  expect(foreignPage(headers)).toBeNull();
});

test.each([
  ['a form of another site', { host, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
  ['a picture on another site', { host, 'sec-fetch-site': 'cross-site' }],
  ['another port of this machine', { host, origin: 'http://127.0.0.1:3000', 'sec-fetch-site': 'same-site' }],
  ['a page without an origin', { host, origin: 'null', 'sec-fetch-site': 'cross-site' }],
  ['a name that leads here', { host: 'evil.example', origin: 'http://evil.example', 'sec-fetch-site': 'same-origin' }],
  ['such a name, without an origin', { host: 'evil.example', 'sec-fetch-site': 'same-origin' }],
  ['an old browser', { host, origin: 'http://evil.example' }],
])('%s is not', (_, headers) => {
  expect(foreignPage(headers)).not.toBeNull();
});
