import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { zstdCompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { bundledBaseName, findBundledBase, unpackBase } from './bundled-base.ts';

const hash = 'a'.repeat(64);

function recipes(note: unknown, content: Buffer): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'orrery-base-'));
  mkdirSync(path.join(folder, 'base'));
  writeFileSync(path.join(folder, 'base/linux-amd64.json'), JSON.stringify(note));
  writeFileSync(path.join(folder, 'base', bundledBaseName('amd64')), content);
  return folder;
}

test('a base is found for its processor alone, and unpacked', async () => {
  const folder = recipes({ hash, bytes: 7 }, zstdCompressSync('content'));
  expect(await findBundledBase(folder, 'arm64')).toBeNull();
  const base = await findBundledBase(folder, 'amd64');
  expect(base).toMatchObject({ hash, bytes: 7 });
  let bytes = 0;
  expect(base && (await text(unpackBase(base, (more) => (bytes += more))))).toBe('content');
  expect(bytes).toBe(7);
});

test('a note that is not ours counts as no base, a damaged archive is an error', async () => {
  for (const note of [{}, { hash: '../..', bytes: 1 }, { hash, bytes: -1 }, 'x'])
    expect(await findBundledBase(recipes(note, Buffer.alloc(1)), 'amd64')).toBeNull();
  const damaged = await findBundledBase(recipes({ hash, bytes: 7 }, Buffer.from('no archive')), 'amd64');
  await expect(damaged && text(unpackBase(damaged, () => {}))).rejects.toThrow();
});
