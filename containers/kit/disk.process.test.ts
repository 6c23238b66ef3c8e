/** The durable log on a real file system. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { nodeDisk } from './disk.ts';
import { openLog } from './durable-log.ts';

let folder = '';
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'orrery-disk-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the real disk', () => {
  test('carries the log over many reopenings, segments, snapshots and truncations', async () => {
    const logFolder = join(folder, 'deep', 'log');
    const expected = new Map<number, string>();
    let snapshot = 0;
    for (let round = 1; round <= 5; round += 1) {
      const log = await openLog({ disk: nodeDisk, folder: logFolder, segmentBytesMax: 2_000 });
      const found = new Map<number, string>();
      await log.replay((entry, index) => found.set(index, Buffer.from(entry).toString()));
      expect(found).toEqual(new Map([...expected].filter(([index]) => index > snapshot)));
      const texts = Array.from({ length: 50 }, (_, n) => `round ${round} entry ${n}`);
      const indexes = await Promise.all(texts.map((text) => log.append([Buffer.from(text)])));
      indexes.forEach((index, n) => expected.set(index, texts[n] ?? ''));
      if (round === 3) {
        snapshot = log.lastIndex - 10;
        await log.writeSnapshot(snapshot, Buffer.from('the state'));
      }
      if (round === 4) {
        const index = log.lastIndex - 45;
        await log.truncateAfter(index);
        for (const known of expected.keys()) if (known > index) expected.delete(known);
      }
      await log.close();
    }
    const log = await openLog({ disk: nodeDisk, folder: logFolder });
    expect(Buffer.from((await log.readSnapshot())?.bytes ?? []).toString()).toBe('the state');
    expect(log.lastIndex).toBe(Math.max(...expected.keys()));
    await log.close();
  });

  test('says so when it is full', async () => {
    const file = await nodeDisk.openForAppend('/dev/full');
    await expect(file.write(Buffer.from('x'))).rejects.toMatchObject({ code: 'ENOSPC' });
    await file.close();
  });

  test('leaves nothing behind when a whole file cannot be written', async () => {
    const path = join(folder, 'target');
    await nodeDisk.makeFolder(path);
    await expect(nodeDisk.writeWhole(path, Buffer.from('x'))).rejects.toMatchObject({ code: 'EISDIR' });
    expect(readdirSync(folder)).toEqual(['target']);
    await nodeDisk.writeWhole(join(folder, 'other'), Buffer.from('x'));
    expect(existsSync(join(folder, 'other.tmp'))).toBe(false);
  });
});
