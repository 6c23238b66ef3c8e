import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { curlLine, shellQuoted } from './curl.ts';

test('plain words stay plain, all others are quoted', () => {
  expect(['a/b:c', '', 'a b', "it's", '$HOME', '*', '-X'].map(shellQuoted)).toEqual([
    'a/b:c',
    "''",
    "'a b'",
    `'it'\\''s'`,
    "'$HOME'",
    "'*'",
    '-X',
  ]);
});

test('a shell reads any words back as they were', () => {
  const words = fc.array(
    fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\0', '')),
    { minLength: 1, maxLength: 8 },
  );
  fc.assert(
    fc.property(words, (all) => {
      const printed = execFileSync('sh', ['-c', `printf '%s\\0' ${all.map(shellQuoted).join(' ')}`]);
      expect(printed.toString().split('\0').slice(0, -1)).toEqual(all.map((word) => word.toWellFormed()));
    }),
    { numRuns: 25 },
  );
});

test('a request is one line', () => {
  expect(curlLine({ method: 'GET', url: 'http://127.0.0.1:1/records/a' })).toBe('curl -i http://127.0.0.1:1/records/a');
  expect(curlLine({ method: 'PUT', url: 'http://h/r', headers: { 'Content-Type': 'text/plain' }, body: '@file' })).toBe(
    "curl -i -X PUT http://h/r -H 'Content-Type: text/plain' --data-raw @file",
  );
});
