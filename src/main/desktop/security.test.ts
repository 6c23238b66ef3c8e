import { expect, test } from 'vitest';
import { decideOpen, isOwnPage, isPermitted, isTrustedSender } from './security.ts';

test.each([
  ['app://ui/', true],
  ['app://ui/assets/index.js', true],
  ['app://ui/#nodes', true],
  ['app://other/', false],
  ['app://ui.example/', false],
  ['app://user@ui/', false],
  ['http://ui/', false],
  ['file:///etc/passwd', false],
  ['https://example.org/?app://ui/', false],
  ['javascript:alert(1)', false],
  ['', false],
])('%s is our page: %s', (address, expected) => {
  expect(isOwnPage(address)).toBe(expected);
});

test.each([
  ['https://example.org/', 'ask'],
  ['http://127.0.0.1:5000/docs', 'ask'],
  ['file:///etc/passwd', 'deny'],
  ['javascript:alert(1)', 'deny'],
  ['smb://host/share', 'deny'],
  ['app://ui/', 'deny'],
  ['nonsense', 'deny'],
])('a new window for %s: %s', (address, expected) => {
  expect(decideOpen(address)).toBe(expected);
});

test('only our page may write to the clipboard, and nothing else is permitted', () => {
  expect(isPermitted('clipboard-sanitized-write', 'app://ui/')).toBe(true);
  expect(isPermitted('clipboard-sanitized-write', 'https://example.org/')).toBe(false);
  for (const permission of ['clipboard-read', 'geolocation', 'media', 'notifications', 'openExternal', 'usb']) {
    expect(isPermitted(permission, 'app://ui/')).toBe(false);
  }
});

test('only the top frame of our page is trusted', () => {
  expect(isTrustedSender({ url: 'app://ui/', parent: null })).toBe(true);
  expect(isTrustedSender({ url: 'app://ui/', parent: {} })).toBe(false);
  expect(isTrustedSender({ url: 'https://example.org/', parent: null })).toBe(false);
  expect(isTrustedSender(null)).toBe(false);
});
