import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fileNameOf, readRendererFile } from './renderer-files.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'orrery-renderer-'));
  mkdirSync(path.join(folder, 'assets'));
  writeFileSync(path.join(folder, 'index.html'), '<meta nonce="__CSP_NONCE__"><script nonce="__CSP_NONCE__"></script>');
  writeFileSync(path.join(folder, 'assets', 'index-abc.js'), 'run()');
});
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  ['/', 'index.html'],
  ['/assets/index-abc.js', 'assets/index-abc.js'],
  ['/../package.json', null],
  ['/assets/../../package.json', null],
  ['/%2e%2e/package.json', null],
  ['/assets\\..\\..\\package.json', null],
  ['//etc/hosts.json', null],
  ['/.built-from', null],
  ['/assets/key.pem', null],
  ['/assets/', null],
  ['/a\0.js', null],
  ['index.html', null],
])('the path %j names the file %j', (urlPath, expected) => {
  expect(fileNameOf(urlPath)).toBe(expected);
});

test('a page carries one nonce in its policy and its text, another each time', async () => {
  const pages = await Promise.all([readRendererFile(folder, '/'), readRendererFile(folder, '/')]);
  const nonces = pages.map(({ body, headers }) => {
    const nonce = headers['Content-Security-Policy']?.match(/'nonce-([\w-]{22})'/)?.[1];
    expect(body).toBe(`<meta nonce="${nonce}"><script nonce="${nonce}"></script>`);
    expect(headers).toMatchObject({ 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-store' });
    return nonce;
  });
  expect(new Set(nonces).size).toBe(2);
});

test('the policy allows nothing unsafe and nothing foreign', async () => {
  const { headers } = await readRendererFile(folder, '/');
  const policy = headers['Content-Security-Policy'] ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toMatch(/unsafe|https?:|\*/);
});

test('an asset is kept by the browser, with its type', async () => {
  const { status, headers, body } = await readRendererFile(folder, '/assets/index-abc.js');
  expect({ status, text: body.toString() }).toEqual({ status: 200, text: 'run()' });
  expect(headers['Content-Type']).toBe('text/javascript; charset=utf-8');
  expect(headers['Cache-Control']).toContain('immutable');
});

test.each(['/absent.js', '/assets/absent.css', '/assets.js', '/../index.html'])('%s is not there', async (urlPath) => {
  expect((await readRendererFile(folder, urlPath)).status).toBe(404);
});
